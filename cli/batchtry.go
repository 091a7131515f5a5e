package cli

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/termtext"
)

// counted at most: the tokens of items are counted of so many, drawn from all, where there
// are more.
const mostCounted = 20

// tryBatch says what a batch would be, and asks nothing.
func (a *app) tryBatch(ctx context.Context, work *batch.Work, in *batch.Inputs) error {
	setup, _, err := a.settled(choice{})
	if err != nil {
		return err
	}
	status := newStatus(a.stderr)
	status.doing("counting")
	var drawn []batch.Question
	seen := 0
	plan, err := work.Plan(ctx, func(_ batch.Item, q batch.Question) {
		// Each has the same chance (reservoir sampling).
		if seen++; len(drawn) < mostCounted {
			drawn = append(drawn, q)
		} else if i := rand.IntN(seen); i < mostCounted {
			drawn[i] = q
		}
	})
	status.clear()
	if err != nil {
		return err
	}
	say := func(name, format string, args ...any) {
		fmt.Fprintf(a.stdout, "%-9s %s\n", name, fmt.Sprintf(format, args...))
	}
	say("items", "%s, of which %s are to be asked%s", thousands(plan.Items), thousands(plan.Todo), leftOut(in.LeftOut))
	if plan.Done > 0 {
		say("done", "%s", thousands(plan.Done))
	}
	if plan.Others > 0 {
		say("shards", "%s in other ones", thousands(plan.Others))
	}
	if plan.Later > 0 {
		say("later", "%s left for another run", thousands(plan.Later))
	}
	say("pictures", "%s", thousands(plan.Pictures))
	if plan.Todo == 0 {
		return nil
	}
	e, _, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer e.Close()
	counter, ok := e.(engine.Counter)
	if !ok {
		say("tokens", "not known before: this engine can't count them")
		return nil
	}
	sample := sampleOf{}
	for i, q := range drawn {
		status.doing(fmt.Sprintf("counting tokens, item %d of %d", i+1, len(drawn)))
		sample.add(ctx, counter, q)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	status.clear()
	if sample.counted == 0 {
		say("tokens", "not known: %s", termtext.Line(sample.err.Error()))
		return nil
	}
	each := func(n int) float64 { return float64(n) / float64(sample.counted) }
	all := func(n int) int { return int(math.Round(each(n) * float64(plan.Todo))) }
	about := ""
	if sample.counted < plan.Todo {
		about = fmt.Sprintf(" (about: counted of %d items)", sample.counted)
	}
	say("tokens", "%s to read, %s of them of pictures%s", thousands(all(sample.tokens)), thousands(all(sample.ofPictures)), about)
	say("", "%s to write at most", thousands(all(sample.most)))
	if sample.failed > 0 {
		say("errors", "%d of these %d items can't be asked; the first: %s", sample.failed, len(drawn), termtext.Line(sample.err.Error()))
	}
	if setup.Prices.Known() {
		read := setup.Prices.Cost(engine.Usage{PromptTokens: all(sample.tokens)})
		whole := setup.Prices.Cost(engine.Usage{PromptTokens: all(sample.tokens), GeneratedTokens: all(sample.most)})
		say("cost", "%s to read, %s at most with the answers", dollars(read), dollars(whole))
	}
	return nil
}

// sampleOf is what some of the items take.
type sampleOf struct {
	counted, failed          int
	tokens, ofPictures, most int
	err                      error // the first one
}

func (s *sampleOf) add(ctx context.Context, counter engine.Counter, q batch.Question) {
	req, err := q.Read(ctx)
	var count engine.Count
	if err == nil {
		count, err = counter.Count(ctx, req)
	}
	if err != nil {
		if s.failed++; s.err == nil {
			s.err = err
		}
		return
	}
	s.counted++
	s.tokens += count.Tokens
	s.ofPictures += count.ImageTokens
	s.most += req.Sampling.MaxTokens
}
