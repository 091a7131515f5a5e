package llamacpp

// The KV cache holds sequences: a conversation each, numbered from 0. Two that
// were forked from one share what they have in common, and its memory.

// Fork makes the empty sequence dst hold what src holds before position end. It
// reports whether dst can go on from there; if not, dst is empty again. A model
// with a recurrent state can only be forked as a whole (see CanRewind).
func (c *Context) Fork(src, dst, end int) bool {
	from, to := 0, end
	if !c.model.CanRewind() {
		from, to = -1, -1
	}
	c.lib.llama.MemorySeqCp.call(c.memory, cInt(src), cInt(dst), cInt(from), cInt(to))
	if c.reaches(dst, end) {
		return true
	}
	c.Drop(dst)
	return false
}

// Truncate makes a sequence forget all positions from pos on. It reports whether
// it can go on from there: recurrent models can't go back, and models with a
// sliding window only as far as the window's keys are still there. If not, only
// Drop is left.
func (c *Context) Truncate(seq, pos int) bool {
	return c.lib.llama.MemorySeqRm.callBool(c.memory, cInt(seq), cInt(pos), cInt(-1)) && c.reaches(seq, pos)
}

// reaches reports whether a sequence has what its next token at pos looks back at.
func (c *Context) reaches(seq, pos int) bool {
	if pos == 0 || !c.model.CanRewind() {
		return true // there is nothing, or it is a state, not positions
	}
	oldest := int(c.lib.llama.MemorySeqPosMin.callInt(c.memory, cInt(seq)))
	if c.window == 0 {
		return oldest == 0
	}
	// It is -1 where all keys of the window's layers are gone. The token at pos looks
	// at itself and the window-1 before it; what is older other sequences may have
	// overwritten at any time.
	return 0 <= oldest && oldest <= max(0, pos-c.window+1)
}

// Holds reports whether a sequence holds anything. Some builds (b5590 is one)
// empty other sequences, too, when a Decode fails.
func (c *Context) Holds(seq int) bool {
	return c.lib.llama.MemorySeqPosMin.callInt(c.memory, cInt(seq)) >= 0
}

// Drop makes a sequence forget everything.
func (c *Context) Drop(seq int) {
	c.lib.llama.MemorySeqRm.callBool(c.memory, cInt(seq), cInt(-1), cInt(-1))
}

// Clear makes all sequences forget everything.
func (c *Context) Clear() { c.lib.llama.MemoryClear.call(c.memory, 1) }

// CanRewind reports whether a sequence of this model can go back to any earlier
// position. The state of recurrent models, and of those that are so in part,
// knows no positions.
func (m *Model) CanRewind() bool {
	f := &m.lib.llama
	return !f.ModelIsRecurrent.callBool(m.ptr) && (f.ModelIsHybrid == 0 || !f.ModelIsHybrid.callBool(m.ptr))
}
