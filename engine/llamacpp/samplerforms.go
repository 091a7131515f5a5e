package llamacpp

import (
	"runtime"
	"sync"

	"github.com/vlmchat/vlmchat/engine"
)

// samplerForms tells which form two functions have: llama_sampler_init_penalties
// takes the vocabulary's size in newer builds, and llama_sampler_init_dry no
// longer takes the context that the model was trained for. A call in the wrong
// form would penalise by numbers that are meant as others, silently.
type samplerForms struct {
	once           sync.Once
	penalties, dry bool // the newer form
}

// canAsk reports whether the build has what the forms are found out by.
func (l *Library) canAsk() bool { return l.llama.SamplerApply != 0 && l.llama.SamplerAccept != 0 }

// recognise finds out the forms, by calling each function in its newer form with
// arguments that both understand, one of them as a sampler that is off.
func (f *samplerForms) recognise(m *Model) {
	f.once.Do(func() {
		// In the older form 1 is the number of tokens looked at; in the newer it
		// is the size of the vocabulary, and 0 tokens are looked at.
		f.penalties = !m.lib.changes(m.lib.llama.SamplerInitPenalties(1, 0, 2, 0, 0), 0, 0)
		// In the older form the null for no breakers is the number of tokens
		// looked at.
		f.dry = m.lib.changes(m.lib.llama.SamplerInitDRY(m.vocab, 1, 2, 1, 8, 0, 0), 1, 0, 1, 0, 1, 0)
	})
}

// changes reports whether a sampler, after it accepted the history, changes the
// logit of a token. It frees the sampler.
func (l *Library) changes(sampler uintptr, token Token, history ...Token) bool {
	defer l.llama.SamplerFree.call(sampler)
	for _, t := range history {
		l.llama.SamplerAccept.call(sampler, cInt(t))
	}
	one := newCandidates(1)
	one.set(0, token, 1)
	one.all()
	one.apply(l, sampler)
	return one.logit(0) != 1
}

// penalties makes the sampler for penalties.
func (l *Library) penalties(m *Model, p engine.Penalties) uintptr {
	l.forms.recognise(m)
	n, repeat, frequency, presence := int32(p.LastN), float32(p.Repeat), float32(p.Frequency), float32(p.Presence)
	if l.forms.penalties {
		return l.llama.SamplerInitPenalties(int32(m.VocabSize()), n, repeat, frequency, presence)
	}
	return l.llama.SamplerInitPenaltiesOld(n, repeat, frequency, presence)
}

// dry makes the sampler for DRY.
func (l *Library) dry(m *Model, d engine.DRY) uintptr {
	l.forms.recognise(m)
	texts := make([][]byte, len(d.Breakers))
	breakers := make([]uintptr, len(d.Breakers))
	for i, b := range d.Breakers {
		texts[i] = cString(b)
		breakers[i] = addr(texts[i])
	}
	defer runtime.KeepAlive(texts)
	defer runtime.KeepAlive(breakers)
	multiplier, base, allowed, n := float32(d.Multiplier), float32(d.Base), int32(d.AllowedLength), int32(d.LastN)
	if l.forms.dry {
		return l.llama.SamplerInitDRY(m.vocab, multiplier, base, allowed, n, addr(breakers), uintptr(len(breakers)))
	}
	return l.llama.SamplerInitDRYOld(m.vocab, int32(m.ContextSize()), multiplier, base, allowed, n, addr(breakers), uintptr(len(breakers)))
}
