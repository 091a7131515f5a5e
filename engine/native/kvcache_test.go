package native

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// sequences that a KV cache believes in, of which a fake context keeps the length.
type fakeContext struct {
	t      *testing.T
	length map[int]int
	window bool // forks fail at times, as with a sliding window
	rng    *rand.Rand
}

func (f *fakeContext) Fork(src, dst, end int) bool {
	if f.length[dst] != 0 {
		f.t.Errorf("sequence %d is forked into, and holds %d positions", dst, f.length[dst])
	}
	if end > f.length[src] {
		f.t.Errorf("%d positions forked of %d", end, f.length[src])
	}
	if f.window && f.rng.IntN(4) == 0 {
		return false
	}
	f.length[dst] = end
	return true
}

func (f *fakeContext) Truncate(seq, pos int) bool {
	if f.window && f.rng.IntN(4) == 0 {
		return false
	}
	f.length[seq] = min(pos, f.length[seq])
	return true
}

func (f *fakeContext) Holds(seq int) bool { return f.length[seq] > 0 }

func (f *fakeContext) Drop(seq int) { f.length[seq] = 0 }

// check recounts what the cache keeps count of.
func (c *kvCache) check(t *testing.T, f *fakeContext) {
	t.Helper()
	users, busy := map[*cell]int{}, map[*cell]bool{}
	numbers := map[int]bool{}
	promised := 0
	for _, list := range [][]*sequence{c.busy, c.idle} {
		for _, s := range list {
			if numbers[s.id] {
				t.Fatalf("sequence %d is there twice", s.id)
			}
			numbers[s.id] = true
			promised += s.promise
			for _, cell := range s.cells {
				users[cell]++
				busy[cell] = busy[cell] || slices.Contains(c.busy, s)
			}
			if n := positions(s.units()); f.length[s.id] != n || s.length != n {
				t.Fatalf("sequence %d has %d positions in the context and %d in the books, of %d", s.id, f.length[s.id], s.length, n)
			}
		}
	}
	held, inUse := 0, 0
	for cell, n := range users {
		held += cell.count
		if busy[cell] {
			inUse += cell.count
		}
		if cell.users != n {
			t.Fatalf("a cell has %d users and counts %d", n, cell.users)
		}
	}
	for _, id := range c.free {
		if numbers[id] || f.length[id] != 0 {
			t.Fatalf("sequence %d is free and in use", id)
		}
		numbers[id] = true
	}
	if inUse != c.inUse {
		t.Fatalf("%d tokens are in use, and %d by the books", inUse, c.inUse)
	}
	if held != c.held || promised != c.promised || held+promised > c.size || len(numbers) != 6 {
		t.Fatalf("held %d (books: %d), promised %d (%d), size %d, %d numbers", held, c.held, promised, c.promised, c.size, len(numbers))
	}
}

// Whatever jobs do, the books agree with the context, and the room is enough.
func TestKVCacheBooks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		f := &fakeContext{t: t, length: map[int]int{}, window: seed%3 == 1, rng: rng}
		c := newKVCache(f, 200, 6, seed%3 != 2)
		prompt := func() []unit {
			var units []unit
			for i := range 5 + rng.IntN(40) {
				units = append(units, tokenUnit(1))
				if i%10 == 9 {
					units[i] = unit{picture: string(rune('a' + rng.IntN(2))), count: 8, positions: 3}
				} else if rng.IntN(12) == 0 {
					units[i] = tokenUnit(2)
				}
			}
			units[len(units)-1] = tokenUnit(3)
			return units
		}
		for range 60 {
			switch n := rng.IntN(11); {
			case n < 4 || len(c.busy) == 0:
				units := prompt()
				s := c.take(units, rng.IntN(50))
				c.check(t, f)
				if s == nil {
					if len(c.busy) == 0 {
						t.Fatal("an idle cache has no room")
					}
					continue
				}
				if len(s.cells) >= len(units) || s.common(units) != len(s.cells) {
					t.Fatalf("%d units were forked of a prompt of %d", len(s.cells), len(units))
				}
				for _, u := range units[len(s.cells):] {
					f.length[s.id] += u.positions
				}
				c.grow(s, units[len(s.cells):]...)
			case n < 5:
				s := c.busy[rng.IntN(len(c.busy))]
				if s.promise > 0 && len(s.cells) > 0 {
					if fork, _ := c.fork(s, 1+rng.IntN(s.promise), rng.IntN(2) == 0); fork != nil {
						for range rng.IntN(fork.promise + 1) {
							f.length[fork.id]++
							c.grow(fork, tokenUnit(9))
						}
						before := s.promise
						c.join(s, fork)
						if s.promise < before {
							t.Fatal("a fork took what it did not give back")
						}
					}
				}
			case n < 6:
				s := c.busy[rng.IntN(len(c.busy))]
				c.cut(s, rng.IntN(len(s.cells)+1))
			case n < 9:
				s := c.busy[rng.IntN(len(c.busy))]
				s.passing = rng.IntN(4) == 0
				c.publish(s)
			case n < 10 && seed%5 == 0:
				for id := range f.length {
					if rng.IntN(2) == 0 {
						f.length[id] = 0 // lost in a failed computation
					}
				}
				c.recheck()
			default:
				c.discard(c.busy[rng.IntN(len(c.busy))])
			}
			c.check(t, f)
		}
	}
}

// A conversation that goes on takes the place of what it goes on from, and a turn
// that fails leaves that as it was.
func TestKVCachePublishes(t *testing.T) {
	t.Parallel()
	f := &fakeContext{t: t, length: map[int]int{}}
	c := newKVCache(f, 200, 6, true)
	units := []unit{tokenUnit(1), tokenUnit(2), tokenUnit(3), tokenUnit(4)}
	compute := func(units []unit) *sequence {
		s := c.take(units, 10)
		for _, u := range units[len(s.cells):] {
			f.length[s.id]++
			c.grow(s, u)
		}
		return s
	}
	c.publish(compute(units[:3]))
	failed := compute(append(units[:2:2], tokenUnit(7), tokenUnit(8)))
	c.discard(failed)
	if s, n := c.best(units); n != 3 || len(c.idle) != 1 || c.held != 3 {
		t.Errorf("after a turn that failed %v has %d of 3 units; %d tokens are held", s, n, c.held)
	}
	c.publish(compute(units))
	if len(c.idle) != 1 || c.held != 4 {
		t.Errorf("%d conversations with %d tokens; want one with 4", len(c.idle), c.held)
	}
	if !c.idle[0].continued {
		t.Error("a conversation that went on is not marked as one")
	}
	c.publish(compute(append(units[:2:2], tokenUnit(7)))) // an edited turn
	if len(c.idle) != 2 || c.held != 5 {
		t.Errorf("%d conversations with %d tokens; want two with 5", len(c.idle), c.held)
	}
	c.check(t, f)
}

// One who goes on from a candidate keeps its room; the other candidates get
// theirs from what else there is.
func TestKVCacheForkOfAFork(t *testing.T) {
	t.Parallel()
	f := &fakeContext{t: t, length: map[int]int{}}
	c := newKVCache(f, 200, 6, true)
	prompt := []unit{tokenUnit(1), tokenUnit(2)}
	s := c.take(prompt, 10)
	f.length[s.id] = 2
	c.grow(s, prompt...)
	candidate, _ := c.fork(s, 10, true)
	for range 10 {
		f.length[candidate.id]++
		c.grow(candidate, tokenUnit(5))
	}
	other := c.take(append(candidate.units(), tokenUnit(6)), 5)
	if len(other.cells) != 12 {
		t.Fatalf("%d units of a candidate were forked", len(other.cells))
	}
	c.join(s, candidate)
	c.check(t, f)
	again, _ := c.fork(s, 10, true)
	if again == nil {
		t.Fatal("there is no room for the next candidate")
	}
	c.check(t, f)
	c.join(s, again)
	c.discard(other)
	c.discard(s)
	c.check(t, f)
	if c.held != 0 || c.promised != 0 {
		t.Errorf("%d tokens are held and %d promised when nobody is left", c.held, c.promised)
	}
}

// A state that can't go back is not forked while it has a part of a tile.
func TestKVCacheForksNoPartOfATile(t *testing.T) {
	t.Parallel()
	for _, rewinds := range []bool{true, false} {
		f := &fakeContext{t: t, length: map[int]int{}}
		c := newKVCache(f, 200, 6, rewinds)
		tile := unit{picture: "a", count: 8, positions: 8}
		units := []unit{tokenUnit(1), tokenUnit(2), tile, tokenUnit(3)}
		reading := c.take(units, 10)
		f.length[reading.id] = 2 + 5
		c.grow(reading, units[:2]...)
		reading.partly = 5
		_, n := c.best(units)
		if rewinds != (n == 2) {
			t.Errorf("%d units can be forked of a sequence with a part of a tile; it can go back: %v", n, rewinds)
		}
		f.length[reading.id] = 2
		c.cut(reading, 2)
		if _, n := c.best(units); n != 2 {
			t.Errorf("%d of 2 units can be forked when the part is gone", n)
		}
	}
}
