package images

import (
	"context"
	"errors"
	"image"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// saved puts a small PNG into a folder of its own and returns its path.
func saved(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, pngOf(t, image.NewGray(image.Rect(0, 0, 2, 3))), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadAPathAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	path := filepath.ToSlash(saved(t, "my cat (1) 100%.png"))
	lead := ""
	if runtime.GOOS == "windows" {
		lead = "/"
	}
	url := "file://" + lead + strings.NewReplacer("%", "%25", " ", "%20").Replace(path)
	written := map[string]string{
		"plain": path, "spaces around": "  " + path + "\n", "double quotes": `"` + path + `"`,
		"single quotes": " '" + path + "' ", "url": url, "url with host": strings.Replace(url, "file:///", "FILE://localhost/", 1),
	}
	if runtime.GOOS != "windows" {
		written["backslashes"] = strings.NewReplacer(" ", `\ `, "(", `\(`, ")", `\)`).Replace(path)
	}
	for how, source := range written {
		p, err := Load(t.Context(), source, Limits{})
		if err != nil {
			t.Errorf("%s: %v", how, err)
		} else if p.Source != source || p.Width != 2 || p.Height != 3 || len(p.SHA256) != 64 {
			t.Errorf("%s: %+v", how, p)
		}
	}
}

func TestLoadFromHome(t *testing.T) {
	path := saved(t, "cat.png")
	t.Setenv("HOME", filepath.Dir(path))
	t.Setenv("USERPROFILE", filepath.Dir(path))
	if _, err := Load(t.Context(), "~/cat.png", Limits{}); err != nil {
		t.Error(err)
	}
	if _, err := Load(t.Context(), "~cat.png", Limits{}); err == nil {
		t.Error("another person's home was taken for one's own")
	}
}

// A file may be called what looks like decoration.
func TestLoadPrefersTheNameAsItIs(t *testing.T) {
	t.Parallel()
	path := saved(t, "'quoted'.png'")
	if _, err := Load(t.Context(), path, Limits{}); err != nil {
		t.Error(err)
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, nothing := filepath.Join(dir, "notes.png"), filepath.Join(dir, "nothing.png")
	for name, content := range map[string]string{text: "some words", nothing: ""} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		source string
		lim    Limits
		reason Reason
		says   string
	}{
		{filepath.Join(dir, "absent.png"), Limits{}, Missing, "no such file"},
		{filepath.Join(text, "below-a-file.png"), Limits{}, Missing, "no such file"},
		{"ftp://example.org/a.png", Limits{}, Missing, "begin with http://"},
		{"", Limits{}, Missing, "no picture"},
		{dir, Limits{}, Directory, "folder"},
		{text, Limits{}, NotPicture, "text"},
		{nothing, Limits{}, Empty, "0 bytes"},
		{text, Limits{Bytes: 4}, TooLarge, "too large"},
		{"with\x00zero", Limits{}, Unreadable, "cannot be read"},
	}
	for _, c := range cases {
		_, err := Load(t.Context(), c.source, c.lim)
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.reason || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v", c.source, err)
		}
	}
}

func TestLoadIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Load(ctx, saved(t, "cat.png"), Limits{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// endless never stops.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestLoadStdin(t *testing.T) {
	t.Parallel()
	f, err := os.Open(saved(t, "cat.png"))
	if err != nil {
		t.Fatal(err)
	}
	l := &Loader{Stdin: f}
	if p, err := l.Load(t.Context(), "-"); err != nil || len(p) != 1 || p[0].Width != 2 || p[0].Source != "standard input" {
		t.Error(p, err)
	}
	if _, err := l.Load(t.Context(), "-"); reasonOf(err) != Missing || !strings.Contains(err.Error(), "read already") {
		t.Error(err)
	}
	if _, err := (&Loader{}).Load(t.Context(), "-"); reasonOf(err) != Missing {
		t.Error(err)
	}
	if _, err := (&Loader{Stdin: strings.NewReader("")}).Load(t.Context(), "-"); reasonOf(err) != Empty || !strings.Contains(err.Error(), "nothing came") {
		t.Error(err)
	}
	if _, err := (&Loader{Stdin: endless{}, Limits: Limits{Bytes: 1000}}).Load(t.Context(), "-"); reasonOf(err) != TooLarge {
		t.Error(err)
	}
	f.Close()
	if _, err := (&Loader{Stdin: f}).Load(t.Context(), "-"); reasonOf(err) != Unreadable {
		t.Error(err)
	}
}

// silent is a stream from which nothing comes until it is closed.
type silent chan struct{}

func (s silent) Read([]byte) (int, error) { <-s; return 0, io.EOF }

func TestLoadStdinIsCancelled(t *testing.T) {
	t.Parallel()
	stdin := make(silent)
	defer close(stdin)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := (&Loader{Stdin: stdin}).Load(ctx, "-"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func reasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}
