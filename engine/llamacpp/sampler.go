package llamacpp

import "fmt"

// Sampler chooses tokens.
type Sampler struct {
	lib *Library
	ptr uintptr
}

// SamplerOptions says how: see engine.Sampling.
type SamplerOptions struct {
	Temperature float64
	TopP        float64
	Seed        uint32
}

// candidates bounds the tokens that top-p has to sort: 40, as in llama.cpp's
// own tools. Sorting a whole vocabulary takes longer than many a model's token.
const candidates = 40

// NewSampler builds a sampler chain in llama.cpp's order: top-k, top-p,
// temperature. A temperature of 0 takes the likeliest token.
func (l *Library) NewSampler(o SamplerOptions) *Sampler {
	f := &l.llama
	s := &Sampler{lib: l, ptr: f.SamplerChainInit.call(1)} // no_perf, a struct of one byte
	add := func(sampler uintptr) { f.SamplerChainAdd.call(s.ptr, sampler) }
	if o.Temperature <= 0 {
		add(f.SamplerInitGreedy.call())
		return s
	}
	add(f.SamplerInitTopK.call(candidates))
	add(f.SamplerInitTopP(float32(o.TopP), 1))
	add(f.SamplerInitTemp(float32(o.Temperature)))
	add(f.SamplerInitDist.call(uintptr(o.Seed)))
	return s
}

// Sample chooses a token by the logits that the last Decode has at index (-1 is
// its last token), and takes note of it.
func (s *Sampler) Sample(c *Context, index int) (Token, error) {
	t := s.lib.llama.SamplerSample.callInt(s.ptr, c.ptr, cInt(index))
	if t < 0 {
		return 0, fmt.Errorf("llama.cpp sampled no token (%d)", t)
	}
	return Token(t), nil
}

// Close frees the sampler.
func (s *Sampler) Close() { s.lib.llama.SamplerFree.call(s.ptr) }
