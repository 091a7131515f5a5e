package llamacpp

import (
	"fmt"
	"math"
	"runtime"
	"unsafe"

	"github.com/vlmchat/vlmchat/engine"
)

// Sampler chooses tokens.
type Sampler struct {
	lib *Library
	ptr uintptr
	// remembers is true if what was said before has a part in the choice.
	remembers bool
}

// freshSeed is LLAMA_DEFAULT_SEED, for which llama.cpp draws a seed.
const freshSeed = math.MaxUint32

// mirostatCandidates are the tokens by which Mirostat 1 estimates how a
// distribution falls off: llama.cpp's number.
const mirostatCandidates = 100

// NewSampler builds the sampler chain that llama.cpp's own tools build of the
// same settings (common/sampling.cpp), so that the same seed gives the same
// tokens. What is off is left out of it. An error names a number that llama.cpp
// would assert, or a sampler that this build lacks.
func (m *Model) NewSampler(o engine.Sampling) (*Sampler, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	biases, err := m.biases(o.LogitBias)
	if err != nil {
		return nil, err
	}
	seed := uint32(freshSeed)
	if o.Seed != nil {
		seed = *o.Seed
	}
	c := &chain{model: m, ptr: m.lib.llama.SamplerChainInit.call(1)} // no_perf, a struct of one byte
	c.addBiases(biases)
	if o.Mirostat.Version != 0 && o.Temperature > 0 {
		c.addMirostat(o, seed)
	} else {
		c.addPenalties(o.Penalties)
		c.addDRY(o.DRY)
		c.addChoice(o, seed)
	}
	s := &Sampler{lib: m.lib, ptr: c.ptr, remembers: c.remembers}
	if c.err != nil {
		s.Close()
		return nil, c.err
	}
	return s, nil
}

// chain is a sampler chain in the making; after its first error nothing is
// added.
type chain struct {
	model     *Model
	ptr       uintptr
	remembers bool
	err       error
}

// add adds the sampler that make makes. has tells whether this build can.
func (c *chain) add(option string, has bool, make func() uintptr) {
	switch f := &c.model.lib.llama; {
	case c.err != nil:
	case !has:
		c.err = &engine.Error{
			Kind: engine.BadOption, Message: fmt.Sprintf("%s has no sampler for %s", c.model.lib.name(), option),
			Hint: "a newer runtime has: vlmchat runtime install",
		}
	default:
		f.SamplerChainAdd.call(c.ptr, make())
	}
}

// addChoice adds the filters and what chooses among the tokens that they leave.
func (c *chain) addChoice(o engine.Sampling, seed uint32) {
	f := &c.model.lib.llama
	typical := o.Typical > 0 && o.Typical < 1
	// These two can take the likeliest token out; the other filters can't, and a
	// temperature of 0 needs none of them.
	if o.Temperature == 0 && o.Dynamic.Range == 0 && o.XTC.Probability == 0 && !typical {
		c.add("temperature 0", true, func() uintptr { return f.SamplerInitGreedy.call() })
		return
	}
	if o.TopNSigma > 0 {
		c.add("top_n_sigma", f.SamplerInitTopNSigma != nil, func() uintptr { return f.SamplerInitTopNSigma(float32(o.TopNSigma)) })
	}
	if o.TopK > 0 {
		c.add("top_k", true, func() uintptr { return f.SamplerInitTopK.call(cInt(o.TopK)) })
	}
	if typical {
		c.add("typical", f.SamplerInitTypical != nil, func() uintptr { return f.SamplerInitTypical(float32(o.Typical), 0) })
	}
	if o.TopP < 1 {
		c.add("top_p", true, func() uintptr { return f.SamplerInitTopP(float32(o.TopP), 0) })
	}
	if o.MinP > 0 {
		c.add("min_p", f.SamplerInitMinP != nil, func() uintptr { return f.SamplerInitMinP(float32(o.MinP), 0) })
	}
	if x := o.XTC; x.Probability > 0 {
		c.add("xtc_probability", f.SamplerInitXTC != nil, func() uintptr {
			return f.SamplerInitXTC(float32(x.Probability), float32(x.Threshold), 0, seed)
		})
	}
	if d := o.Dynamic; d.Range > 0 {
		c.add("dynatemp_range", f.SamplerInitTempExt != nil, func() uintptr {
			return f.SamplerInitTempExt(float32(o.Temperature), float32(d.Range), float32(d.Exponent))
		})
	} else {
		c.add("temperature", true, func() uintptr { return f.SamplerInitTemp(float32(o.Temperature)) })
	}
	c.add("seed", true, func() uintptr { return f.SamplerInitDist.call(uintptr(seed)) })
}

func (c *chain) addMirostat(o engine.Sampling, seed uint32) {
	f, m := &c.model.lib.llama, o.Mirostat
	c.add("temperature", true, func() uintptr { return f.SamplerInitTemp(float32(o.Temperature)) })
	if m.Version == 1 {
		c.add("mirostat", f.SamplerInitMirostat != nil, func() uintptr {
			return f.SamplerInitMirostat(int32(c.model.VocabSize()), seed, float32(m.Tau), float32(m.Eta), mirostatCandidates)
		})
		return
	}
	c.add("mirostat", f.SamplerInitMirostatV2 != nil, func() uintptr {
		return f.SamplerInitMirostatV2(seed, float32(m.Tau), float32(m.Eta))
	})
}

func (c *chain) addPenalties(p engine.Penalties) {
	if p.LastN == 0 || (p.Repeat == 0 || p.Repeat == 1) && p.Frequency == 0 && p.Presence == 0 {
		return
	}
	if p.Repeat == 0 {
		p.Repeat = 1
	}
	l := c.model.lib
	c.remembers = true
	c.add("penalties", l.llama.SamplerInitPenalties != nil && l.canAsk(), func() uintptr {
		return l.penalties(c.model, p)
	})
}

func (c *chain) addDRY(d engine.DRY) {
	if d.Multiplier == 0 || d.LastN == 0 {
		return
	}
	l := c.model.lib
	c.remembers = true
	c.add("dry_multiplier", l.llama.SamplerInitDRY != nil && l.canAsk(), func() uintptr {
		return l.dry(c.model, d)
	})
}

// logitBias is a struct llama_logit_bias.
type logitBias struct {
	token Token
	bias  float32
}

func (c *chain) addBiases(biases []logitBias) {
	if len(biases) == 0 {
		return
	}
	f := &c.model.lib.llama
	c.add("logit_bias", f.SamplerInitLogitBias != 0, func() uintptr { // which copies them
		ptr := f.SamplerInitLogitBias.call(cInt(c.model.VocabSize()), cInt(len(biases)), addr(biases))
		runtime.KeepAlive(biases)
		return ptr
	})
}

// biases resolves the tokens of biases. To them come the tokens that the model's
// file says are never to be written.
func (m *Model) biases(wanted []engine.LogitBias) ([]logitBias, error) {
	var all []logitBias
	for _, w := range wanted {
		tokens := []Token{Token(w.Token)}
		if w.Text != "" {
			var err error
			if tokens, err = m.Tokenize(w.Text, false, false); err != nil {
				return nil, err
			}
		} else if w.Token < 0 || w.Token >= m.VocabSize() {
			return nil, badBias("the token %d is not in the model's vocabulary, which has %d", w.Token, m.VocabSize())
		}
		bias := float32(w.Bias)
		if w.Forbid {
			bias = float32(math.Inf(-1))
		}
		for _, t := range tokens {
			all = append(all, logitBias{t, bias})
		}
	}
	for _, t := range m.suppressed() {
		all = append(all, logitBias{t, float32(math.Inf(-1))})
	}
	forbidden := map[Token]bool{}
	for _, b := range all {
		if math.IsInf(float64(b.bias), -1) {
			forbidden[b.token] = true
		}
	}
	if len(forbidden) >= m.VocabSize() { // llama.cpp asserts that one is left
		return nil, badBias("it forbids every token of the model's vocabulary")
	}
	return all, nil
}

func badBias(format string, args ...any) error {
	return &engine.Error{Kind: engine.BadOption, Message: "logit_bias can't be used: " + fmt.Sprintf(format, args...)}
}

// suppressed are the tokens that the model's file says are never to be written.
func (m *Model) suppressed() []Token {
	f := &m.lib.llama
	if f.VocabSuppressed == 0 {
		return nil
	}
	n := make([]int32, 1)
	tokens := f.VocabSuppressed.call(m.vocab, addr(n))
	if tokens == 0 || n[0] <= 0 {
		return nil
	}
	return unsafe.Slice((*Token)(pointer(tokens)), n[0])
}

// Accept takes note of tokens that the sampler did not choose itself: those of
// the prompt, for penalties.
func (s *Sampler) Accept(tokens ...Token) {
	if !s.remembers {
		return
	}
	for _, t := range tokens {
		s.lib.llama.SamplerAccept.call(s.ptr, cInt(t))
	}
}

// Sample chooses a token by the logits that the last Decode kept of the token at
// an index of its batch, -1 for the last that has any, and takes note of it.
func (s *Sampler) Sample(c *Context, index int) (Token, error) {
	t := s.lib.llama.SamplerSample.callInt(s.ptr, c.ptr, cInt(index))
	if t < 0 {
		return 0, fmt.Errorf("llama.cpp sampled no token (%d)", t)
	}
	return Token(t), nil
}

// Close frees the sampler.
func (s *Sampler) Close() { s.lib.llama.SamplerFree.call(s.ptr) }
