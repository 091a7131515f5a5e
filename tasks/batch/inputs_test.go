package batch

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// found are the items of inputs, by their IDs.
func found(t *testing.T, names ...string) []string {
	t.Helper()
	var ids []string
	for item, err := range inputs(t, names...).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, item.ID)
	}
	return ids
}

func inputs(t *testing.T, names ...string) *Inputs {
	t.Helper()
	loader := &images.Loader{}
	t.Cleanup(func() { _ = loader.Close() })
	return &Inputs{Names: names, Split: loader.Names}
}

// folderOf makes a folder with files in it, and what they have.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "photos")
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A name that is no text is one item, also in the next run.
func TestNamesThatAreNoText(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has names that are no text")
	}
	dir := folderOf(t, map[string]string{"a\xff.png": "", "a\xfe.png": "", "b\n\x1b[2J.png": ""})
	if got, want := found(t, dir), []string{`photos/a\xfe.png`, `photos/a\xff.png`, "photos/b\n\x1b[2J.png"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	path := filepath.Join(t.TempDir(), "out.jsonl")
	for _, want := range []int{3, 0} {
		_, sum, err := do(t, t.Context(), path, &Work{Items: inputs(t, dir).All(t.Context())}, echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil }))
		if err != nil || sum.Answered != want {
			t.Errorf("%+v, %v", sum, err)
		}
	}
}

func TestJobLines(t *testing.T) {
	t.Parallel()
	item, err := parseJob([]byte(`{"id": 1, "image": "a.png", "ID": "another", "Image": "b.png", "Prompt": "why?"}`), ".")
	if err != nil || item.ID != "1" || !slices.Equal(item.Images, []string{"a.png"}) || item.Job.Prompt != nil {
		t.Errorf("%+v, %v", item, err)
	}
	if own := string(item.Own); own != `{"ID":"another","Image":"b.png","Prompt":"why?"}` {
		t.Error(own)
	}
	for line, says := range map[string]string{
		"{\"id\": \"caf\xe9\"}":                "not UTF-8",
		`{"id": "a", "id": "b"}`:               `two members "id"`,
		`{"id": "a"} {"id": "b"}`:              "something follows",
		`{"id": "a`:                            "no end",
		`["a"]`:                                "no JSON object",
		`{"id": ["a"]}`:                        "neither a text nor a number",
		`{"id": "a", "max_tokens": 1.5}`:       "max_tokens",
		`{"id": "a", "image": "-"}`:            "standard input",
		`{"custom_id": "a", "body": {"n": 2}}`: "no messages",
	} {
		if _, err := parseJob([]byte(line), "."); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// Of all that lies in a folder the pictures are meant, also by a pattern that leaves open how
// their names end; and never what a batch has written beside them.
func TestWhatIsFound(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{
		"b.png": "", "a.JPG": "", "more/c.webp": "", ".hidden/d.png": "", ".e.png": "",
		"a.JPG.txt": "", "a.JPG.xmp": "", "out.jsonl": "x", "out.jsonl.lock": "", "out.jsonl.sidecars": "", "out.csv": "", "out.csv.jsonl": "x", "scan.dat": "",
		"jobs/1.jsonl": `{"id": "one"}`, "jobs/2.jsonl": `{"id": "two"}`,
	})
	if runtime.GOOS != "windows" {
		for link, to := range map[string]string{"loop": dir, "more/up": "..", "z.png": "b.png", "gone.png": "nowhere.png"} {
			if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
				t.Fatal(err)
			}
		}
	} else if err := os.WriteFile(filepath.Join(dir, "z.png"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"":             "photos/a.JPG photos/b.png photos/more/c.webp photos/z.png",
		"*":            "a.JPG b.png z.png",
		"*.*":          "a.JPG b.png z.png",
		"**/*":         "a.JPG b.png more/c.webp z.png",
		"*.png":        "b.png z.png",
		"*.dat":        "scan.dat",
		"jobs/*.jsonl": "one two",
	} {
		var got []string
		for _, id := range found(t, filepath.Join(dir, filepath.FromSlash(name))) {
			got = append(got, strings.TrimPrefix(id, filepath.ToSlash(dir)+"/"))
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%q means %q", name, got)
		}
	}
}
