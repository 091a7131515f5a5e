package native

import (
	"errors"
	"slices"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// kvCache knows what the context's KV cache holds: sequences of units, those in
// use and those of conversations that may go on. A new prompt is forked from the
// sequence with which it has the most in common, and computed from there. Forks
// share the memory of what they have in common, so nothing that was there is lost
// before the new one has come to its end.
type kvCache struct {
	context sequencer
	size    int  // tokens that it has room for
	rewinds bool // a part of a sequence can be forked (see Model.CanRewind)

	held     int   // tokens in it; what sequences share counts once
	inUse    int   // of them, those of sequences in use
	promised int   // tokens that sequences in use may still need
	free     []int // numbers of sequences that nobody has
	busy     []*sequence
	idle     []*sequence // least recently used first

	// leaving is told of an idle sequence before it is forgotten.
	leaving func(*sequence)
}

// sequencer is what of a context the KV cache needs.
type sequencer interface {
	Fork(src, dst, end int) bool
	Truncate(seq, pos int) bool
	Drop(seq int)
	Holds(seq int) bool
}

// sequence is a conversation in the KV cache.
type sequence struct {
	id      int
	cells   []*cell
	length  int // positions
	partly  int // tokens of a tile that are in the context after the cells
	promise int // tokens that it may still need

	session   string // of which conversation it is; "" if that has no name
	private   bool   // nothing of it may be written to a disk
	passing   bool   // nobody comes back to it: the first to go, and not worth saving
	continued bool   // somebody came back to it once, and may again
	saved     bool   // as it is, by the states
}

// replaces reports whether a sequence may take the place of one of which it holds all:
// that is then found, and kept on disk, as it would have been.
func (s *sequence) replaces(o *sequence) bool {
	return (o.session == "" || o.session == s.session) && (o.private || !s.private) && (o.passing || !s.passing)
}

// cell is a unit in the KV cache. Sequences that were forked share it.
type cell struct {
	unit
	users int // sequences that hold it
	busy  int // of them, those in use
}

func newKVCache(context sequencer, size, sequences int, rewinds bool) *kvCache {
	c := &kvCache{context: context, size: size, rewinds: rewinds, leaving: func(*sequence) {}}
	for id := range sequences {
		c.free = append(c.free, id)
	}
	return c
}

// units returns what a sequence holds.
func (s *sequence) units() []unit {
	all := make([]unit, len(s.cells))
	for i, c := range s.cells {
		all[i] = c.unit
	}
	return all
}

// common counts the units with which a sequence and a prompt begin.
func (s *sequence) common(units []unit) int {
	n := 0
	for n < min(len(s.cells), len(units)) && s.cells[n].unit == units[n] {
		n++
	}
	return n
}

// best returns the sequence from which a prompt can be forked, and how many
// units it has of it; nil if there is none.
func (c *kvCache) best(units []unit) (*sequence, int) {
	var found *sequence
	most := 0
	for _, list := range [][]*sequence{c.busy, c.idle} {
		for _, s := range list {
			n := s.common(units)
			// A state that can't go back is of all that was computed, a part of a tile
			// that is read just now among it.
			if !c.rewinds && (n < len(s.cells) || s.partly > 0) {
				continue
			}
			if n >= most && n > 0 {
				found, most = s, n
			}
		}
	}
	return found, most
}

// take begins a sequence for a prompt that may grow by so many tokens. It holds
// what could be forked, never the prompt's last unit, of which logits are needed.
// It is nil if there is no room now.
func (c *kvCache) take(units []unit, growth int) *sequence {
	parent, n := c.best(units[:len(units)-1])
	if !c.fits(parent, n, units, growth) {
		return nil
	}
	if len(c.free) == 0 {
		// The numbers run out before the room does: the oldest conversation goes,
		// but not the one that is to be forked.
		switch i := slices.IndexFunc(c.idle, func(s *sequence) bool { return s != parent }); {
		case i >= 0:
			c.evict(c.idle[i])
		case parent != nil && len(c.idle) == 1:
			c.evict(parent)
			parent, n = nil, 0
		default:
			return nil
		}
	}
	s := &sequence{id: c.free[len(c.free)-1]}
	if parent != nil && !c.context.Fork(parent.id, s.id, positions(units[:n])) {
		parent, n = nil, 0
	}
	if !c.fits(parent, n, units, growth) {
		return nil // a fork would have, but there is none
	}
	c.free = c.free[:len(c.free)-1]
	if parent != nil {
		s.continued = n == len(parent.cells)
		c.share(s, parent.cells[:n])
		c.touch(parent)
	}
	rest, _ := countTokens(units[n:])
	s.promise = rest + growth
	c.promised += s.promise
	c.busy = append(c.busy, s)
	if tokens, _ := countTokens(units[:n]); tokens < fewestShared {
		c.thin(mostContinued, func(s *sequence) bool { return s.continued && !s.passing })
		c.thin(mostBegun, func(s *sequence) bool { return !s.continued && !s.passing })
		c.thin(mostPassing, func(s *sequence) bool { return s.passing })
	}
	if c.held+c.promised > c.size && len(c.busy) == 1 {
		// Room that is left over here and there makes flash attention on the CPU
		// add up in another order, which moves log-probabilities by a tenth: when
		// something has to go, and nothing is under way, all does.
		for _, o := range slices.Clone(c.idle) {
			if o != parent {
				c.evict(o)
			}
		}
	}
	c.makeRoom(0)
	return s
}

// fits reports whether there is room for a prompt of which the first n units are
// a sequence's already, when all that is not in use is forgotten.
func (c *kvCache) fits(parent *sequence, n int, units []unit, growth int) bool {
	rest, _ := countTokens(units[n:])
	taken := c.inUse + c.promised + rest + growth
	if parent != nil {
		for _, cell := range parent.cells[:n] {
			if cell.busy == 0 {
				taken += cell.count
			}
		}
	}
	return taken <= c.size
}

// share gives a sequence that is taken into use another's cells.
func (c *kvCache) share(s *sequence, cells []*cell) {
	s.cells = slices.Clone(cells)
	for _, cell := range cells {
		cell.users++
		s.length += cell.positions
		c.use(cell)
	}
}

// use and unuse count those in use who hold a cell.
func (c *kvCache) use(cell *cell) {
	if cell.busy++; cell.busy == 1 {
		c.inUse += cell.count
	}
}

func (c *kvCache) unuse(cells []*cell) {
	for _, cell := range cells {
		if cell.busy--; cell.busy == 0 {
			c.inUse -= cell.count
		}
	}
}

// makeRoom forgets the oldest conversations until what was promised, and so many
// tokens more, fits.
func (c *kvCache) makeRoom(more int) {
	for c.held+c.promised+more > c.size && len(c.idle) > 0 {
		c.evict(c.idle[0])
	}
}

// evict forgets an idle conversation.
func (c *kvCache) evict(s *sequence) {
	c.leaving(s)
	c.idle = slices.DeleteFunc(c.idle, func(o *sequence) bool { return o == s })
	c.forget(s)
}

// touch makes an idle conversation the one that was used last.
func (c *kvCache) touch(s *sequence) {
	if i := slices.Index(c.idle, s); i >= 0 {
		c.idle = append(slices.Delete(c.idle, i, i+1), s)
	}
}

// fork begins a sequence that holds all that another in use holds, and may grow
// by so many tokens of those that the other may; nil if there is no room now. An
// idle conversation gives its number for it only if that is a must. The error is
// that llama.cpp can't, now or later.
func (c *kvCache) fork(parent *sequence, growth int, must bool) (*sequence, error) {
	// Another may go on from an earlier fork, whose room then did not come back.
	if more := growth - parent.promise; more > 0 {
		if c.inUse+c.promised+more > c.size {
			return nil, nil
		}
		parent.promise += more
		c.promised += more
		c.makeRoom(0)
	}
	if len(c.free) == 0 {
		if len(c.idle) == 0 || !must {
			return nil, nil
		}
		c.evict(c.idle[0])
	}
	id := c.free[len(c.free)-1]
	if !c.context.Fork(parent.id, id, parent.length) {
		return nil, errNoFork
	}
	c.free = c.free[:len(c.free)-1]
	s := &sequence{id: id, promise: growth}
	c.share(s, parent.cells)
	parent.promise -= growth
	c.busy = append(c.busy, s)
	return s, nil
}

var errNoFork = errors.New("llama.cpp can't compute several continuations of this prompt: it has not kept all that they need of it")

// join forgets a fork, and gives back what it took for itself.
func (c *kvCache) join(parent, s *sequence) {
	back := s.promise
	for _, cell := range s.cells {
		if cell.users == 1 {
			back += cell.count
		}
	}
	c.discard(s)
	parent.promise += back
	c.promised += back
}

// grow notes that units of a sequence in use were computed.
func (c *kvCache) grow(s *sequence, units ...unit) {
	for _, u := range units {
		added := &cell{unit: u, users: 1}
		s.cells = append(s.cells, added)
		s.length += u.positions
		c.held += u.count
		c.use(added)
		kept := min(u.count, s.promise)
		s.promise -= kept
		c.promised -= kept
	}
}

// cut makes a sequence in use hold its first n units only, in the context, too, where
// there may be positions of a computation that failed. If the model can't go
// back to there it holds nothing.
func (c *kvCache) cut(s *sequence, n int) {
	end := 0
	for _, cell := range s.cells[:n] {
		end += cell.positions
	}
	if !c.context.Truncate(s.id, end) {
		c.context.Drop(s.id)
		n, end = 0, 0
	}
	c.unuse(s.cells[n:])
	c.release(s.cells[n:])
	s.cells, s.length, s.partly = s.cells[:n], end, 0
}

// recheck forgets what a failed computation took with it: sequences that the
// context does not hold any more.
func (c *kvCache) recheck() {
	for _, s := range slices.Clone(c.idle) {
		if !c.context.Holds(s.id) {
			c.idle = slices.DeleteFunc(c.idle, func(o *sequence) bool { return o == s })
			c.forget(s)
		}
	}
	for _, s := range c.busy {
		if (len(s.cells) > 0 || s.partly > 0) && !c.context.Holds(s.id) {
			c.cut(s, 0)
		}
	}
}

// Conversations that wait in the KV cache for their next turn when another one
// begins: every one makes attention look at more, for all. Those that were
// continued are likely to be again, and are kept on disk when they have to go;
// others are not. When one goes on, none goes: what follows would lie before what
// it follows, and flash attention on the CPU would add up in another order.
const (
	mostContinued = 2
	mostBegun     = 3
	mostPassing   = 1
	fewestShared  = 32 // tokens that one who goes on has in common at least
)

// publish makes a sequence that was in use one that conversations go on from.
// Those that it goes on from itself have nothing to add any more.
func (c *kvCache) publish(s *sequence) {
	c.leave(s)
	if len(s.cells) == 0 {
		c.forget(s)
		return
	}
	units := s.units()
	for _, o := range slices.Clone(c.idle) {
		// A state that can't go back is worth keeping: an edited turn begins there.
		if n := o.common(units); n == len(o.cells) && (c.rewinds || n == len(units)) && s.replaces(o) {
			c.idle = slices.DeleteFunc(c.idle, func(i *sequence) bool { return i == o })
			c.forget(o)
		}
	}
	for _, o := range c.idle {
		if o.common(units) == len(units) && o.replaces(s) { // it holds this and more
			c.forget(s)
			c.touch(o)
			return
		}
	}
	if s.passing {
		c.idle = slices.Insert(c.idle, 0, s)
	} else {
		c.idle = append(c.idle, s)
	}
}

// thin forgets the oldest of some conversations until so many are left.
func (c *kvCache) thin(most int, some func(*sequence) bool) {
	for _, s := range slices.Backward(slices.Clone(c.idle)) {
		if !some(s) {
			continue
		}
		if most--; most < 0 {
			c.evict(s)
		}
	}
}

// discard forgets a sequence that was in use.
func (c *kvCache) discard(s *sequence) {
	c.leave(s)
	c.forget(s)
}

// leave ends the use of a sequence.
func (c *kvCache) leave(s *sequence) {
	c.busy = slices.DeleteFunc(c.busy, func(o *sequence) bool { return o == s })
	c.unuse(s.cells)
	c.promised -= s.promise
	s.promise = 0
}

// drop forgets those idle conversations of which gone reports true; nobody is told that
// they leave. Those in use are private from here on.
func (c *kvCache) drop(gone func(*sequence) bool) {
	for _, s := range c.busy {
		s.private = s.private || gone(s)
	}
	for _, s := range slices.Clone(c.idle) {
		if gone(s) {
			c.idle = slices.DeleteFunc(c.idle, func(o *sequence) bool { return o == s })
			c.forget(s)
		}
	}
}

func (c *kvCache) forget(s *sequence) {
	c.context.Drop(s.id)
	c.release(s.cells)
	s.cells = nil
	c.free = append(c.free, s.id)
}

func (c *kvCache) release(cells []*cell) {
	for _, cell := range cells {
		if cell.users--; cell.users == 0 {
			c.held -= cell.count
		}
	}
}

// adopt takes a sequence that was restored from disk: its units are in the
// context already.
func (c *kvCache) adopt(id int, units []unit, session string) *sequence {
	s := &sequence{id: id, session: session, continued: true, saved: true}
	c.grow(s, units...)
	c.unuse(s.cells)
	c.idle = append(c.idle, s)
	return s
}

// number takes the number of a sequence for a state to be restored into, for
// which there has to be room for so many tokens.
func (c *kvCache) number(tokens int) (int, bool) {
	if c.inUse+c.promised+tokens > c.size || len(c.free) == 0 && len(c.idle) == 0 {
		return 0, false
	}
	c.makeRoom(tokens)
	if len(c.free) == 0 {
		c.evict(c.idle[0])
	}
	id := c.free[len(c.free)-1]
	c.free = c.free[:len(c.free)-1]
	return id, true
}

// giveBack returns a number for which nothing was restored.
func (c *kvCache) giveBack(id int) { c.free = append(c.free, id) }

var _ sequencer = (*llamacpp.Context)(nil)
