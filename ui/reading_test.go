package ui

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/sessions"
)

// An answer with everything in it, as terminals of all kinds get it.
func TestReading(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("markdown/testdata/everything.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, look := range []struct {
		name    string
		dark    bool
		profile colorprofile.Profile
	}{
		{"dark", true, colorprofile.TrueColor},
		{"light", false, colorprofile.TrueColor},
		{"sixteen", true, colorprofile.ANSI},
		{"sixteen-light", false, colorprofile.ANSI},
		{"none", true, colorprofile.ASCII},
	} {
		for _, width := range []int{80, 40} {
			name := fmt.Sprintf("reading-%s-%d", look.name, width)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a := &answer{}
				a.add(string(source))
				a.end(answered)
				lines := a.draw(frame{width: width, styles: newStyles(look.dark, look.profile, ansi.GraphemeWidth)})
				for _, line := range lines {
					if n := ansi.StringWidth(line); n > width {
						t.Errorf("%q is %d cells wide", line, n)
					}
				}
				var got bytes.Buffer
				w := colorprofile.Writer{Forward: &got, Profile: look.profile}
				if _, err := w.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
					t.Fatal(err)
				}
				compare(t, filepath.Join("testdata", name+".golden"), got.String())
			})
		}
	}
}

// What a question says is not markdown.
func TestQuestionsStayAsTyped(t *testing.T) {
	t.Parallel()
	q := &question{text: "What do *these* mean: `a`, # b?"}
	lines := q.draw(frame{width: 60, styles: newStyles(true, colorprofile.ASCII, ansi.WcWidth)})
	if got, want := ansi.Strip(strings.Join(lines, "\n")), bar+q.text; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What is over is read as a whole, also when it was kept: what never ended is text.
func TestKeptAnswersAreOver(t *testing.T) {
	t.Parallel()
	f := frame{width: 60, styles: newStyles(true, colorprofile.ASCII, ansi.WcWidth)}
	for _, state := range []sessions.State{sessions.Whole, sessions.Failed, sessions.Partial} {
		a := answerFrom(&sessions.Message{Role: sessions.Assistant, State: state, Parts: []sessions.Part{{Text: "Round **and"}}}, false)
		if got := ansi.Strip(a.draw(f)[0]); got != "  Round **and" {
			t.Errorf("%v: %q", state, got)
		}
	}
}
