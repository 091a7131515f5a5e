package ollama

import (
	"time"

	"github.com/ollama/ollama/api"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// answer is what has come of one.
type answer struct {
	host     string
	logprobs bool // were asked for
	emit     func(engine.Event) error
	from     *engine.Provenance

	first   time.Time         // when the first text came
	last    *api.ChatResponse // which ends it
	told    bool              // some log-probability has come
	pending []engine.TokenLogprob
	empty   emptiness
}

// add takes the next piece, and passes on what it has.
func (a *answer) add(piece api.ChatResponse) error {
	m := piece.Message
	a.told = a.told || len(piece.Logprobs) > 0
	switch {
	case piece.Done:
	case m.Thinking == "" && m.Content == "" && len(piece.Logprobs) == 0:
		if err := a.empty.more(a.host); err != nil {
			return err
		}
	default:
		a.empty = 0
	}
	if m.Thinking != "" {
		if err := a.pass(engine.Event{Kind: engine.Thinking, Text: m.Thinking}); err != nil {
			return err
		}
	}
	if m.Thinking == "" || m.Content != "" { // else they are those of thoughts
		a.pending = append(a.pending, logprobsOf(piece.Logprobs)...)
	}
	if m.Content != "" {
		if a.logprobs && !a.told {
			return noLogprobs(a.host, "")
		}
		ev := engine.Event{Kind: engine.Delta, Text: m.Content, Logprobs: a.pending}
		a.pending = nil
		if err := a.pass(ev); err != nil {
			return err
		}
	}
	if piece.Done {
		a.last = &piece
		return errDone
	}
	return nil
}

// pass emits a text.
func (a *answer) pass(ev engine.Event) error {
	if a.first.IsZero() {
		a.first = time.Now()
		ev.Provenance = a.from
	}
	return a.emit(ev)
}

// logprobsOf turns Ollama's form into ours. It has no token numbers.
func logprobsOf(tokens []api.Logprob) []engine.TokenLogprob {
	var all []engine.TokenLogprob
	for _, t := range tokens {
		one := engine.TokenLogprob{Text: t.Token, Token: -1, Logprob: t.Logprob}
		for _, top := range t.TopLogprobs {
			one.Top = append(one.Top, engine.TokenLogprob{Text: top.Token, Token: -1, Logprob: top.Logprob})
		}
		all = append(all, one)
	}
	return all
}

// emptiness counts pieces of a stream, one after another, in which there is
// nothing. Each of them ends the silence, so no patience would end them.
type emptiness int

// mostEmpty is more of them than a server has a reason to send.
const mostEmpty = 1000

func (n *emptiness) more(host string) error {
	if *n++; *n > mostEmpty {
		return remote.Cut(host, "sends pieces with nothing in them, and not what comes", nil)
	}
	return nil
}
