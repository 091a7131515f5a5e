package ui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// helm steers a conversation at random, by messages alone.
type helm struct {
	stage
	r     *rand.Rand
	told  int
	feeds []*feed
	owner map[*feed]*exchange // whom what a feed brings is for
}

// What people do at random, in any order: the path is a chain, the transcript has
// exactly what is on it, what the model is told alternates, and no answer goes to
// another question.
func TestSteeredAtRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			setup := between(&fake{}, nil)
			setup.System = "Be brief."
			o := Options{Setup: setup, Attach: attachTest}
			if seed%2 == 0 {
				o.Pictures = []*images.Picture{testPicture("a.png", 8, 8)}
			}
			h := &helm{stage: stage{newModel(t.Context(), o)}, r: rand.New(rand.NewPCG(seed, 8)), owner: map[*feed]*exchange{}}
			h.m.width, h.m.height = 60, 20
			h.m.layout()
			var log []string
			for range 150 {
				log = append(log, h.act())
				if err := h.check(); err != nil {
					t.Fatalf("%v, after %s", err, strings.Join(log, ", "))
				}
			}
		})
	}
}

// act does one thing, and says what.
func (h *helm) act() string {
	n := 1 + h.r.IntN(h.m.talk.count+1)
	acts := []struct {
		name string
		do   func()
	}{
		{"ask", func() { h.told++; h.enter(fmt.Sprint("question ", h.told)) }},
		{"hear", func() { h.bring(func(tag string) batch { return batch{text: tag} }) }},
		{"finish", func() {
			h.bring(func(tag string) batch { d := done(); return batch{text: tag, done: &d, ended: true} })
		}},
		{"fail", func() { h.bring(func(string) batch { return batch{err: errOdd, ended: true} }) }},
		{"refuse", func() {
			h.bring(func(string) batch {
				return batch{err: &engine.Error{Kind: engine.BadPicture, Message: "no"}, ended: true}
			})
		}},
		{"let go", func() { h.bring(func(string) batch { return batch{ended: true} }) }},
		{"Esc", func() { h.send(keyEsc) }},
		{"↑", func() { h.send(keyUp) }},
		{"change", func() {
			if h.m.edit != nil {
				h.m.composer.insert("!")
			}
			h.send(keyEnter)
		}},
		{fmt.Sprint("edit ", n), func() { h.enter(fmt.Sprint("/edit ", n)) }},
		{"retry", func() { h.enter("/retry") }},
		{fmt.Sprint("branch ", n), func() { h.enter(fmt.Sprint("/branch ", n)) }},
		{"undo", func() { h.enter("/undo") }},
		{"redo", func() { h.enter("/redo") }},
		{"branch before", func() { h.send(keyBranchPrev) }},
		{"branch after", func() { h.send(keyBranchNext) }},
		{"help", func() {
			h.enter("/help")
			h.send(keyEsc)
		}},
		{"compare", func() { h.enter("/compare other") }},
		{"opened", func() {
			if c := h.m.comparison; c != nil && c.columns[1].opening != nil {
				h.send(openedMsg{column: c.columns[1], setup: between(&fake{}, nil), info: fakeInfo})
			}
		}},
		{"not opened", func() {
			if c := h.m.comparison; c != nil && c.columns[1].opening != nil {
				h.send(openedMsg{column: c.columns[1], err: errOdd})
			}
		}},
		{"choose 1", func() { h.send(tea.KeyPressMsg{Code: '1', Text: "1"}) }},
		{"choose 2", func() { h.enter("/compare 2") }},
		{"switch", func() { h.enter("/model other") }},
		{"retry with", func() { h.enter("/retry other") }},
		{"switched", func() {
			if c := h.m.change; c != nil {
				h.send(changedMsg{change: c, setup: between(&fake{}, nil), info: fakeInfo})
			}
		}},
		{"not switched", func() {
			if c := h.m.change; c != nil {
				h.send(changedMsg{change: c, err: errOdd})
			}
		}},
	}
	if h.r.IntN(40) == 0 {
		h.enter("/clear")
		return "clear"
	}
	a := acts[h.r.IntN(len(acts))]
	a.do()
	note := func(f *feed, of *exchange) {
		if f != nil && h.owner[f] == nil {
			h.owner[f] = of
			h.feeds = append(h.feeds, f)
		}
	}
	if run := h.m.run; run != nil {
		note(run.feed, run.exchange)
	}
	if c := h.m.comparison; c != nil {
		for _, col := range c.columns {
			note(col.feed, col.exchange)
		}
	}
	return a.name
}

// bring delivers something from a feed, mostly that of the answer on its way, with a
// tag that tells whom it is for.
func (h *helm) bring(make func(tag string) batch) {
	if len(h.feeds) == 0 {
		return
	}
	f := h.feeds[len(h.feeds)-1]
	if h.r.IntN(4) == 0 {
		f = h.feeds[h.r.IntN(len(h.feeds))]
	}
	b := make(tagOf(h.owner[f]))
	b.feed = f
	h.send(b)
}

func tagOf(ex *exchange) string { return fmt.Sprintf("<%p>", ex) }

// check looks whether the conversation is whole.
func (h *helm) check() error {
	path := h.m.talk.path()
	var parent *exchange
	var want, got []block
	for _, ex := range path {
		if ex.parent != parent || !slices.Contains(*h.m.talk.children(parent), ex) {
			return fmt.Errorf("the path breaks before %d", ex.number)
		}
		parent = ex
		want = append(want, ex.question, ex.answer)
	}
	for _, it := range h.m.transcript.items {
		switch b := it.block.(type) {
		case *question:
			if b != h.m.draft {
				got = append(got, b)
			}
		case *answer:
			got = append(got, b)
		}
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the transcript has %d messages, the path %d, or others", len(got), len(want))
	}
	numbers := map[int]bool{}
	for ex := range h.m.talk.all {
		if numbers[ex.number] {
			return fmt.Errorf("%d twice", ex.number)
		}
		numbers[ex.number] = true
		if said := ex.answer.raw.String(); strings.ReplaceAll(said, tagOf(ex), "") != "" {
			return fmt.Errorf("%d says %s", ex.number, said)
		}
	}
	for _, ex := range path {
		messages := h.m.talk.messages(ex)
		for i, message := range messages {
			role := []engine.Role{engine.User, engine.Assistant}[(i+1)%2]
			if i == 0 {
				role = engine.System
			}
			if h.m.talk.system == "" {
				role = []engine.Role{engine.User, engine.Assistant}[i%2]
			}
			if message.Role != role {
				return fmt.Errorf("message %d to %d is the %s's", i, ex.number, message.Role)
			}
		}
		if messages[len(messages)-1].Role != engine.User {
			return fmt.Errorf("what %d is told ends in an answer", ex.number)
		}
	}
	if q := h.m.queue; q != nil && q != h.m.talk.leaf {
		return fmt.Errorf("%d waits to be asked, and is not the last one", q.number)
	}
	if v := h.m.View(); strings.Count(v.Content, "\n") >= h.m.height {
		return fmt.Errorf("the screen has %d lines", strings.Count(v.Content, "\n")+1)
	}
	return nil
}
