package native

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// Many who ask at once get the answers that each gets alone.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.ContextSize = 4096 + o.ContextSize
	alone := open(t, o)
	o.Parallel = 4
	together := open(t, o)
	var conversations [][]engine.Message
	for i := range 12 {
		p := sample(t, fmt.Sprintf("scene-%02d.png", []int{1, 2, 3, 4, 6, 7}[i%6]))
		messages := []engine.Message{engine.Ask("Describe this image.", p)}
		if i >= 6 {
			messages = append(messages, engine.Text(engine.Assistant, "It shows a star."), engine.Text(engine.User, "What is the background color?"))
		}
		if i%4 == 3 {
			messages = []engine.Message{engine.Text(engine.User, "Who are you?")}
		}
		conversations = append(conversations, messages)
	}
	got := make([]answer, len(conversations))
	var all sync.WaitGroup
	for i, messages := range conversations {
		all.Go(func() {
			a, err := ask(t.Context(), together, greedy, messages...)
			if err != nil {
				t.Error(err)
			}
			got[i] = a
		})
	}
	all.Wait()
	for i, messages := range conversations {
		want := mustAsk(t, alone, greedy, messages...)
		if got[i].text != want.text || got[i].usage.GeneratedTokens != want.usage.GeneratedTokens {
			t.Errorf("conversation %d: at once %q, alone %q", i, got[i].text, want.text)
		}
	}
}

// One who goes away leaves the others' answers as they are, and the worker usable.
func TestCancelOneOfMany(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	question := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	want := mustAsk(t, e, greedy, question).text
	for round := range 5 {
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				text := ""
				for ev, err := range e.Chat(ctx, engine.Request{Messages: []engine.Message{question}, Sampling: greedy}) {
					if i%2 == 1 && (ev.Kind == engine.Delta || round%2 == 0) {
						cancel()
					}
					if err != nil {
						if i%2 == 0 || engine.KindOf(err) != engine.Cancelled {
							t.Error(err)
						}
						return
					}
					text += ev.Text
				}
				if i%2 == 0 && text != want {
					t.Errorf("beside one who left, the answer is %q, want %q", text, want)
				}
			})
		}
		all.Wait()
	}
	if again := mustAsk(t, e, greedy, question); again.text != want || again.usage.CachedTokens == 0 {
		t.Errorf("afterwards %q with usage %+v", again.text, again.usage)
	}
}

// Somebody who waits does not wait for a batch that came before.
func TestChatIsNotStarvedByABatch(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Parallel = 2
	e := open(t, o)
	if _, err := e.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	const jobs = 24
	order := make(chan string, jobs+1)
	begun := make(chan struct{}, jobs)
	var all sync.WaitGroup
	run := func(name string, req engine.Request) {
		all.Go(func() {
			first := true
			for _, err := range e.Chat(t.Context(), req) {
				if err != nil {
					t.Error(err)
				}
				if first {
					first = false
					begun <- struct{}{}
				}
			}
			order <- name
		})
	}
	picture := sample(t, "scene-03.png")
	for i := range jobs {
		run("batch", engine.Request{
			Background: true, Sampling: engine.Sampling{MaxTokens: 200}, Grammar: `root ::= ("a red circle "){100}`,
			Messages: []engine.Message{engine.Ask(fmt.Sprintf("Describe this image, number %d.", i), picture)},
		})
	}
	<-begun
	run("chat", engine.Request{Sampling: greedy, Messages: []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}})
	all.Wait()
	close(order)
	place, last := 0, 0
	for name := range order {
		if last++; name == "chat" {
			place = last
		}
	}
	if place > jobs-4 {
		t.Errorf("the chat's answer came as number %d of %d", place, last)
	}
}

// A batch computes as many answers at once as there are places, while nobody else is there;
// else it leaves one.
func TestPlacesOfABatch(t *testing.T) {
	t.Parallel()
	for _, others := range []bool{false, true} {
		t.Run(fmt.Sprintf("others %v", others), func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Parallel, o.Alone = 2, !others // a worker of its own
			o.ContextSize += 2048            // there is room for both
			e := open(t, o)
			if _, err := e.Info(t.Context()); err != nil {
				t.Fatal(err)
			}
			if others {
				if _, err := open(t, o).Info(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			run := func(name string, tokens int, begun func()) {
				req := engine.Request{
					Background: true, Sampling: engine.Sampling{MaxTokens: tokens}, Grammar: `root ::= ("a red circle "){1000}`,
					Messages: []engine.Message{engine.Text(engine.User, "Say something, "+name+".")},
				}
				for ev, err := range e.Chat(t.Context(), req) {
					if err != nil {
						t.Error(err)
					}
					if ev.Kind == engine.Delta && begun != nil {
						begun()
						begun = nil
					}
				}
			}
			// Events lie and wait for who reads them, on a busy machine for longer than an answer
			// takes. So an order tells nothing that is seen once.
			for range 5 {
				ended := make(chan string, 2)
				run("long", 1000, func() {
					go func() {
						run("short", 400, nil)
						ended <- "short"
					}()
				})
				ended <- "long"
				if first, _ := <-ended, <-ended; (first == "long") == others {
					return
				}
			}
			t.Errorf("with others %v, the first is never the one that is to be", others)
		})
	}
}
