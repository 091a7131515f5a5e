package ui

import (
	"slices"
	"testing"
)

func TestDressing(t *testing.T) {
	t.Parallel()
	var d dressing
	times := 0
	dress := func(line string) string {
		times++
		return "> " + line
	}
	st := &styles{}
	for _, step := range []struct {
		lines []string
		st    *styles
		times int // that something was dressed
	}{
		{[]string{"a", "b"}, st, 2},
		{[]string{"a", "b", "c"}, st, 1},
		{[]string{"a", "x", "c"}, st, 1},
		{[]string{"a"}, st, 0},
		{[]string{"a", "c"}, st, 1},
		{nil, st, 0},
		{[]string{"a"}, &styles{}, 1},
	} {
		var want []string
		for _, line := range step.lines {
			want = append(want, "> "+line)
		}
		times = 0
		if got := d.lines(step.lines, step.st, dress); !slices.Equal(got, want) || times != step.times {
			t.Errorf("%q became %q, dressed %d times, not %d", step.lines, got, times, step.times)
		}
	}
}
