package native

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// stormTie is how near two tokens have to be for either to be chosen: with keys and
// values as they were computed, and without flash attention, it matters little
// where in the KV cache a conversation lies and what else is in a batch.
const stormTie = 0.01

// weather is what a storm consists of. VLMCHAT_STORM=rounds makes a longer one, and
// VLMCHAT_STORM_SEED an earlier one again, as far as its threads allow.
type weather struct {
	rng      *rand.Rand
	pictures []*images.Picture
}

// conversation makes one of those that people have: they begin alike, go on, have
// second thoughts about an earlier turn, and are about the same few pictures.
func (w weather) conversation() []engine.Message {
	var messages []engine.Message
	if w.rng.IntN(3) == 0 {
		messages = append(messages, engine.Text(engine.System, "Answer with one word."))
	}
	questions := []string{"Describe this image.", "What is the background color?", "How many objects are there?", "And this one?"}
	for i := range 1 + w.rng.IntN(4) {
		question := questions[w.rng.IntN(len(questions))]
		if i == 0 || w.rng.IntN(4) == 0 {
			messages = append(messages, engine.Ask(question, w.pictures[w.rng.IntN(len(w.pictures))]))
		} else {
			messages = append(messages, engine.Text(engine.User, question))
		}
		messages = append(messages, engine.Text(engine.Assistant, []string{"It shows a star.", "Blue."}[w.rng.IntN(2)]))
	}
	return messages[:len(messages)-1]
}

// stormAnswer is a greedy answer that came to its end, with how sure each token was.
type stormAnswer struct {
	text   string
	tokens []engine.TokenLogprob
	usage  engine.Usage
}

func stormChat(ctx context.Context, e *Engine, messages []engine.Message, background bool, stop func(engine.Event) bool) (*stormAnswer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := &stormAnswer{}
	req := engine.Request{Messages: messages, Sampling: engine.Sampling{MaxTokens: 24}, Logprobs: true, TopLogprobs: 2, Background: background}
	for ev, err := range e.Chat(ctx, req) {
		if err != nil {
			return nil, err
		}
		switch {
		case ev.Kind == engine.Delta:
			a.text += ev.Text
		case ev.Kind == engine.Note && strings.HasPrefix(ev.Text, "A fresh worker"):
			return nil, errors.New(ev.Text)
		}
		a.tokens = append(a.tokens, ev.Logprobs...)
		if ev.Usage != nil {
			a.usage = *ev.Usage
		}
		if stop(ev) {
			cancel()
		}
	}
	return a, nil
}

// sameAs reports whether two answers are the same up to where one of them was a
// matter of chance.
func (a *stormAnswer) sameAs(b *stormAnswer) bool {
	for i := range min(len(a.tokens), len(b.tokens)) {
		one, two := a.tokens[i], b.tokens[i]
		if one.Token != two.Token {
			return gap(one) < stormTie || gap(two) < stormTie
		}
	}
	// Where one has come to its end, that is what the other had to choose from.
	longer, end := a, len(b.tokens)
	if len(a.tokens) < len(b.tokens) {
		longer, end = b, len(a.tokens)
	}
	return end == len(longer.tokens) || gap(longer.tokens[end]) < stormTie
}

func gap(t engine.TokenLogprob) float64 { return t.Top[0].Logprob - t.Top[1].Logprob }

// storm is what many asked of one engine, to be compared with what another one
// says that is asked by nobody else.
type storm struct {
	t        *testing.T
	together *Engine
	alone    *Engine

	mu     sync.Mutex
	checks []func()
	cached int // tokens that were not computed again
}

// later compares when the storm is over.
func (s *storm) later(check func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checks = append(s.checks, check)
}

// near reports whether so many log-probabilities differ by chance alone.
func near(a, b float64, n int) bool { return math.Abs(a-b) <= stormTie*float64(n) }

// blow has somebody do something.
func (s *storm) blow(w weather) {
	messages := w.conversation()
	switch w.rng.IntN(9) {
	case 0:
		s.score(messages, []string{"It shows a star.", "Blue.", fmt.Sprint("Number ", w.rng.IntN(5)), ""})
	case 1: // and leaves at some moment
		left := w.rng.IntN(12)
		_, err := stormChat(s.t.Context(), s.together, messages, w.rng.IntN(2) == 0, func(engine.Event) bool {
			left--
			return left < 0
		})
		if err != nil && engine.KindOf(err) != engine.Cancelled {
			s.t.Error(err)
		}
	case 2:
		if _, err := s.together.Count(s.t.Context(), engine.Request{Messages: messages}); err != nil {
			s.t.Error(err)
		}
	case 3:
		s.embed(messages[len(messages)-1].Parts)
	default:
		background := w.rng.IntN(2) == 0
		answer := s.chat(messages, background)
		if answer != "" && w.rng.IntN(2) == 0 {
			messages = append(messages, engine.Text(engine.Assistant, answer), engine.Text(engine.User, "And why?"))
			s.chat(messages, background)
		}
	}
}

func (s *storm) chat(messages []engine.Message, background bool) (answer string) {
	stay := func(engine.Event) bool { return false }
	got, err := stormChat(s.t.Context(), s.together, messages, background, stay)
	if err != nil {
		s.t.Error(err)
		return ""
	}
	s.later(func() {
		s.cached += got.usage.CachedTokens
		want, err := stormChat(s.t.Context(), s.alone, messages, false, stay)
		if err != nil {
			s.t.Fatal(err)
		}
		if !got.sameAs(want) || got.usage.PromptTokens != want.usage.PromptTokens {
			s.t.Errorf("in the storm %d tokens %q, of %d in the prompt, %d of them from the cache; alone %d tokens %q, of %d",
				len(got.tokens), textOf(got.tokens), got.usage.PromptTokens, got.usage.CachedTokens,
				len(want.tokens), textOf(want.tokens), want.usage.PromptTokens)
		}
	})
	return got.text
}

func (s *storm) score(messages []engine.Message, candidates []string) {
	req := engine.ScoreRequest{Messages: messages, Candidates: candidates}
	got, err := s.together.Score(s.t.Context(), req)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.later(func() {
		want, err := s.alone.Score(s.t.Context(), req)
		if err != nil {
			s.t.Fatal(err)
		}
		for i := range want {
			if !near(got[i].Logprob(), want[i].Logprob(), len(want[i].Tokens)) {
				s.t.Errorf("%q has the score %v, alone %v", candidates[i], got[i].Logprob(), want[i].Logprob())
			}
		}
	})
}

func (s *storm) embed(parts []engine.Part) {
	got, err := s.together.Embed(s.t.Context(), [][]engine.Part{parts})
	if err != nil {
		s.t.Error(err)
		return
	}
	s.later(func() {
		want, err := s.alone.Embed(s.t.Context(), [][]engine.Part{parts})
		if err != nil {
			s.t.Fatal(err)
		}
		for i := range want[0] {
			if !near(float64(got[0][i]), float64(want[0][i]), 1) {
				s.t.Fatalf("number %d of a vector is %v, alone %v", i, got[0][i], want[0][i])
			}
		}
	})
}

// Whatever many ask, cancel, score and count at once, in a context that is too
// small for all of them, of a worker and of the next one: each gets the answer that
// he would get alone.
func TestStorm(t *testing.T) {
	t.Parallel()
	rounds := 5
	if n, err := strconv.Atoi(os.Getenv("VLMCHAT_STORM")); err == nil {
		rounds = n
	}
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("VLMCHAT_STORM_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("VLMCHAT_STORM_SEED=%d", seed)
	for _, family := range []string{"tiny", "qwen2vl", "gemma3", "smolvlm", "lfm2"} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			if family != "tiny" {
				o = zooOptions(t, family)
			}
			o.ContextSize, o.KVType, o.FlashAttn = 1280, "f32", "off"
			s := &storm{t: t, alone: open(t, o)}
			o.Parallel = 1 + int(seed%4)
			o.CacheDir, o.CacheBytes = filepath.Join(t.TempDir(), "cache"), 16<<20
			pictures := []*images.Picture{drawing(t, 64, 64), drawing(t, 96, 64), drawing(t, 120, 130)}
			for worker := range uint64(2) {
				s.together = open(t, o)
				var all sync.WaitGroup
				for n := range uint64(5) {
					w := weather{rand.New(rand.NewPCG(seed, 5*worker+n)), pictures}
					all.Go(func() {
						for range rounds {
							s.blow(w)
						}
					})
				}
				all.Wait()
				end(s.together)
			}
			for _, check := range s.checks {
				check()
			}
			if s.cached == 0 {
				t.Error("nothing was reused")
			}
		})
	}
}

func textOf(tokens []engine.TokenLogprob) (text string) {
	for _, t := range tokens {
		text += t.Text
	}
	return text
}
