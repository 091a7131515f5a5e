package images

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// chosenOf loads a source and names what came of it, without the folder.
func chosenOf(t *testing.T, l *Loader, source string) (string, error) {
	t.Helper()
	all, err := l.Load(t.Context(), source)
	var names, sums []string
	for _, p := range all {
		names = append(names, filepath.Base(p.Source))
		sums = append(sums, p.SHA256)
	}
	slices.Sort(sums)
	if kinds := len(slices.Compact(sums)); kinds != len(all) && !strings.Contains(source, ",") {
		t.Errorf("%s: %d pictures of %d kinds", source, len(all), kinds)
	}
	return strings.Join(names, " "), err
}

func TestFramesThatAreMeant(t *testing.T) {
	t.Parallel()
	const gif, webp, still = "testdata/formats/keep.gif", "testdata/formats/lossless.webp", "testdata/lossy.webp"
	tests := []struct {
		frames       int
		source, want string
	}{
		{0, gif, "keep.gif"},
		{0, gif + "#1", "keep.gif#1"},
		{0, gif + "#3", "keep.gif#3"},
		{0, gif + "#5-", "keep.gif#5 keep.gif#6"},
		{0, gif + "#-2,6", "keep.gif#1 keep.gif#2 keep.gif#6"},
		{0, gif + "#t=0,310ms", "keep.gif#1 keep.gif#3"},
		{0, webp + "#t=0.7", "lossless.webp#5"},
		{2, gif, "keep.gif#2 keep.gif#5"},
		{2, gif + "#1", "keep.gif#1"},
		{100, webp, "lossless.webp#1 lossless.webp#2 lossless.webp#3 lossless.webp#4 lossless.webp#5 lossless.webp#6"},
		{8, still, "lossy.webp"},
		{8, "testdata/camera.jpg", "camera.jpg"},
		{0, still + "#1", "lossy.webp#1"},
		{0, "testdata/formats/plain.tif", "plain.tif"},
	}
	for _, c := range tests {
		if got, err := chosenOf(t, &Loader{Frames: c.frames}, c.source); got != c.want || err != nil {
			t.Errorf("%s, %d frames: %s, %v", c.source, c.frames, got, err)
		}
	}
	bad := []struct{ source, says string }{
		{gif + "#7", "keep.gif: there is no frame 7: there are 6 frames"},
		{gif + "#t=1h", "there is nothing at 1h: it lasts"},
		{still + "#2", "there is no picture 2: there is only one"},
		{still + "#t=1s", "no moments"},
		{"testdata/camera.jpg#t=1s", "no moments"},
		{"testdata/formats/pages.tif#t=1s", "no moments"},
	}
	for _, c := range bad {
		if got, err := chosenOf(t, &Loader{}, c.source); reasonOf(err) != BadSelection || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %s, %v", c.source, got, err)
		}
	}
	// That an animation has more frames is told.
	var notes []string
	ctx := Listen(t.Context(), Listener{Note: func(text string) { notes = append(notes, text) }})
	if _, err := (&Loader{}).Load(ctx, gif); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "the first of its 6 frames") {
		t.Error(notes, err)
	}
}

func TestPagesThatAreMeant(t *testing.T) {
	t.Parallel()
	keepsPDFium()
	dir := t.TempDir()
	document := func(pages int) string {
		var colours []string
		for i := range pages {
			colours = append(colours, fmt.Sprintf("0.%d 0.5 0.%d", i+10, pages))
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.pdf", pages))
		if err := os.WriteFile(path, coloursOf(colours...), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	three, eleven := document(3), document(11)
	for source, want := range map[string]string{
		three:                             "3.pdf#1 3.pdf#2 3.pdf#3",
		three + "#2-":                     "3.pdf#2 3.pdf#3",
		three + "#page=3":                 "3.pdf#3",
		eleven + "#11":                    "11.pdf#11",
		dir + "/*.pdf#2":                  "3.pdf#2 11.pdf#2",
		"testdata/formats/pages.tif#1":    "pages.tif#1",
		"testdata/formats/pages.tif#2,1,": "",
	} {
		got, err := chosenOf(t, &Loader{Frames: 8}, source)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", source, got, err)
		}
	}
	if got, err := chosenOf(t, &Loader{}, eleven); reasonOf(err) != TooMany || !strings.Contains(err.Error(), "it has 11 pages") || !strings.Contains(err.Error(), eleven+"#1-10") {
		t.Error(got, err)
	}
	if got, err := chosenOf(t, &Loader{}, three+"#4"); reasonOf(err) != BadSelection || !strings.HasSuffix(err.Error(), "there is no page 4: there are 3 pages") {
		t.Error(got, err)
	}
	if got, err := chosenOf(t, &Loader{}, "testdata/formats/pages.tif"); err != nil || !strings.HasPrefix(got, "pages.tif#1 pages.tif#2") {
		t.Error(got, err)
	}
	f, err := os.Open(three)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if all, err := (&Loader{Stdin: f}).Load(t.Context(), "-"); err != nil || len(all) != 3 || all[1].Source != "standard input#2" {
		t.Error(all, err)
	}
}
