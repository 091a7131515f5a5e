package datasets

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// training is a dataset of n pictures with two questions each, all different, but for the
// first two, which are copies.
func training(t *testing.T, n int) (*Set, string) {
	t.Helper()
	dir := t.TempDir()
	var lines strings.Builder
	for i := range n {
		write(t, dir, fmt.Sprintf("%d.png", i), fmt.Sprint("picture ", max(i, 1)))
		for _, question := range []string{"Which?", "How many?"} {
			fmt.Fprintf(&lines, "{\"image\": \"%d.png\", \"question\": %q, \"answer\": \"%d\"}\n", i, question, i)
		}
	}
	return read(t, VQA, write(t, dir, "train.jsonl", lines.String()), Options{}), dir
}

func ids(items []Item) (all []string) {
	for _, i := range items {
		all = append(all, i.ID)
	}
	return all
}

func TestDraw(t *testing.T) {
	t.Parallel()
	s, dir := training(t, 20)
	again, _ := training(t, 20)
	other := Item{Image: filepath.Join(dir, "none.png")}
	drawn := s.Draw(4, 7).For(other)
	if got := ids(again.Draw(4, 7).For(other)); !slices.Equal(got, ids(drawn)) || len(got) != 4 {
		t.Errorf("drawn are %q, and from another folder %q", ids(drawn), got)
	}
	if got := ids(s.Draw(4, 8).For(other)); slices.Equal(got, ids(drawn)) {
		t.Errorf("with another seed the same are drawn: %q", got)
	}
	// The asked picture is left out, by its content, and the others stay.
	asked := Item{Image: write(t, t.TempDir(), "copy.png", "picture "+drawn[1].References[0])}
	got := s.Draw(4, 7).For(asked)
	if want := append(ids(drawn)[:1:1], ids(drawn)[2:]...); !slices.Equal(ids(got)[:3], want) || len(got) != 4 || got[3].Image == drawn[1].Image {
		t.Errorf("of %q are left %q", ids(drawn), ids(got))
	}
	// What comes to the set changes no more than it has to.
	more, _ := training(t, 21)
	lost := slices.DeleteFunc(ids(drawn), func(id string) bool { return slices.Contains(ids(more.Draw(4, 7).For(other)), id) })
	if len(lost) > 1 {
		t.Errorf("one picture more takes the place of %q", lost)
	}
	if got := s.Draw(50, 7).For(other); len(got) != 19 {
		t.Errorf("of 19 pictures and a copy %d are drawn", len(got))
	}
	if got := s.Draw(0, 7).For(other); len(got) != 0 {
		t.Errorf("none are wanted, and drawn are %q", ids(got))
	}
}
