package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// The answer that is there stands beside another model's, and either can go on.
func TestCompareWithTheAnswerThatIsThere(t *testing.T) {
	t.Parallel()
	for choice, want := range map[string]string{"1": "assistant: A disc.", "2": "assistant: A sun."} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			one, two := newServer("one", say("A disc.")), newServer("two", say("A sun."))
			p := open(t, Options{Setup: between(one, map[string]engine.Engine{"two": two}), Pictures: []*images.Picture{testPicture("a.png", 8, 8)}})
			p.sees("one · ollama")
			p.asks("What?")
			p.asks("/compare two")
			p.sees("1 one")
			p.sees("│   2 two")
			p.sees("│   A sun.")
			p.sees("1 or 2 chooses · Esc leaves it as it was")
			if got, want := turns(two.asked()[0]), []string{"user: [a.png] What?"}; !slices.Equal(got, want) || len(one.asked()) != 1 {
				t.Errorf("asked %q", got)
			}
			p.until("the other one closed", two.isClosed)
			p.write(choice)
			p.until("chosen", func() bool { return p.m.dialog == nil })
			p.sees("‹" + choice + "/2›")
			p.asks("Sure?")
			if got, want := lastAsked(one.fake), []string{"user: [a.png] What?", want, "user: Sure?"}; !slices.Equal(got, want) {
				t.Errorf("asked %q, want %q", got, want)
			}
			if one.isClosed() {
				t.Error("what answers the conversation is closed")
			}
		})
	}
}

// Two others answer at once; what goes wrong with one is no matter to the other.
func TestCompareTwo(t *testing.T) {
	t.Parallel()
	one := newServer("one", say("First."))
	meet := make(chan struct{})
	two := newServer("two", func(_ context.Context, _ engine.Request, yield yield) {
		meet <- struct{}{} // both are asked before either is done
		yield(engine.Event{Kind: engine.Delta, Text: "Second."}, nil)
		yield(done(), nil)
	})
	three := newServer("three", func(_ context.Context, _ engine.Request, yield yield) {
		<-meet
		yield(engine.Event{}, errOdd)
	})
	p := open(t, Options{
		Setup:    between(one, map[string]engine.Engine{"ollamatwo": two, "work": three}),
		Backends: []Named{{"ollama", ""}},
		Profiles: func() ([]Named, error) { return []Named{{"work", ""}}, nil },
	})
	p.sees("one · ollama")
	p.asks("What?")
	p.enter("/compare ollama:two work")
	p.sees("Second.")
	p.sees("│   ✗ something odd")
	p.until("both closed", func() bool { return two.isClosed() && three.isClosed() })
	p.idle()
	p.write("2")
	p.sees("three has said nothing that could go on")
	p.write("1")
	p.sees("The answer of two stands; what follows is answered by one")
	p.sees("  Second.  ‹2/2›")
}

// What can't be opened is told in its column. Esc stops both, and then leaves them.
func TestCompareStopped(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say("First.")), newServer("two", sayThenHang("Well"))
	p := open(t, Options{Setup: between(one, map[string]engine.Engine{"two": two})})
	p.sees("one · ollama")
	p.enter("/compare two")
	p.sees("There is no question yet")
	p.asks("What?")
	p.enter("/compare two three")
	p.sees("Well")
	p.sees("│   ✗ There is no {Backend: Model:three")
	p.write("1")
	p.sees("the answers are on their way: Esc stops them")
	p.press(keyEsc)
	p.sees("■ stopped")
	p.until("closed", two.isClosed)
	p.press(keyEsc)
	p.sees("› Type a question")
	p.asks("And?")
	if got, want := lastAsked(one.fake), []string{"user: What?", "assistant: First.", "user: And?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// An engine that is still at work on a column is not asked twice at once, and without a
// screen a command chooses.
func TestComparePlain(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	one := newServer("one", refuse("", errOdd))
	two := newServer("two", say("Second."))
	p := open(t, Options{Setup: between(one, map[string]engine.Engine{"two": two})})
	p.m.plain = true
	p.sees("one · ollama")
	p.asks("What?")
	one.mu.Lock()
	one.reply = func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Delta, Text: "Again."}, nil)
		<-release
	}
	one.mu.Unlock()
	p.enter("/compare two")
	p.sees("Second.")
	p.sees("Again.")
	p.press(keyEsc)
	p.enter("Now?")
	p.sees("┃ Now?")
	if n := len(one.asked()); n != 2 {
		t.Errorf("asked %d times", n)
	}
	one.mu.Lock()
	one.reply = say("Fine.")
	one.mu.Unlock()
	close(release)
	p.sees("Fine.")
	p.asks("/compare 2")
	p.sees("Second.")
	if one.overlap || strings.Contains(p.screen(), "Now?") {
		t.Errorf("overlap %v; the screen:\n%s", one.overlap, p.screen())
	}
}

func TestCompareFromAPicker(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say("First.")), newServer("two", say("Second."))
	p := open(t, Options{Setup: between(one, map[string]engine.Engine{"moondream:latest": two})})
	p.sees("one · ollama")
	p.asks("What?")
	p.enter("/compare")
	p.sees("moondream:latest")
	p.write("moon")
	p.press(keyEnter)
	p.sees("Second.")
}
