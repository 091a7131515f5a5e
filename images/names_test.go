package images

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a source is said to mean is what Load reads of it, except that of a document all
// pages are named.
func TestNamesAreWhatIsRead(t *testing.T) {
	t.Parallel()
	const gif, webp, still = "testdata/formats/keep.gif", "testdata/formats/lossless.webp", "testdata/lossy.webp"
	for _, c := range []struct {
		frames int
		source string
	}{
		{0, gif}, {0, gif + "#3"}, {0, gif + "#5-"}, {0, gif + "#t=0,310ms"}, {2, gif}, {100, webp},
		{8, still}, {8, "testdata/camera.jpg"}, {0, "testdata/formats/plain.tif"},
	} {
		l := &Loader{Frames: c.frames}
		names, err := l.Names(t.Context(), c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		all, err := l.Load(t.Context(), c.source)
		if err != nil {
			t.Fatal(err)
		}
		var read []string
		for _, p := range all {
			read = append(read, p.Source)
		}
		if got, want := strings.Join(names, " "), strings.Join(read, " "); got != want {
			t.Errorf("%s: named %s, read %s", c.source, got, want)
		}
		for i, name := range names {
			one, err := l.Load(t.Context(), name)
			if err != nil || len(one) != 1 || one[0].SHA256 != all[i].SHA256 {
				t.Errorf("%s is not what it was when it was read with the others: %v", name, err)
			}
		}
	}
	if _, err := (&Loader{}).Names(t.Context(), gif+"#7"); err == nil || !strings.Contains(err.Error(), "there is no frame 7") {
		t.Errorf("a frame that is not there: %v", err)
	}
}

func TestNamesOfALongDocument(t *testing.T) {
	t.Parallel()
	keepsPDFium()
	path := filepath.Join(t.TempDir(), "long.pdf")
	if err := os.WriteFile(path, coloursOf(slices.Repeat([]string{"1 0 0"}, 12)...), 0o600); err != nil {
		t.Fatal(err)
	}
	l := &Loader{}
	names, err := l.Names(t.Context(), path)
	if err != nil || len(names) != 12 || names[11] != path+"#12" {
		t.Errorf("%q, %v", names, err)
	}
	if _, err := l.Load(t.Context(), path); reasonOf(err) != TooMany {
		t.Errorf("so many pages at once: %v", err)
	}
}

// Of any number of files what is wrong with one ends nothing, and what a pattern did not mean
// is left out and told.
func TestEach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	small := smallPNG(t)
	var want []string
	write := func(name string, data []byte) {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		want = append(want, name)
	}
	for i := range MaxPictures + 1 {
		write(fmt.Sprintf("%d.png", i), small)
	}
	write("empty.png", nil)
	write("notes.txt", []byte("words"))
	var notes []string
	ctx := Listen(t.Context(), Listener{Note: func(text string) { notes = append(notes, text) }})
	l := &Loader{}
	var got, wrong []string
	for name, err := range l.Each(ctx, filepath.Join(dir, "*")) {
		if got = append(got, name); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	if !slices.Equal(got, want[:len(want)-1]) {
		t.Errorf("named are %q", got)
	}
	if len(wrong) != 1 || !strings.Contains(wrong[0], "empty.png") || len(notes) != 1 || !strings.Contains(notes[0], "notes.txt") {
		t.Errorf("it tells %q, %q", wrong, notes)
	}
	for source, reason := range map[string]Reason{"*.txt": "", "n*": NoMatch, "*.gif": NoMatch, "gone.png": Missing} {
		for _, err := range l.Each(t.Context(), filepath.Join(dir, source)) {
			if reason != "" && reasonOf(err) != reason || err == nil {
				t.Errorf("%s: %v", source, err)
			}
		}
	}
	for _, source := range []string{"-", "http://example.org/a.png"} {
		for name, err := range l.Each(t.Context(), source) {
			if name != source || err != nil {
				t.Errorf("%s is %s, %v", source, name, err)
			}
		}
	}
}
