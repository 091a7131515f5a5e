package ui

import (
	"slices"
	"testing"
)

func TestWatchKnowsWhichRowsChange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		output string
		want   []int // rows of ten
	}{
		{"text at a place", "\x1b[4;1Habc", []int{3}},
		{"a walk and no text", "\x1b[4;1H\x1b[2A\x1b[3B\r\n\x1b[5C\x1bM\x1b[9d", nil},
		{"a walk and text", "\x1b[4;1H\x1b[2A\r\nx", []int{2}},
		{"lines erased", "\x1b[2;1H\x1b[K\x1b[5;1H\x1b[4X", []int{1, 4}},
		{"the rest erased", "\x1b[8;3H\x1b[J", []int{7, 8, 9}},
		{"all erased", "\x1b[H\x1b[2J", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"a region scrolled", "\x1b[3;6r\x1b[6;1H\n\n\x1b[1;10r", []int{2, 3, 4, 5}},
		{"a region scrolled back", "\x1b[3;6r\x1b[3;1H\x1bM\x1b[1;10r", []int{2, 3, 4, 5}},
		{"a line feed at the bottom", "\x1b[10;1H\n", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"lines inserted", "\x1b[3;8r\x1b[5;1H\x1b[L\x1b[1;10r", []int{4, 5, 6, 7}},
		{"text at an unknown place", "a", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"a cursor that was saved", "\x1b[2;1H\x1b7\x1b[8;1H\x1b8x", []int{1}},
		{"modes, colours, questions", "\x1b[?2026h\x1b[1;31m\x1b[c\x1b]8;;x\x07\x1b[>1u\x1b[?2026l", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWatch()
			w.follow([]byte(test.output), 10)
			var got []int
			for row := range 10 {
				if w.changes(rows{row, row + 1}) {
					got = append(got, row)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("rows %v change, want %v", got, test.want)
			}
		})
	}
}
