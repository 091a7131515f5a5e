package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Either side of a shot's = may have others in it.
func TestReadShot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a.png", "a.png=b.png", "doc#1.png", "x=1.png"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("as the file says\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for written, want := range map[string]shot{
		"D/a.png=red":              {"D/a.png", "red"},
		"D/a.png=b.png=red":        {"D/a.png=b.png", "red"},
		"D/a.png=c=d":              {"D/a.png", "c=d"},
		"D/x=1.png=y=2":            {"D/x=1.png", "y=2"},
		"D/x=1.png#2=y=2":          {"D/x=1.png#2", "y=2"},
		"D/x=1.png#t=12s=y=2":      {"D/x=1.png#t=12s", "y=2"},
		"D/doc#1.png=red":          {"D/doc#1.png", "red"},
		"D/x=*.png=all":            {"D/x=*.png", "all"},
		"D/none.png=c=d":           {"D/none.png", "c=d"},
		"http://x.org/a?b=1=red":   {"http://x.org/a?b=1", "red"},
		"-=red":                    {"-", "red"},
		"D/a.png=@D/a.png":         {"D/a.png", "as the file says"},
		"D/a.png=@@home":           {"D/a.png", "@home"},
		"D/a.png=two\nlines = two": {"D/a.png", "two\nlines = two"},
	} {
		written, want.source = strings.ReplaceAll(written, "D/", dir+"/"), strings.ReplaceAll(want.source, "D/", dir+"/")
		if got, err := readShot(written); got != want || err != nil {
			t.Errorf("%s is %q, %v", written, got, err)
		}
	}
	for _, written := range []string{"", "=", "=red", dir + "/a.png", dir + "/a.png= ", "http://x.org/a"} {
		if got, err := readShot(written); err == nil {
			t.Errorf("%q is taken: %q", written, got)
		}
	}
}

// Nothing of what was written is lost.
func FuzzReadShot(f *testing.F) {
	f.Add("a.png=red")
	f.Add("http://a?b=c=d")
	f.Add("a=b#1=~[x=*")
	f.Fuzz(func(t *testing.T, written string) {
		if strings.Contains(written, "=@") || strings.ContainsAny(written, "/*?[") {
			t.Skip("files would be read, or patterns look at many")
		}
		if s, err := readShot(written); err == nil && s.source+"="+s.answer != written {
			t.Fatalf("%q is %q", written, s)
		}
	})
}
