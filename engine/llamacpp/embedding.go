package llamacpp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unsafe"
)

// pooling is how the vectors of a sequence's tokens become one, of
// llama_pooling_type.
type pooling int32

const (
	poolingNone pooling = 0
	poolingMean pooling = 1
	poolingCLS  pooling = 2
	poolingLast pooling = 3
)

// pooling is what a model's file says of it, or the last token's vector, which in
// a causal model is the only one that has seen everything.
func (m *Model) pooling() pooling {
	n, err := strconv.Atoi(m.Meta(m.Meta("general.architecture") + ".pooling_type"))
	if err != nil || n == int(poolingNone) {
		return poolingLast
	}
	return pooling(n)
}

// Embeds reports whether a model was made to turn texts into vectors.
func (m *Model) Embeds() bool {
	return m.Meta(m.Meta("general.architecture")+".pooling_type") != ""
}

// Embedding makes one vector of what a sequence of a context for Embeddings has
// computed, Decode by Decode. llama.cpp pools what is in one batch; a mean over
// several, as pictures need, is taken here.
type Embedding struct {
	c    *Context
	seq  int
	kind pooling
	sum  []float64
	n    int
}

// NewEmbedding begins a vector of a sequence.
func (c *Context) NewEmbedding(seq int) (*Embedding, error) {
	kind := c.model.pooling()
	if kind != poolingMean && kind != poolingCLS && kind != poolingLast {
		return nil, fmt.Errorf("this model does not make vectors of texts (its pooling type is %d)", kind)
	}
	return &Embedding{c: c, seq: seq, kind: kind}, nil
}

// builtIn reports whether llama.cpp pools by itself in contexts of this model.
func (m *Model) builtIn() bool { return m.pooling() != poolingMean }

// Take takes the vectors of the n tokens that the last Decode computed.
func (e *Embedding) Take(n int) error {
	f := &e.c.lib.llama
	width := int(f.ModelNEmbd.callInt(e.c.model.ptr))
	if e.c.model.builtIn() {
		if e.kind == poolingCLS && e.sum != nil {
			return nil // the first batch has the first token
		}
		p := f.GetEmbeddingsSeq.call(e.c.ptr, cInt(e.seq))
		if p == 0 {
			return errNoEmbedding
		}
		e.sum, e.n = make([]float64, width), 1
		for i, v := range unsafe.Slice((*float32)(pointer(p)), width) {
			e.sum[i] = float64(v)
		}
		return nil
	}
	if e.sum == nil {
		e.sum = make([]float64, width)
	}
	for token := range n {
		p := f.GetEmbeddingsIth.call(e.c.ptr, cInt(token))
		if p == 0 {
			return errNoEmbedding
		}
		for i, v := range unsafe.Slice((*float32)(pointer(p)), width) {
			e.sum[i] += float64(v)
		}
	}
	e.n += n
	return nil
}

var errNoEmbedding = errors.New("llama.cpp made no vector of it")

// Vector returns the pooled vector.
func (e *Embedding) Vector() []float64 {
	v := slices.Clone(e.sum)
	for i := range v {
		v[i] /= float64(max(1, e.n))
	}
	return v
}
