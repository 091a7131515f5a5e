package ui

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// puller is a server that has a few models and fetches others, as a test tells it to.
type puller struct {
	*server
	pull func(ctx context.Context, name string, yield func(engine.PullProgress, error) bool)
}

func (p puller) Pull(ctx context.Context, name string) iter.Seq2[engine.PullProgress, error] {
	return func(yield func(engine.PullProgress, error) bool) { p.pull(ctx, name, yield) }
}

// pullUntil is a pull that waits in the middle until it may go on.
func pullUntil(goOn <-chan error) func(context.Context, string, func(engine.PullProgress, error) bool) {
	return func(ctx context.Context, name string, yield func(engine.PullProgress, error) bool) {
		if !yield(engine.PullProgress{Status: "pulling " + name + "\x1b[2J", Done: 1_000_000, Total: 4_000_000}, nil) {
			return
		}
		select {
		case err := <-goOn:
			if err != nil {
				yield(engine.PullProgress{}, err)
				return
			}
			yield(engine.PullProgress{Status: "success", Done: 4_000_000, Total: 4_000_000}, nil)
		case <-ctx.Done():
		}
	}
}

func openPuller(t *testing.T) (p *person, one, two *server, goOn chan error) {
	t.Helper()
	one, two, goOn = newServer("one", say("Fine.")), newServer("qwen:3b", say("Hello.")), make(chan error)
	p = open(t, Options{Setup: between(puller{one, pullUntil(goOn)}, map[string]engine.Engine{"qwen:3b": two})})
	p.sees("one · ollama")
	return p, one, two, goOn
}

// A model that is not there is offered to be fetched, and then answers.
func TestOfferPull(t *testing.T) {
	t.Parallel()
	p, _, _, goOn := openPuller(t)
	p.enter("/model qwen:3b")
	p.sees("There is no qwen:3b at hand. Is it to be fetched?")
	p.press(keyEnter)
	p.sees("pulling qwen:3b")
	p.sees("25% · 1.0 MB of 4.0 MB")
	goOn <- nil
	p.sees("From here on qwen:3b")
}

// Nothing is fetched that was not wanted.
func TestOfferRefused(t *testing.T) {
	t.Parallel()
	p, one, _, _ := openPuller(t)
	p.enter("/model qwen:3b")
	p.sees("Is it to be fetched?")
	p.press(keyEsc)
	p.enter("What?")
	p.sees("Fine.")
	if p.m.fetching != nil || len(one.asked()) != 1 {
		t.Error("it is being fetched")
	}
}

// What is fetched in the background leaves the chat alone, and is told when it is there.
func TestPullInBackground(t *testing.T) {
	t.Parallel()
	p, _, two, goOn := openPuller(t)
	p.enter("/model")
	p.sees("moondream:latest")
	p.write("qwen:3b")
	p.sees("Enter fetches qwen:3b")
	p.press(keyEnter)
	p.sees("25% · 1.0 MB of 4.0 MB")
	p.press(keyEnter)
	p.enter("What?")
	p.sees("Fine.")
	p.idle()
	p.sees("fetching qwen:3b 25%")
	p.enter("/pull other")
	p.sees("First qwen:3b is fetched.")
	p.enter("/pull")
	p.sees("25% · 1.0 MB of 4.0 MB")
	p.press(keyEnter)
	goOn <- nil
	p.sees("qwen:3b is there.")
	p.sees("/model qwen:3b goes on with it.")
	if len(two.asked()) > 0 || strings.Contains(p.screen(), "From here on") {
		t.Errorf("it was switched to:\n%s", p.screen())
	}
}

// Esc stops it, and the next time begins anew.
func TestPullStopped(t *testing.T) {
	t.Parallel()
	p, _, _, goOn := openPuller(t)
	for range 2 {
		p.enter("/pull qwen:3b")
		p.sees("25%")
		p.press(keyEsc)
		p.sees("■ stopped fetching qwen:3b")
	}
	p.enter("/pull qwen:3b")
	p.sees("25%")
	goOn <- nil
	p.sees("From here on qwen:3b")
}

// What goes wrong is told where it is looked at, and can be tried again.
func TestPullFails(t *testing.T) {
	t.Parallel()
	p, _, _, goOn := openPuller(t)
	p.enter("/pull qwen:3b")
	p.sees("25%")
	goOn <- &engine.Error{Kind: engine.Failed, Message: "no space left on device", Hint: "Make room."}
	p.sees("✗ no space left on device\n  Make room.")
	p.sees("Enter tries again")
	p.press(keyEnter)
	p.sees("25%")
	p.press(keyEnter)
	goOn <- errOdd
	p.sees("✗ something odd")
}

func TestPullWhereNothingPulls(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}})
	p.enter("/pull qwen:3b")
	p.sees("What answers here can't fetch models; Ollama can.")
	p.enter("/pull")
	p.sees("Which model?")
}

// A chat of plain lines waits for it.
func TestPlainPull(t *testing.T) {
	t.Parallel()
	p, _, _, goOn := openPuller(t)
	p.m.plain = true
	p.enter("/model qwen:3b")
	p.sees("/pull qwen:3b fetches it.")
	p.enter("/pull qwen:3b")
	p.sees("fetching qwen:3b 25%")
	if !p.m.underway() {
		t.Error("nothing is under way")
	}
	p.press(keyEsc)
	p.sees("■ stopped")
	p.enter("/pull qwen:3b")
	goOn <- nil
	p.sees("From here on qwen:3b")
}

// A model that is there while an answer comes is not switched to, and that is said.
func TestPulledWhileAnswering(t *testing.T) {
	t.Parallel()
	one, goOn := newServer("one", sayThenHang("A long story")), make(chan error)
	p := open(t, Options{Setup: between(puller{one, pullUntil(goOn)}, nil)})
	p.sees("one · ollama")
	p.enter("What?")
	p.sees("A long story")
	p.enter("/pull qwen:3b")
	p.sees("25% · 1.0 MB of 4.0 MB")
	goOn <- nil
	p.sees("/model qwen:3b goes on with it.")
	if p.m.dialog != nil || p.m.fetching != nil {
		t.Errorf("the dialog stays:\n%s", p.screen())
	}
}
