package tasks

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
)

// A file of several pictures has all of them before those of the next, and the question
// is behind all: the prompt's own, where an example has none.
func TestExamples(t *testing.T) {
	t.Parallel()
	load := func(_ context.Context, source string) ([]*images.Picture, error) {
		if filepath.ToSlash(source) == "/x/scan.pdf" {
			return []*images.Picture{{Source: "page 1"}, {Source: "page 2"}}, nil
		}
		return []*images.Picture{{Source: filepath.ToSlash(source)}}, nil
	}
	all, err := Examples(t.Context(), prompts.Filled{
		Template: &prompts.Template{File: "/x/paid.md", Examples: []prompts.Example{
			{Pictures: []string{"scan.pdf", "stamp.png"}, Answer: "Paid."},
			{Question: "And this?", Answer: "No."},
		}},
		Text: "Is it paid?",
	}, load)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		for _, p := range m.Parts {
			if p.Picture != nil {
				got = append(got, p.Picture.Source)
			} else {
				got = append(got, string(m.Role)+": "+p.Text)
			}
		}
	}
	if want := []string{"page 1", "page 2", "/x/stamp.png", "user: Is it paid?", "assistant: Paid.", "user: And this?", "assistant: No."}; !slices.Equal(got, want) {
		t.Errorf("the parts are %q, want %q", got, want)
	}
}

// A picture of an example that is not there is an error of the template, with its line, and
// of the picture.
func TestExampleWithoutItsPicture(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shot.md")
	if err := os.WriteFile(file, []byte("+++\n\n[[examples]]\npictures = [\"gone.png\"]\nanswer = \"x\"\n+++\nWhat?"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := prompts.Load(filepath.Dir(file)).Find("shot")
	if err != nil {
		t.Fatal(err)
	}
	filled, _ := p.Fill(nil)
	_, err = Examples(t.Context(), filled, (&images.Loader{}).Load)
	var picture *images.Error
	if want := file + ":3: example 1 can't be shown: " + filepath.Join(filepath.Dir(file), "gone.png") + ": no such file"; err == nil || err.Error() != want || !errors.As(err, &picture) {
		t.Errorf("%v, want %s", err, want)
	}
}
