package images

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree makes empty files in a folder of their own, and returns it.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestGlob(t *testing.T) {
	t.Parallel()
	dir := tree(t, "img10.png", "img2.png", "img1.png", ".hidden.png", "notes.txt", "a/x.png", "a/b/y.png", "a/.git/z.png", "folder.png/x.gif", "[1].png")
	tests := []struct{ pattern, want string }{
		{"*.png", "[1].png img1.png img2.png img10.png"},
		{"img?.png", "img1.png img2.png"},
		{"img[12].png", "img1.png img2.png"},
		{"img[!1].png", "img2.png"},
		{"img[^1].png", "img2.png"},
		{".*.png", ".hidden.png"},
		{"*/*.png", "a/x.png"},
		{"**/*.png", "[1].png a/b/y.png a/x.png img1.png img2.png img10.png"},
		{"**/**/y.png", "a/b/y.png"},
		{"a/**", "a/b/y.png a/x.png"},
		{"**/b/*", "a/b/y.png"},
		{"*", "[1].png img1.png img2.png img10.png notes.txt"},
		{"x*", ""}, {"absent/*.png", ""}, {"img1.png/*", ""}, {"img[.png", ""},
	}
	for _, c := range tests {
		found, err := Glob(t.Context(), filepath.Join(escapedForGlob(dir), c.pattern))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, path := range found {
			name, err := filepath.Rel(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, filepath.ToSlash(name))
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.pattern, got, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Glob(ctx, filepath.Join(dir, "**/*.png")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// escapedForGlob is a test's folder as a part of a pattern.
func escapedForGlob(dir string) string {
	return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(dir)
}

func TestNaturally(t *testing.T) {
	t.Parallel()
	want := []string{"", "-", "1", "01", "2", "2a", "10", "10.png", "a", "a1", "a01b", "a1c", "a2", "a99999999999999999999999", "b"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, naturally)
	for i := range want {
		for j := range want {
			if a, b := naturally(want[i], want[j]), naturally(want[j], want[i]); (a < 0) != (b > 0) || (a == 0) != (i == j) {
				t.Errorf("%q and %q: %d, and %d the other way", want[i], want[j], a, b)
			}
		}
	}
	if len(got) != len(want) || got[2] != "01" && got[2] != "1" || !slices.Equal(got[4:7], want[4:7]) {
		t.Errorf("%q", got)
	}
}

func TestLoadAPattern(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	small, err := os.ReadFile(saved(t, "x.png"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("2.png", small)
	write("10.png", small)
	write("notes.txt", []byte("some words"))
	write("words.gif", []byte("some words"))
	var l Loader
	var notes []string
	ctx := Listen(t.Context(), Listener{Note: func(text string) { notes = append(notes, text) }})
	load := func(pattern string) (string, error) {
		all, err := l.Load(ctx, filepath.Join(dir, pattern))
		var names []string
		for _, p := range all {
			names = append(names, filepath.Base(p.Source))
		}
		return strings.Join(names, " "), err
	}
	if got, err := load("*.png"); err != nil || got != "2.png 10.png" || notes != nil {
		t.Error(got, err, notes)
	}
	// What asks for no kind of file leaves out those that are no pictures, and
	// says so.
	if got, err := load("*"); err != nil || got != "2.png 10.png" || len(notes) != 1 || !strings.Contains(notes[0], "notes.txt") || !strings.Contains(notes[0], "words.gif") {
		t.Error(got, err, notes)
	}
	if _, err := load("*.gif"); reasonOf(err) != NotPicture || !strings.Contains(err.Error(), "words.gif: not a picture") {
		t.Error(err)
	}
	if _, err := load("*.bmp"); reasonOf(err) != NoMatch || !strings.Contains(err.Error(), "no file matches") {
		t.Error(err)
	}
	if _, err := load("n*"); reasonOf(err) != NoMatch || !strings.Contains(err.Error(), "notes.txt") {
		t.Error(err)
	}
	if _, err := load("*.png#2"); reasonOf(err) != BadSelection {
		t.Error(err)
	}
	// A file of just this name is no pattern.
	write("[2].png", small)
	if got, err := load("[2].png"); err != nil || got != "[2].png" {
		t.Error(got, err)
	}
	for i := range MaxPictures + 1 {
		write("many"+strings.Repeat("x", i)+".jpg", small)
	}
	if _, err := load("*.jpg"); reasonOf(err) != TooMany || !strings.Contains(err.Error(), "101 files match, and at most 100") {
		t.Error(err)
	}
}

func TestLoadAPatternInAFolderThatIsShut(t *testing.T) {
	t.Parallel()
	dir := tree(t, "in/a.png")
	if err := os.Chmod(filepath.Join(dir, "in"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "in"), 0o700) })
	if _, err := os.ReadDir(filepath.Join(dir, "in")); !errors.Is(err, fs.ErrPermission) {
		t.Skip("nothing is forbidden to this user")
	}
	if _, err := Load(t.Context(), filepath.Join(dir, "in/*.png"), Limits{}); reasonOf(err) != Unreadable {
		t.Error(err)
	}
}

// A pattern finds nothing outside of its folder, and ends.
func FuzzGlob(f *testing.F) {
	dir := f.TempDir()
	for _, name := range []string{"a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "c/a", "c/d/a", ".h/a"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			f.Fatal(err)
		}
	}
	for _, p := range []string{"*", "**/a", "a*a*a*a*a*a*a*a*a*c", "[a-", "**/**/**/a/**", `\*`, "[!a]*"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if strings.Contains(pattern, "..") {
			t.Skip("this leads out of the folder")
		}
		found, err := Glob(t.Context(), dir+"/"+pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			if info, err := os.Stat(path); err != nil || info.IsDir() || !strings.HasPrefix(path, dir) {
				t.Errorf("%q: %q, %v", pattern, path, err)
			}
		}
		IsPattern(pattern)
	})
}
