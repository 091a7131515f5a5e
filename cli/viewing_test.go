package cli

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/images"
)

// A picture is opened from its file as long as that is the same and nothing but a
// picture, and otherwise from one that is private and does not outlive the chat.
func TestViewing(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "tinyvlm", "samples", "scene-12.png"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	same, program := write("same picture.png", data), write("picture.desktop", data)
	changed := write("changed.png", append(data[:len(data)-1:len(data)-1], data[len(data)-1]^1))
	var opened string
	v := newViewing()
	v.opener = func(_ context.Context, path string) error { opened = path; return nil }
	show := func(source string) string {
		t.Helper()
		p, err := images.Decode(source, data, images.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.show(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		return opened
	}
	for _, source := range []string{same, "'" + same + "'", "file://" + strings.ReplaceAll(filepath.ToSlash(same), " ", "%20")} {
		if got := show(source); runtime.GOOS != "windows" && got != same {
			t.Errorf("%q: opened %q in place of %q", source, got, same)
		}
	}
	for _, source := range []string{program, changed, filepath.Join(folder, "gone.png"), "https://example.org/a.png", "clipboard"} {
		got := show(source)
		if got == source || filepath.Ext(got) != ".png" {
			t.Errorf("%q: opened %q", source, got)
		}
		info, err := os.Stat(got)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%q: %v %v", source, info, err)
		}
		p, err := images.Decode(got, mustRead(t, got), images.Limits{})
		if err != nil || p.Width == 0 {
			t.Errorf("%q: %v", source, err)
		}
	}
	v.close()
	if _, err := os.Stat(opened); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", opened, err)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
