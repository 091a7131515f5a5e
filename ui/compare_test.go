package ui

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

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
	p.sees("the answer of two stands; what follows is answered by one")
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
	p.sees("the answers are on their way · Esc stops")
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

// Both answers are kept, with what was thought and how they went, whichever goes on.
func TestCompareIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one := newServer("one", say("A disc."))
	two := newServer("two", func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Thinking, Text: "Yellow."}, nil)
		yield(engine.Event{Kind: engine.Delta, Text: "A sun."}, nil)
		yield(done(), nil)
	})
	others := map[string]engine.Engine{"two": two}
	p := open(t, keptIn(Options{Setup: between(one, others)}, dir))
	p.sees("one · ollama")
	p.asks("What?")
	p.asks("/compare two")
	p.sees("│   A sun.")
	thought := &p.m.comparison.columns[1].exchange.answer.thought.doing
	thought.now = thought.began.Add(12 * time.Second)
	p.m.comparison.changes++
	p.press(keyCtrlT)
	p.sees("│   ▾ thought for 12 s")
	p.press(keyCtrlT)
	p.sees("│   ▸ thought for 12 s")
	p.write("2")
	p.sees("‹2/2›")
	p.asks("Sure?")
	p.ended()
	c := stored(t, dir)
	if got, want := tree(c), []string{
		"1<0 user whole: What?", "2<1 assistant whole: A disc.", "3<1 assistant whole: A sun.", "4<3 user whole: Sure?", "5<4 assistant whole: A disc.", "leaf 5",
	}; !slices.Equal(got, want) {
		t.Errorf("kept is %q,\nwant %q", got, want)
	}

	q := open(t, keptIn(Options{Setup: between(one, others), Resume: c.ID}, dir))
	q.sees("  A sun.  ‹2/2›\n  two · 500 tok/s · TTFT 120 ms · 100 prompt · 64 picture tokens\n")
	q.press(keyCtrlT)
	q.sees("  ▾ thought\n  Yellow.\n\n  A sun.  ‹2/2›")
	q.press(keyBranchPrev)
	q.sees("  A disc.  ‹1/2›\n  one · 500 tok/s")
}

// knowing is a server that knows its model once it has answered, until it is closed.
type knowing struct{ *server }

func (k knowing) Prove(_ context.Context, p engine.Provenance) (engine.Provenance, error) {
	if k.isClosed() {
		return p, errOdd
	}
	p.Model = "abc"
	return p, nil
}

// What an answer came from is learnt of an engine that was opened for it, before that is
// closed.
func TestCompareIsProved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	two := knowing{newServer("two", func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Delta, Text: "A sun.", Provenance: &engine.Provenance{Template: "t"}}, nil)
		yield(done(), nil)
	})}
	p := open(t, keptIn(Options{Setup: between(newServer("one", say("A disc.")), map[string]engine.Engine{"two": two})}, dir))
	p.sees("one · ollama")
	p.asks("What?")
	p.asks("/compare two")
	p.until("it is learnt", func() bool { return p.m.comparison.columns[1].exchange.answer.from.Model != "" })
	p.until("the other one closed", two.isClosed)
	p.ended()
	c := stored(t, dir)
	if o := originOf(&c.All[2]); o == nil || o.Model != "abc" || o.Template != "t" {
		t.Errorf("the answer %q came from %+v", c.All[2].Text(), o)
	}
}

// A comparison is drawn as a whole at any size, and what is folded, found and selected in
// the answer that stands in the conversation, too, stays where it is.
func TestCompareDrawsNothingElsewhere(t *testing.T) {
	t.Parallel()
	one := newServer("one", func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Thinking, Text: "I see a disc that is yellow, and nothing that is not a disc."}, nil)
		yield(engine.Event{Kind: engine.Delta, Text: "A disc that is as yellow as a disc can be, on a ground that is green."}, nil)
		yield(done(), nil)
	})
	p := open(t, Options{Setup: between(one, map[string]engine.Engine{"two": newServer("two", say("A sun."))})})
	p.sees("one · ollama")
	p.asks("What?")
	p.asks("/compare two")
	p.sees("│   A sun.")
	for _, size := range []tea.WindowSizeMsg{{Width: 40, Height: 12}, {Width: 1, Height: 1}, {Width: 200, Height: 3}, {Width: 80, Height: 24}} {
		p.send(size)
		checkFits(t, p.m)
	}
	a := p.m.talk.leaf.answer
	if a.drawn.said != (rows{1, 2}) {
		t.Errorf("in the conversation the answer is taken to be in %v", a.drawn.said)
	}
}

// What a prompt wants of its answer it wants of both.
func TestComparePrompt(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say(`{"tags": ["disc"]}`)), newServer("two", say(`{"tags": ["sky"]}`))
	o := withPrompts(t, one, nil)
	o.Setup = between(one, map[string]engine.Engine{"moondream:latest": two})
	p := open(t, o)
	p.sees("one · ollama")
	p.asks("/prompt tags")
	p.sees(`"disc"`)
	p.asks("/compare moondream:latest")
	p.sees(`"sky"`)
	if r := two.asked()[0]; !json.Valid(r.Schema) {
		t.Errorf("the schema is %s", r.Schema)
	}
	if a := p.m.comparison.columns[1].exchange.answer; !a.json {
		t.Error("the answer is not shown as JSON")
	}
}
