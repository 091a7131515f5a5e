package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// server is a fake that says who it is, and which pictures it takes.
type server struct {
	*fake
	info    engine.Info
	most    int // pictures, 0 for any number
	closed  chan struct{}
	closing sync.Once
}

func newServer(model string, reply func(context.Context, engine.Request, yield)) *server {
	return &server{
		fake:   &fake{reply: reply},
		info:   engine.Info{Engine: "ollama", Model: model, Host: "there:1", Capabilities: engine.Capabilities{Vision: true}},
		closed: make(chan struct{}),
	}
}

func (s *server) Info(context.Context) (engine.Info, error) { return s.info, s.fails }

func (s *server) Close() error {
	s.closing.Do(func() { close(s.closed) })
	return nil
}

func (s *server) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

func (s *server) TakePicture(_ context.Context, p *images.Picture, earlier []*images.Picture) error {
	if s.most > 0 && len(earlier) >= s.most {
		return &engine.Error{Kind: engine.BadPicture, Message: fmt.Sprintf("%s is one picture too many.", p.Source)}
	}
	return nil
}

// between returns the setup of an engine from which one can switch to others, by
// any name that they have here.
func between(e engine.Engine, others map[string]engine.Engine) Setup {
	s := Setup{Engine: e}
	s.Models = func(context.Context) ([]engine.ModelInfo, error) {
		sees := true
		return []engine.ModelInfo{{Name: "llava:7b", Size: 4_700_000_000, Vision: &sees}, {Name: "llava-old"}, {Name: "moondream:latest"}}, nil
	}
	s.Switch = func(_ context.Context, to To) (Setup, error) {
		next, ok := others[to.Backend+to.Model+to.Profile]
		if !ok {
			return Setup{}, &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("There is no %+v.", to), Hint: "Look again."}
		}
		return between(next, others), nil
	}
	return s
}

// The conversation, pictures included, goes on with another engine and back.
func TestSwitch(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say("A disc.")), newServer("two", say("Yes."))
	p := open(t, Options{
		Setup:    between(one, map[string]engine.Engine{"ollama": two}),
		Pictures: []*images.Picture{testPicture("a.png", 8, 8)},
		Backends: []Named{{"native", "here"}, {"ollama", "there"}},
	})
	p.enter("What?")
	p.sees("A disc.")
	p.idle()
	p.enter("/backend olla") // the beginning is enough
	p.sees("From here on two (ollama, there:1) answers.")
	p.sees("two · ollama · there:1")
	p.until("the first one closed", one.isClosed)
	p.enter("Sure?")
	p.sees("Yes.")
	want := []string{"user: [a.png] What?", "assistant: A disc.", "user: Sure?"}
	if got := turns(two.asked()[0]); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	p.idle()
	p.enter("/retry")
	p.until("the second one asked again", func() bool { return len(two.asked()) == 2 })
	if n := len(one.asked()); n != 1 || two.isClosed() {
		t.Errorf("the first was asked %d times; the second is closed: %v", n, two.isClosed())
	}
}

// Whatever keeps the new engine from answering leaves the old one in its place.
func TestSwitchFails(t *testing.T) {
	t.Parallel()
	absent, blind, few := newServer("absent", nil), newServer("blind", nil), newServer("few", nil)
	absent.fails = &engine.Error{Kind: engine.Unreachable, Message: "Nobody is there.", Hint: "Start it."}
	blind.info.Capabilities.Vision = false
	few.most = 1
	others := map[string]engine.Engine{"absent": absent, "blind": blind, "few": few}
	unloadable := newServer("unloadable", nil)
	others["unloadable"] = struct {
		*server
		engine.Loader
	}{unloadable, loader{nil, func(_ context.Context, yield yield) { yield(engine.Event{}, errOdd) }}}
	for name, sees := range map[string]string{
		"absent":     "✗ Nobody is there.\n  Start it.\n  one goes on.",
		"blind":      "✗ blind can't see pictures, and this conversation has some.",
		"few":        "✗ b.png is one picture too many.\n  one goes on.",
		"unloadable": "✗ something odd\n  one goes on.",
		"unknown":    "✗ There is no {Backend: Model:unknown Profile:}.\n  Look again.\n  one goes on.",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := newServer("one", say("Fine."))
			p := open(t, Options{Setup: between(one, others), Pictures: []*images.Picture{testPicture("a.png", 8, 8), testPicture("b.png", 8, 8)}})
			p.sees("one · ollama")
			p.enter("/model " + name)
			p.sees(sees)
			p.idle()
			p.enter("What?")
			p.sees("Fine.")
			if one.isClosed() {
				t.Error("the engine that goes on is closed")
			}
			if e, ok := others[name].(*server); ok && !e.isClosed() {
				t.Error("the one that can't be used is open")
			}
		})
	}
}

// Esc gives up a switch; the question that waits for it is put to nobody, and what
// comes of the switch in spite of it is closed.
func TestSwitchStopped(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say("Fine.")), newServer("two", say("No."))
	begun, release := make(chan struct{}), make(chan struct{})
	setup := between(one, nil)
	setup.Switch = func(context.Context, To) (Setup, error) {
		close(begun)
		<-release
		return between(two, nil), nil
	}
	p := open(t, Options{Setup: setup})
	p.sees("one · ollama")
	p.enter("/model two")
	p.sees("switching to two · Esc stops")
	p.until("begun", func() bool {
		select {
		case <-begun:
			return true
		default:
			return false
		}
	})
	p.enter("/profile x")
	p.sees(withKey(switchHint, " · Esc stops"))
	p.enter("For two only")
	p.sees("┃ For two only")
	p.press(keyEsc)
	p.sees("nothing has changed")
	p.sees("stopped before it began")
	close(release)
	p.until("the second one closed", two.isClosed)
	p.enter("Hello?")
	p.sees("Fine.")
	if got, want := turns(one.asked()[0]), []string{"user: Hello?"}; len(one.asked()) != 1 || !slices.Equal(got, want) {
		t.Errorf("asked %q", got)
	}
}

// A question asked while a switch is under way is for the new engine.
func TestQuestionWaitsForTheSwitch(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say("Wrong.")), newServer("two", say("Right."))
	release := make(chan struct{})
	setup := between(one, nil)
	setup.Switch = func(context.Context, To) (Setup, error) {
		<-release
		return between(loader{two.fake, func(_ context.Context, yield yield) { yield(engine.Event{Kind: engine.Load, Progress: 0.5}, nil) }}, nil), nil
	}
	p := open(t, Options{Setup: setup})
	p.sees("one · ollama")
	p.enter("/model two")
	p.enter("Who?")
	p.sees("┃ Who?")
	close(release)
	p.sees("Right.")
	if len(one.asked()) != 0 {
		t.Error("the old one was asked")
	}
}

// A question that waits for a switch that fails is not put to the old engine.
func TestQuestionOfAFailedSwitch(t *testing.T) {
	t.Parallel()
	one := newServer("one", say("Wrong."))
	release := make(chan struct{})
	setup := between(one, nil)
	setup.Switch = func(context.Context, To) (Setup, error) {
		<-release
		return Setup{}, errOdd
	}
	p := open(t, Options{Setup: setup})
	p.sees("one · ollama")
	p.enter("/model two")
	p.enter("Who?")
	close(release)
	p.sees("something odd")
	p.sees("/retry asks again")
	p.enter("/retry")
	p.sees("Wrong.")
}

func TestNoSwitchWhileAnswering(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: between(newServer("one", sayThenHang("Well")), nil)})
	p.enter("Who?")
	p.sees("Well")
	p.enter("/model two")
	p.sees(withKey(busyHint, " · Esc stops"))
}

// A plain chat has numbered lists, which can be chosen from and say what answers now.
func TestLists(t *testing.T) {
	t.Parallel()
	two := newServer("two", say("Fine."))
	setup := between(newServer("llava:7b", nil), map[string]engine.Engine{"moondream:latest": two, "native": two, "work": two})
	setup.Profile = "work"
	p := open(t, Options{
		Setup: setup, Backends: []Named{{"native", "here"}, {"ollama", "there"}},
		Profiles: func() ([]Named, error) { return []Named{{"home", "a \x1b[31mplace"}, {"work", ""}}, nil },
	})
	p.m.plain = true
	p.sees("llava:7b · ollama")
	p.enter("/model 3")
	p.sees("There is no number 3")
	p.enter("/profile")
	p.sees("  1. home: a place\n  2. work (now)\n  /profile and a number")
	p.enter("/backend")
	p.sees("  1. native: here\n  2. ollama: there")
	p.enter("/model")
	p.sees("  1. llava:7b (now): sees · 4.7 GB\n  2. llava-old\n  3. moondream:latest")
	p.enter("/model llava")
	p.sees("✗ Several models begin with llava: llava:7b, llava-old.")
	p.idle()
	p.enter("/backend azure")
	p.sees("✗ There is no backend azure.")
	p.idle()
	p.enter("/model 3")
	p.sees("From here on two")
}

// Elsewhere, lists are pickers.
func TestPickModel(t *testing.T) {
	t.Parallel()
	two, three := newServer("two", say("Fine.")), newServer("three", say("Well."))
	setup := between(newServer("llava:7b", nil), map[string]engine.Engine{"moondream:latest": two, "nativegemma": three})
	setup.Elsewhere = func(context.Context) []Place {
		return []Place{{Backend: "native", Name: "native: on this machine", Models: []engine.ModelInfo{{Name: "gemma", Loaded: true}}}}
	}
	p := open(t, Options{Setup: setup})
	p.sees("llava:7b · ollama")
	p.enter("/model")
	p.sees("native: on this machine\n  gemma")
	p.sees("› llava:7b •")
	p.press(keyEnd, keyEnter)
	p.sees("From here on three")
	p.idle()
	p.enter("/model")
	p.sees("moondream:latest")
	p.write("moon")
	p.press(keyEnter)
	p.sees("From here on two")
}

// A list that can't be had is told; a model is taken by its name nevertheless.
func TestNoList(t *testing.T) {
	t.Parallel()
	two := newServer("two", say("Fine."))
	setup := between(newServer("one", nil), map[string]engine.Engine{"two": two})
	setup.Models = func(context.Context) ([]engine.ModelInfo, error) { return nil, errors.New("no list today") }
	p := open(t, Options{Setup: setup})
	p.sees("one · ollama")
	p.enter("/profile")
	p.sees("There are no profiles.")
	p.press(keyEsc)
	p.enter("/model")
	p.sees("✗ no list today")
	p.enter("two")
	p.sees("From here on two")
}

// Esc gives up a list that never comes.
func TestEndlessList(t *testing.T) {
	t.Parallel()
	setup := between(newServer("one", say("Fine.")), nil)
	left := make(chan struct{})
	setup.Models = func(ctx context.Context) ([]engine.ModelInfo, error) {
		<-ctx.Done()
		close(left)
		return nil, ctx.Err()
	}
	p := open(t, Options{Setup: setup})
	p.sees("one · ollama")
	for _, plain := range []bool{false, true} {
		left = make(chan struct{})
		p.m.plain = plain
		p.enter("/model")
		p.sees("listing the models")
		p.press(keyEsc)
		p.until("given up", func() bool {
			select {
			case <-left:
				return p.m.search == nil
			default:
				return false
			}
		})
	}
	p.enter("What?")
	p.sees("Fine.")
}

func TestMeant(t *testing.T) {
	t.Parallel()
	names := []string{"llava:latest", "llava:7b", "Qwen", "b", "bb"}
	for written, want := range map[string]string{
		"llava": "llava:latest", "llava:7": "llava:7b", "qw": "Qwen", "b": "b", "/a/path.gguf": "/a/path.gguf", "ll": "",
	} {
		if got, err := meant(models, names, written); got != want || (err != nil) != (want == "") {
			t.Errorf("%s is %q, %v", written, got, err)
		}
	}
}

// A picture that the engine refuses is told when it is attached, and goes with no
// question.
func TestRefusedPicture(t *testing.T) {
	t.Parallel()
	e := newServer("one", say("Fine."))
	e.most = 1
	p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("a.png", 8, 8), testPicture("b.png", 8, 8)}})
	p.sees("✗ b.png is one picture too many.")
	p.enter("/attach c.png")
	p.sees("✗ c.png is one picture too many.")
	p.enter("Look at ./d.png again")
	p.sees("✗ ./d.png is one picture too many.")
	p.sees("› Look at ./d.png again")
	for range "Look at ./d.png again" {
		p.press(keyBackspace)
	}
	p.enter("What?")
	p.sees("Fine.")
	if got, want := turns(e.asked()[0]), []string{"user: [a.png] What?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// An answer that begins anew takes back what was there of it.
func TestRestart(t *testing.T) {
	t.Parallel()
	e := newServer("one", func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Thinking, Text: "hm"}, nil)
		yield(engine.Event{Kind: engine.Delta, Text: "A cube"}, nil)
		yield(engine.Event{Kind: engine.Restart, Text: "the server ended the first one"}, nil)
		yield(engine.Event{Kind: "of a later version"}, nil)
		yield(engine.Event{Kind: engine.Delta, Text: "A disc."}, nil)
		yield(done(), nil)
	})
	p := open(t, Options{Setup: Setup{Engine: e, Restart: true}})
	p.enter("What?")
	p.sees("A disc.")
	p.sees("This answer began anew: the server ended the first one")
	p.idle()
	p.enter("Sure?")
	p.until("a second request", func() bool { return len(e.asked()) == 2 })
	want := []string{"user: What?", "assistant: A disc.", "user: Sure?"}
	if got := turns(e.asked()[1]); !slices.Equal(got, want) || !e.asked()[1].Restart {
		t.Errorf("asked %q, want %q", got, want)
	}
	if screen := p.screen(); strings.Contains(screen, "cube") || strings.Contains(screen, "hm") {
		t.Errorf("what was taken back is there:\n%s", screen)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	e := newServer("one", func(ctx context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Wait, Text: "waiting to try again in 4 s: the server is busy"}, nil)
		<-ctx.Done()
	})
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("What?")
	p.sees("waiting to try again in 4 s: the server is busy")
}

// What answers cost adds up, with the prices of whoever gave them.
func TestCost(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say("Fine.")), newServer("two", say("Fine, too."))
	setup := between(one, map[string]engine.Engine{"two": two})
	setup.Prices = engine.Prices{Input: 10, Output: 100} // 100 and 23 tokens: $0.0033
	p := open(t, Options{Setup: setup})
	p.enter("What?")
	p.sees("100 prompt · 64 picture tokens · $0.0033")
	p.idle()
	p.enter("/model two") // costs nothing
	p.sees("ready · $0.0033")
	p.enter("And?")
	p.sees("Fine, too.")
	p.until("answered", func() bool { return strings.HasSuffix(p.screen(), " $0.0033") })
	p.idle()
	p.enter("/clear")
	p.until("forgotten", func() bool { return !strings.Contains(p.screen(), "$") })
}

func TestDollars(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{
		0: "$0.00", 0.000001: "<$0.00001", 0.000042: "$0.000042", 0.0042: "$0.0042", 0.0123: "$0.012", 0.099: "$0.099", 0.5: "$0.50", 12.345: "$12.35",
	} {
		if got := dollars(x); got != want {
			t.Errorf("%g is %s, want %s", x, got, want)
		}
	}
}

func TestWhatAnswersIsMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		listed, answers string
		want            bool
	}{
		{"/models/tiny.gguf", "tiny.gguf", true}, // which llama-server calls by its path
		{`C:\models\win.gguf`, "win.gguf", true},
		{"llava:latest", "llava", true},
		{"owner/vlm", "vlm", false}, // an owner may differ
		{"", "", false},
	} {
		if got := isCalled(c.listed, []string{"", c.answers}); got != c.want {
			t.Errorf("%q is %q: %v", c.listed, c.answers, got)
		}
	}
}
