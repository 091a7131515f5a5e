package images

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseSelection(t *testing.T) {
	t.Parallel()
	good := []struct {
		text string
		want selection
	}{
		{"2", selection{spans: []span{{2, 2}}}},
		{"2-4", selection{spans: []span{{2, 4}}}},
		{"2-", selection{spans: []span{{2, 0}}}},
		{"-3", selection{spans: []span{{1, 3}}}},
		{"1,3, 7-9", selection{spans: []span{{1, 1}, {3, 3}, {7, 9}}}},
		{"page=3", selection{spans: []span{{3, 3}}}},
		{"t=12s", selection{times: []time.Duration{12 * time.Second}}},
		{"T=1m30s", selection{times: []time.Duration{90 * time.Second}}},
		{"t=90", selection{times: []time.Duration{90 * time.Second}}},
		{"t=0", selection{times: []time.Duration{0}}},
		{"t=1.5", selection{times: []time.Duration{1500 * time.Millisecond}}},
		{"t=01:30", selection{times: []time.Duration{90 * time.Second}}},
		{"t=1:02:03.5", selection{times: []time.Duration{3723500 * time.Millisecond}}},
		{"t=500ms,2h", selection{times: []time.Duration{500 * time.Millisecond, 2 * time.Hour}}},
	}
	for _, c := range good {
		got, err := parseSelection(c.text)
		if err != nil || !slices.Equal(got.spans, c.want.spans) || !slices.Equal(got.times, c.want.times) {
			t.Errorf("%q: %+v, %v", c.text, got, err)
		}
	}
	bad := []struct{ text, says string }{
		{"", "no page"}, {"intro", `"intro" is no page`}, {"-", "no page"}, {"1,", "no page"}, {"+1", "no page"}, {"1--2", "no page"},
		{"0", "counted from 1"}, {"0-3", "counted from 1"}, {"4-2", "ends before it begins"}, {"99999999999999999999", "beyond"},
		{"t=", "no time"}, {"t=-1s", "no time"}, {"t=1s-5s", "no time"}, {"t=soon", "no time"}, {"t=1:99", "no time"}, {"t=1:2:3:4", "no time"},
		{"t=1e9", "no time"}, {"t=9999h", "beyond"}, {"t=99999999999", "beyond"}, {"t=1:", "no time"}, {"t=1.5:30", "no time"},
		{strings.Repeat("1,", 600), "too long"},
	}
	for _, c := range bad {
		if got, err := parseSelection(c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %+v, %v", c.text, got, err)
		}
	}
}

func TestSelectedNumbers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		count int
		want  []int
		says  string
	}{
		{"2-4", 5, []int{1, 2, 3}, ""},
		{"2-", 3, []int{1, 2}, ""},
		{"-2,1", 3, []int{0, 1, 0}, ""},
		{"2-4", 3, nil, "there is no page 4: there are 3 pages"},
		{"9", 3, nil, "there is no page 9"},
		{"9-", 3, nil, "there is no page 9"},
		{"2", 1, nil, "there is only one"},
		{"1-", 100, nil, ""},
		{"1-", 101, nil, "more than 100 pages"},
		{"1-1000000000", 1000, nil, "there is no page 1001"},
	}
	for _, c := range tests {
		s, err := parseSelection(c.text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.numbers(c.count, "page")
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) || c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%s of %d: %v, %v", c.text, c.count, got, err)
		}
	}
}

func TestSelectedMoments(t *testing.T) {
	t.Parallel()
	frames := []frame{{at: 0}, {at: time.Second}, {at: 3 * time.Second, shown: time.Second}}
	s := selection{times: []time.Duration{0, 999 * time.Millisecond, time.Second, 2 * time.Second, 3999 * time.Millisecond}}
	if got, err := s.moments(frames); err != nil || !slices.Equal(got, []int{0, 0, 1, 1, 2}) {
		t.Error(got, err)
	}
	for _, s := range []selection{{times: []time.Duration{4 * time.Second}}, {times: make([]time.Duration, MaxPictures+1)}} {
		if got, err := s.moments(frames); err == nil {
			t.Error(got)
		}
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, count int
		want     []int
	}{{1, 9, []int{4}}, {2, 8, []int{2, 6}}, {3, 3, []int{0, 1, 2}}, {8, 3, []int{0, 1, 2}}, {3, 10, []int{1, 5, 8}}} {
		if got := spread(c.n, c.count); !slices.Equal(got, c.want) {
			t.Errorf("%d of %d: %v", c.n, c.count, got)
		}
	}
}

// What is selected lies within what there is.
func FuzzSelection(f *testing.F) {
	for _, s := range []string{"2-4", "1,3,7-", "-3", "t=1m30s,00:01:30", "page=2", "t=1.5"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, text string, count int) {
		s, err := parseSelection(text)
		if err != nil {
			if s.given() || err.Error() == "" {
				t.Error(s, err)
			}
			return
		}
		if !s.given() {
			t.Errorf("%q selects nothing", text)
		}
		count = max(1, count%1000)
		got, err := s.numbers(count, "page")
		if len(got) > MaxPictures || err == nil && len(got) == 0 && len(s.spans) > 0 {
			t.Error(got, err)
		}
		for _, n := range got {
			if n < 0 || n >= count {
				t.Errorf("%q of %d: %d", text, count, n)
			}
		}
		for _, at := range s.times {
			if at < 0 || at > longestTime {
				t.Errorf("%q: %v", text, at)
			}
		}
	})
}
