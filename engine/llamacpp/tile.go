package llamacpp

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"runtime"
)

// Tile is a picture, or a part of one, as the model sees it: so many tokens, for
// which the projector makes embeddings, at such positions. It needs nothing of C.
type Tile struct {
	Count     int  // tokens in the context
	Positions int  // positions in the sequence, fewer than Count with M-RoPE
	AtOnce    bool // its tokens see each other (attention is not causal), so one batch has to have them all

	// offsets are the tokens' positions from the tile's first, dimension by
	// dimension: time, y, x and a spare with M-RoPE; nil if they simply count up.
	offsets []tileOffset
}

// tileOffset is a position in one dimension: from the tile's position in the
// sequence, or one that does not depend on it.
type tileOffset struct {
	value int32
	fixed bool
}

// Shape tells tiles apart whose tokens lie differently.
func (t Tile) Shape() uint64 {
	if t.offsets == nil {
		return 0
	}
	h := fnv.New64a()
	_ = binary.Write(h, binary.LittleEndian, t.offsets)
	return h.Sum64()
}

// dims is the number of positions that each token of the tile has.
func (t Tile) dims() int { return max(1, len(t.offsets)/max(1, t.Count)) }

// at returns the positions of all tokens of a tile at a position of the
// sequence, one dimension after the other.
func (t Tile) at(pos int) []int32 {
	if t.offsets == nil {
		all := make([]int32, t.Count)
		for i := range all {
			all[i] = int32(pos + i)
		}
		return all
	}
	all := make([]int32, len(t.offsets))
	for i, o := range t.offsets {
		all[i] = o.value
		if !o.fixed {
			all[i] += int32(pos)
		}
	}
	return all
}

// place finds out where the tokens of a picture's chunk go.
func (p *Projector) place(t *Tile, chunk uintptr) error {
	f := &p.lib.mtmd
	t.AtOnce = f.DecodeUseNonCausal.callBool(p.ptr, chunk)
	if !f.DecodeUseMRoPE.callBool(p.ptr) {
		return nil
	}
	image := f.ChunkTokensImage.call(chunk)
	t.offsets = make([]tileOffset, 4*t.Count)
	if f.ImageGetDecoderPos == 0 {
		// Builds that can't tell have one rule for all: a grid of rows.
		if f.ImageTokensNX == 0 {
			return fmt.Errorf("%s can't tell where this model wants a picture's tokens", p.lib.name())
		}
		nx := int(f.ImageTokensNX.call(image))
		if nx < 1 {
			return fmt.Errorf("llama.cpp tells of a picture that is %d tokens wide", nx)
		}
		for i := range t.Count {
			t.offsets[t.Count+i].value = int32(i / nx)
			t.offsets[2*t.Count+i].value = int32(i % nx)
			t.offsets[3*t.Count+i].fixed = true
		}
		return nil
	}
	// What moves with the position, and what does not, shows at two of them.
	const far = 1 << 20
	type decoderPos struct{ t, x, y, z uint32 }
	near, away := make([]decoderPos, t.Count), make([]decoderPos, t.Count)
	f.ImageGetDecoderPos.call(image, 0, addr(near))
	f.ImageGetDecoderPos.call(image, far, addr(away))
	for i := range t.Count {
		n, a := near[i], away[i]
		for d, v := range [][2]uint32{{n.t, a.t}, {n.y, a.y}, {n.x, a.x}, {n.z, a.z}} {
			o := tileOffset{value: int32(v[0]), fixed: v[0] == v[1]}
			if !o.fixed && v[1]-v[0] != far {
				return fmt.Errorf("%s places a picture's tokens in a way that is not known", p.lib.name())
			}
			t.offsets[d*t.Count+i] = o
		}
	}
	return nil
}

// DecodeTile computes n of a tile's tokens, from a first one on, of embeddings as
// Encode returned them; pos is the tile's position in the sequence. After an error
// nothing is certain of the tile: Truncate the sequence.
func (c *Context) DecodeTile(seq int, t Tile, embeddings []float32, pos, from, n int) error {
	width := c.model.EmbeddingSize()
	if len(embeddings) != t.Count*width || from < 0 || n < 1 || from+n > t.Count {
		return fmt.Errorf("tokens %d to %d of a picture that has %d, and %d numbers of embeddings of %d each", from, from+n, t.Count, len(embeddings), width)
	}
	l := c.lib
	if t.AtOnce {
		if most := c.AtOnce(); t.Count > most || n < t.Count {
			return fmt.Errorf("the picture has %d tokens, and this model has to see all of them at once, in a batch of %d", t.Count, min(n, most))
		}
		l.llama.SetCausalAttn.call(c.ptr, 0)
		defer l.llama.SetCausalAttn.call(c.ptr, 1)
	}
	dims, positions := t.dims(), t.at(pos)
	b := c.single
	for i := range b.seqs {
		b.seqs[i], b.logits[i] = int32(seq), 0
	}
	for end := from + n; from < end; from += n {
		n = min(c.batchSize, end-from)
		// Positions lie dimension by dimension; a part of them needs a copy.
		part := make([]int32, 0, n*dims)
		for d := range dims {
			part = append(part, positions[d*t.Count+from:][:n]...)
		}
		if err := c.decode(b, n, 0, addr(embeddings[from*width:]), part); err != nil {
			return err
		}
		runtime.KeepAlive(part)
	}
	runtime.KeepAlive(embeddings)
	return nil
}
