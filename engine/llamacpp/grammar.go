package llamacpp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
)

// Grammar restricts what a model writes to texts of a formal grammar. It knows
// how far the text is, by the tokens that it accepted.
type Grammar struct {
	model *Model
	ptr   uintptr
	one   candidateList // of one token
	every candidateList // of the whole vocabulary, once it was needed
}

// ErrForbidden is returned by Grammar.Accept for a token that the grammar does
// not allow at this place.
var ErrForbidden = errors.New("the grammar does not allow this token here")

// NewGrammar reads a grammar in GBNF (llama.cpp's grammars/README.md), whose
// rule "root" is the whole text. A grammar that would end the process or hold
// up its reading is refused with the reason; see checkGrammar. What can't be
// seen beforehand is ambiguity: where a rule contains itself in two ways that
// begin alike, the time for a token may double with every character.
func (m *Model) NewGrammar(text string) (*Grammar, error) {
	f := &m.lib.llama
	if f.SamplerInitGrammar == 0 || f.SamplerApply == 0 || f.SamplerAccept == 0 || f.GetLogitsIth == 0 {
		return nil, fmt.Errorf("llama.cpp %s has no grammars; a newer runtime has", m.lib.Version)
	}
	if err := checkGrammar(text); err != nil {
		return nil, fmt.Errorf("the grammar can't be used: %w", err)
	}
	source, root := cString(text), cString("root")
	ptr := f.SamplerInitGrammar.call(m.vocab, addr(source), addr(root))
	runtime.KeepAlive(source)
	runtime.KeepAlive(root)
	if ptr == 0 {
		return nil, errors.New("the grammar can't be used: llama.cpp refuses it")
	}
	return &Grammar{model: m, ptr: ptr, one: newCandidates(1)}, nil
}

// Close frees the grammar.
func (g *Grammar) Close() { g.model.lib.llama.SamplerFree.call(g.ptr) }

// Allows reports whether a token may come next.
func (g *Grammar) Allows(t Token) bool {
	g.one.set(0, t, 0)
	g.one.all()
	g.one.apply(g.model.lib, g.ptr)
	return !math.IsInf(g.one.logit(0), -1)
}

// Accept takes note that a token was written. One that is not allowed changes
// nothing: llama.cpp would end the process.
func (g *Grammar) Accept(t Token) error {
	if !g.Allows(t) {
		return ErrForbidden
	}
	g.model.lib.llama.SamplerAccept.call(g.ptr, cInt(t))
	return nil
}

// SampleWithin is Sample for a text that a grammar restricts. The token is
// chosen freely first, as nearly always it is allowed: to ask the grammar for
// one token costs a fraction of asking for the whole vocabulary.
func (s *Sampler) SampleWithin(g *Grammar, c *Context, index int) (Token, error) {
	t, err := s.choose(g, c, index, false)
	if err == nil && !g.Allows(t) {
		t, err = s.choose(g, c, index, true)
	}
	if err != nil {
		return 0, err
	}
	s.lib.llama.SamplerAccept.call(s.ptr, cInt(t))
	return t, g.Accept(t)
}

// choose chooses a token without taking note of it, among all or among those
// that the grammar allows.
func (s *Sampler) choose(g *Grammar, c *Context, index int, allowed bool) (Token, error) {
	logits := c.Logits(index)
	if logits == nil {
		return 0, errors.New("llama.cpp has no logits to sample from")
	}
	if g.every.data == nil {
		g.every = newCandidates(len(logits))
	}
	for i, logit := range logits {
		g.every.set(i, Token(i), logit)
	}
	g.every.all()
	if allowed {
		g.every.apply(s.lib, g.ptr)
	}
	g.every.apply(s.lib, s.ptr)
	i, ok := g.every.selected()
	if !ok || math.IsInf(g.every.logit(i), -1) {
		return 0, errors.New("no token of the model's vocabulary goes on as the grammar wants")
	}
	return g.every.token(i), nil
}

// candidateList is the memory of a struct llama_token_data_array and of the
// token data that it points to.
type candidateList struct {
	list []uintptr // data, size, selected, sorted
	data []byte    // for each candidate its id, logit and probability, 4 bytes each
}

const candidateSize = 12

func newCandidates(n int) candidateList {
	return candidateList{list: make([]uintptr, 4), data: make([]byte, n*candidateSize)}
}

func (l *candidateList) set(i int, t Token, logit float32) {
	at := l.data[i*candidateSize:]
	binary.LittleEndian.PutUint32(at, uint32(t))
	binary.LittleEndian.PutUint32(at[4:], math.Float32bits(logit))
	binary.LittleEndian.PutUint32(at[8:], 0)
}

func (l *candidateList) token(i int) Token {
	return Token(binary.LittleEndian.Uint32(l.data[i*candidateSize:]))
}

func (l *candidateList) logit(i int) float64 {
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(l.data[i*candidateSize+4:])))
}

// all makes the list hold every candidate, none of them selected yet.
func (l *candidateList) all() {
	l.list[0], l.list[1], l.list[2], l.list[3] = addr(l.data), uintptr(len(l.data)/candidateSize), ^uintptr(0), 0
}

// selected is the index of the candidate that a sampler selected.
func (l *candidateList) selected() (int, bool) {
	i := int64(l.list[2])
	return int(i), 0 <= i && i < int64(l.list[1])
}

// apply runs a sampler over the list as it is.
func (l *candidateList) apply(lib *Library, sampler uintptr) {
	lib.llama.SamplerApply.call(sampler, addr(l.list))
	runtime.KeepAlive(l)
}
