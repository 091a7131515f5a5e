package ui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// column is a block of numbered lines.
type column struct {
	name    string
	n       int
	changes int
}

func (c *column) version() int { return c.changes }

func (c *column) draw(frame) []string {
	var all []string
	for i := range c.n {
		all = append(all, fmt.Sprintf("%s%d", c.name, i))
	}
	return all
}

// A transcript that only draws what is in view must show what one would that
// draws everything and keeps a line's number.
func TestTranscriptAgainstAPlainOne(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		height := 1 + random.IntN(12)
		tr := newTranscript()
		tr.resize(frame{width: 10}, height)
		var blocks []*column
		at, follow := 0, true // the plain one
		for step := range 300 {
			var all []string
			for i, c := range blocks {
				if i > 0 {
					all = append(all, "")
				}
				all = append(all, c.draw(frame{})...)
			}
			end := max(0, len(all)-height)
			if follow {
				at = end
			}
			want := all[at:min(len(all), at+height)]
			if got := tr.view(); !slices.Equal(got, want) {
				t.Fatalf("seed %d, step %d: shows %q, want %q", seed, step, got, want)
			}
			if tr.atEnd() != (at == end) {
				t.Fatalf("seed %d, step %d: atEnd is %v", seed, step, tr.atEnd())
			}
			switch random.IntN(6) {
			case 0:
				c := &column{name: fmt.Sprintf("%c", 'a'+step%26), n: 1 + random.IntN(20)}
				blocks = append(blocks, c)
				tr.add(c)
			case 1:
				if len(blocks) > 0 { // the last one grows, as an answer does
					c := blocks[len(blocks)-1]
					c.n++
					c.changes++
				}
			case 2:
				tr.toEnd()
				follow = true
			case 3:
				tr.toTop()
				at, follow = 0, end == 0
			default:
				n := random.IntN(30) - 15
				tr.scroll(n)
				at = max(0, min(end, at+n))
				follow = at == end
			}
		}
	}
}

func TestTranscriptRemove(t *testing.T) {
	t.Parallel()
	tr := newTranscript()
	tr.resize(frame{width: 10}, 4)
	a, b, c := &column{name: "a", n: 2}, &column{name: "b", n: 2}, &column{name: "c", n: 2}
	for _, block := range []block{a, b, c} {
		tr.add(block)
	}
	tr.remove(b)
	if got, want := tr.view(), []string{"a1", "", "c0", "c1"}; !slices.Equal(got, want) {
		t.Errorf("shows %q, want %q", got, want)
	}
	tr.remove(a)
	if got, want := tr.view(), []string{"c0", "c1"}; !slices.Equal(got, want) {
		t.Errorf("shows %q, want %q", got, want)
	}
	tr.remove(b) // not there any more
	tr.remove(c)
	if got := tr.view(); len(got) != 0 {
		t.Errorf("shows %q", got)
	}
}

// A long block is shown from its beginning.
func TestTranscriptShow(t *testing.T) {
	t.Parallel()
	tr := newTranscript()
	tr.resize(frame{width: 10}, 3)
	long, short := &column{name: "l", n: 9}, &column{name: "s", n: 1}
	tr.add(short)
	tr.add(long)
	tr.show(long)
	if got, want := tr.view(), []string{"l0", "l1", "l2"}; !slices.Equal(got, want) {
		t.Errorf("shows %q, want %q", got, want)
	}
	tr.add(short)
	tr.show(short)
	if !tr.atEnd() {
		t.Error("a short block at the end is not shown")
	}
}
