package sessions

import (
	"errors"
	"os"
	"runtime"
	"testing"
)

func TestThumbnails(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	ctx := t.Context()
	p := picture("a.png", "a picture")
	if err := s.SaveThumbnail(ctx, p.SHA256, []byte("too early")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Thumbnail(p.SHA256); !errors.Is(err, ErrNotFound) {
		t.Errorf("a picture that is not kept has one: %v", err)
	}
	add(t, s, "one", question(0, "What?", p))
	if err := s.SaveThumbnail(ctx, p.SHA256, []byte("small")); err != nil {
		t.Fatal(err)
	}
	if data, err := s.Thumbnail(p.SHA256); err != nil || string(data) != "small" {
		t.Errorf("%q, %v", data, err)
	}
	if info, err := os.Stat(s.thumbnailFile(p.SHA256)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info, err)
	}
	if err := s.Remove(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Thumbnail(p.SHA256); !errors.Is(err, ErrNotFound) {
		t.Errorf("it outlives its picture: %v", err)
	}
	// One that is left behind is found.
	if err := writeWhole(s.thumbnailFile(p.SHA256), []byte("small")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Tidy(ctx, CopiesStay, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Thumbnail(p.SHA256); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is not tidied up: %v", err)
	}
	for _, name := range []string{"", "../../etc/passwd", "ab"} {
		if _, err := s.Thumbnail(name); err == nil {
			t.Errorf("%q has a thumbnail", name)
		}
	}
}
