package native

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// stormTie is nearTie for a KV cache that many have written to: where in it a
// conversation lies moves log-probabilities by up to a tenth.
const stormTie = 0.15

// weather is what a storm consists of. VLMCHAT_STORM=rounds makes a longer one.
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
	messages []engine.Message
	tokens   []engine.TokenLogprob
	usage    engine.Usage
}

func stormChat(ctx context.Context, e *Engine, messages []engine.Message, background bool, stop func(engine.Event) bool) (*stormAnswer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := &stormAnswer{messages: messages}
	req := engine.Request{Messages: messages, Sampling: engine.Sampling{MaxTokens: 24}, Logprobs: true, TopLogprobs: 2, Background: background}
	for ev, err := range e.Chat(ctx, req) {
		if err != nil {
			return nil, err
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
	return len(a.tokens) == len(b.tokens) || len(a.tokens) > 0 && len(b.tokens) > 0
}

func gap(t engine.TokenLogprob) float64 { return t.Top[0].Logprob - t.Top[1].Logprob }

// Whatever many ask, cancel, score and count at once, in a context that is too
// small for all of them: each gets the answer that he would get alone.
func TestStorm(t *testing.T) {
	t.Parallel()
	rounds := 10
	if n, err := strconv.Atoi(os.Getenv("VLMCHAT_STORM")); err == nil {
		rounds = n
	}
	for _, family := range []string{"", "qwen2vl", "gemma3", "smolvlm", "lfm2"} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			if family != "" {
				o = zooOptions(t, family)
			}
			o.ContextSize, o.Parallel = 1280, 3
			alone := open(t, o)
			o.CacheDir, o.CacheBytes = filepath.Join(t.TempDir(), "cache"), 8<<20
			e := open(t, o)
			seed := uint64(time.Now().UnixNano())
			if text := os.Getenv("VLMCHAT_STORM_SEED"); text != "" {
				seed, _ = strconv.ParseUint(text, 10, 64)
			}
			t.Logf("VLMCHAT_STORM_SEED=%d", seed)
			pictures := []*images.Picture{drawing(t, 64, 64), drawing(t, 96, 64), drawing(t, 120, 130)}
			answers := make(chan *stormAnswer, 10*rounds)
			scores := make(chan func(), 10*rounds)
			var all sync.WaitGroup
			for n := range uint64(5) {
				w := weather{rand.New(rand.NewPCG(seed, n)), pictures}
				all.Go(func() {
					for range rounds {
						messages := w.conversation()
						switch w.rng.IntN(8) {
						case 0: // scores
							candidates := []string{"It shows a star.", "Blue.", fmt.Sprint("Number ", w.rng.IntN(5))}
							got, err := e.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: candidates})
							if err != nil {
								t.Error(err)
								continue
							}
							scores <- func() {
								want, err := alone.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: candidates})
								if err != nil {
									t.Error(err)
									return
								}
								for i := range want {
									if d := math.Abs(want[i].Logprob() - got[i].Logprob()); d > stormTie*float64(len(want[i].Tokens)) {
										t.Errorf("%q has the score %v, alone %v", candidates[i], got[i].Logprob(), want[i].Logprob())
									}
								}
							}
						case 1: // leaves at some moment
							left := w.rng.IntN(12)
							_, err := stormChat(t.Context(), e, messages, w.rng.IntN(2) == 0, func(engine.Event) bool {
								left--
								return left < 0
							})
							if err != nil && engine.KindOf(err) != engine.Cancelled {
								t.Error(err)
							}
						case 2:
							if _, err := e.Count(t.Context(), messages); err != nil {
								t.Error(err)
							}
						default:
							a, err := stormChat(t.Context(), e, messages, w.rng.IntN(2) == 0, func(engine.Event) bool { return false })
							if err != nil {
								t.Error(err)
								continue
							}
							answers <- a
						}
					}
				})
			}
			all.Wait()
			close(answers)
			close(scores)
			cached := 0
			for got := range answers {
				cached += got.usage.CachedTokens
				want, err := stormChat(t.Context(), alone, got.messages, false, func(engine.Event) bool { return false })
				if err != nil {
					t.Fatal(err)
				}
				if !got.sameAs(want) || got.usage.PromptTokens != want.usage.PromptTokens {
					t.Errorf("in the storm %d tokens %q, of %d in the prompt, %d of them from the cache; alone %d tokens %q, of %d",
						len(got.tokens), textOf(got.tokens), got.usage.PromptTokens, got.usage.CachedTokens,
						len(want.tokens), textOf(want.tokens), want.usage.PromptTokens)
				}
			}
			for check := range scores {
				check()
			}
			if cached == 0 {
				t.Error("nothing was reused")
			}
			end(e)
		})
	}
}

func textOf(tokens []engine.TokenLogprob) (text string) {
	for _, t := range tokens {
		text += t.Text
	}
	return text
}
