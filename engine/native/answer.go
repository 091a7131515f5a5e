package native

import (
	"fmt"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// answering is the task that writes an answer, token by token.
type answering struct {
	sampling engine.Sampling
	sampler  *llamacpp.Sampler
	grammar  *llamacpp.Grammar // nil: any text
	logprobs bool
	top      int
	room     int // tokens that the context has for the answer
	prompter *prompter
	origin   *origin

	text    textStream
	thinker *thinker
	started time.Time
	begun   bool           // something of it was told
	pending llamacpp.Token // sampled, and not computed yet
	index   int            // of pending in the batch; -1: it is in none
	told    []engine.TokenLogprob
}

// newAnswering makes the task of a request. What of the answer the client has
// already is so many tokens at the prompt's end.
func (r *runner) newAnswering(req chatRequest, thinker *thinker, room, saidTokens int) (*answering, error) {
	a := &answering{
		sampling: req.Sampling, room: room, logprobs: req.Logprobs, top: req.TopLogprobs,
		text: textStream{stops: req.Sampling.Stop}, thinker: thinker, prompter: r.prompter, origin: r.origin, index: -1,
	}
	a.text.push([]byte(req.Said))
	if a.sampling.MaxTokens > 0 {
		a.sampling.MaxTokens = max(1, a.sampling.MaxTokens-saidTokens)
	}
	var err error
	if req.Grammar != "" {
		if a.grammar, err = r.newGrammar(req.Grammar, req.Said); err != nil {
			return nil, err
		}
	}
	if a.sampler, err = r.model.NewSampler(req.Sampling); err != nil {
		if a.grammar != nil {
			a.grammar.Close()
		}
		return nil, err
	}
	return a, nil
}

func (a *answering) begin(l *loop, j *job, index int) (bool, error) {
	a.started = time.Now()
	for _, u := range j.prompt.units {
		if u.picture == "" {
			a.sampler.Accept(u.token) // penalties are about what was said as well
		}
	}
	return a.choose(l, j, index)
}

// choose samples the next token by the logits at index.
func (a *answering) choose(l *loop, j *job, index int) (done bool, err error) {
	var t llamacpp.Token
	if a.grammar != nil && !a.thinker.inside() {
		t, err = a.sampler.SampleWithin(a.grammar, l.context, index)
	} else {
		t, err = a.sampler.Sample(l.context, index)
	}
	if err != nil {
		return true, err
	}
	j.usage.GeneratedTokens++
	if l.model.IsEnd(t) {
		a.end(j, engine.Stop, a.text.flush())
		return true, nil
	}
	piece := a.prompter.piece(nil, t)
	if a.logprobs {
		a.told = append(a.told, tokenLogprob(l.model, l.context.Logits(index), t, a.top))
	}
	text := a.text.push(piece)
	switch {
	case a.text.stopped:
		a.told = nil // what is held back of them is the stop string's
		a.end(j, engine.Stop, text)
		return true, nil
	case j.usage.GeneratedTokens == a.sampling.MaxTokens || j.usage.GeneratedTokens >= a.room:
		a.end(j, engine.Length, text+a.text.flush())
		return true, nil
	}
	a.say(j, text)
	a.pending = t
	return false, nil
}

// say sends text: of the answer with the log-probabilities of the tokens that have
// come by now.
func (a *answering) say(j *job, text string) {
	if text != "" {
		thinking, answer := a.thinker.push(text)
		a.tell(j, thinking, answer)
	}
}

func (a *answering) tell(j *job, thinking, text string) {
	if thinking != "" {
		j.tell(engine.Event{Kind: engine.Thinking, Text: thinking, Provenance: a.from()})
	}
	if text != "" {
		j.tell(engine.Event{Kind: engine.Delta, Text: text, Logprobs: a.told, Provenance: a.from()})
	}
	if text != "" || !a.thinker.mayAnswer() {
		a.told = nil
	}
}

// from is what the answer comes from, for its first piece: an answer may be stopped.
func (a *answering) from() *engine.Provenance {
	if a.begun {
		return nil
	}
	a.begun = true
	return a.origin.provenance()
}

func (a *answering) end(j *job, finish engine.Finish, text string) {
	a.say(j, text)
	thinking, text := a.thinker.flush()
	a.tell(j, thinking, text)
	j.usage.GenerateTime = time.Since(a.started)
	j.tell(engine.Event{Kind: engine.Done, Finish: finish, Usage: &j.usage, Provenance: a.origin.provenance()})
}

func (a *answering) writes() bool { return true }

func (a *answering) fill(_ *loop, j *job, b *llamacpp.Batch, most int) error {
	if a.index = -1; most > 0 {
		a.index = b.Add(a.pending, j.seq.length, j.seq.id, true)
	}
	return nil
}

func (a *answering) took(l *loop, j *job) (bool, error) {
	l.kv.grow(j.seq, tokenUnit(a.pending))
	return a.choose(l, j, a.index)
}

func (a *answering) undo(l *loop, j *job) { l.kv.cut(j.seq, len(j.seq.cells)) }

func (a *answering) close(*loop) {
	a.sampler.Close()
	if a.grammar != nil {
		a.grammar.Close()
	}
}

// answerRoom is how many tokens the context has for an answer to a prompt, and
// how many of them are set aside for it. It refuses a prompt that leaves none.
func answerRoom(p *prompt, size, limit int) (room, growth int, err error) {
	tokens, image := p.tokens()
	if room = size - tokens; room < 1 {
		return 0, 0, tooLarge("the conversation has", tokens, image, size)
	}
	if growth = room; limit > 0 {
		growth = min(limit, room)
	}
	return room, growth, nil
}

func tooLarge(what string, tokens, image, size int) error {
	return &engine.Error{
		Kind:    engine.ContextFull,
		Message: fmt.Sprintf("%s %d tokens (%d of them of pictures), and the context holds %d", what, tokens, image, size),
		Hint:    "ask less at once, leave out pictures, or allow a larger context (--ctx N)",
	}
}
