package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

func TestConversation(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("A disc", " on green.")}
	p := open(t, Options{Setup: Setup{Engine: e, System: "Be brief."}, Pictures: []*images.Picture{testPicture("/x/disc.png", 96, 64)}})
	p.sees("disc.png · 96×64")
	p.enter("What is it?")
	p.sees("A disc on green.")
	p.idle()
	p.enter("Sure?")
	p.until("a second request", func() bool { return len(e.asked()) == 2 })
	p.idle()
	want := []string{
		"system: Be brief.",
		"user: [/x/disc.png] What is it?",
		"assistant: A disc on green.",
		"user: Sure?",
	}
	if got := turns(e.asked()[1]); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	p.sees("  500 tok/s · TTFT 120 ms · 100 prompt · 64 picture tokens")
	p.sees("CPU")
	if last := lastLine(p.screen()); !strings.HasSuffix(last, "  ctx █░░░░ 6% of 2k") {
		t.Errorf("the status line is %q", last)
	}
}

// What is typed while the model loads is asked once it has.
func TestAskWhileLoading(t *testing.T) {
	t.Parallel()
	loaded := make(chan struct{})
	e := &fake{reply: say("Hello.")}
	p := open(t, Options{Setup: Setup{Engine: loader{e, func(_ context.Context, yield yield) {
		yield(engine.Event{Kind: engine.Load, Progress: 0.4}, nil)
		<-loaded
	}}}})
	p.sees("loading the model 40%")
	p.enter("Hi")
	p.sees("┃ Hi")
	if n := len(e.asked()); n != 0 {
		t.Fatalf("%d requests before the model was there", n)
	}
	close(loaded)
	p.sees("Hello.")
}

// What a person should know of an answer stands below it.
func TestNoteOfAnAnswer(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Delta, Text: "A disc"}, nil)
		yield(engine.Event{Kind: engine.Note, Text: "A fresh worker goes on."}, nil)
		yield(engine.Event{Kind: engine.Delta, Text: " on green."}, nil)
		yield(done(), nil)
	}}}})
	p.enter("Hi")
	p.sees("A disc on green.")
	p.sees("A fresh worker goes on.")
}

func TestLoadFails(t *testing.T) {
	t.Parallel()
	missing := &engine.Error{Kind: engine.RuntimeMissing, Message: "No llama.cpp runtime.", Hint: "vlmchat runtime install"}
	t.Run("before a question", func(t *testing.T) {
		t.Parallel()
		e := &fake{reply: say("Hello.")}
		p := open(t, Options{Setup: Setup{Engine: loader{e, func(_ context.Context, yield yield) { yield(engine.Event{}, missing) }}}})
		p.sees("✗ No llama.cpp runtime.\n  vlmchat runtime install")
		p.idle()
		p.enter("Hi") // perhaps it is there by now
		p.sees("Hello.")
		p.sees("tiny-vlm")
	})
	t.Run("with a question waiting", func(t *testing.T) {
		t.Parallel()
		asked := make(chan struct{})
		e := &fake{reply: say("Hello.")}
		p := open(t, Options{Setup: Setup{Engine: loader{e, func(_ context.Context, yield yield) {
			<-asked
			yield(engine.Event{}, missing)
		}}}})
		p.enter("Hi")
		close(asked)
		p.sees("✗ No llama.cpp runtime.")
		p.idle()
		if got := strings.Count(p.screen(), "No llama.cpp runtime."); got != 1 {
			t.Errorf("said %d times:\n%s", got, p.screen())
		}
		if n := len(e.asked()); n != 0 {
			t.Errorf("asked %d times", n)
		}
	})
}

// What there is to know of a model is said before it is loaded.
func TestWarnedOfLoad(t *testing.T) {
	t.Parallel()
	begin := make(chan struct{})
	p := open(t, Options{Setup: Setup{Engine: loader{&fake{reply: say("Hello.")}, func(_ context.Context, yield yield) {
		if yield(engine.Event{Kind: engine.Load, Text: "There is little memory."}, nil) {
			<-begin
		}
	}}}})
	p.sees("There is little memory.")
	close(begin)
	p.enter("Hi")
	p.sees("Hello.")
	if got := strings.Count(p.screen(), "There is little memory."); got != 1 {
		t.Errorf("said %d times:\n%s", got, p.screen())
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]tea.KeyPressMsg{"Esc": keyEsc, "Ctrl+C": keyCtrlC} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &fake{reply: sayThenHang("Some of it")}
			p := open(t, Options{Setup: Setup{Engine: e}})
			p.enter("Tell me.")
			p.sees("Some of it")
			p.press(key)
			p.sees("■ stopped")
			e.reply = say("More.")
			p.enter("Go on.")
			p.sees("More.")
			want := []string{"user: Tell me.", "assistant: Some of it", "user: Go on."}
			if got := turns(e.asked()[1]); !slices.Equal(got, want) {
				t.Errorf("asked %q, want %q", got, want)
			}
		})
	}
}

// An engine that takes its time to let go is not asked twice at once.
func TestAskAfterStopWaitsForTheEngine(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	e := &fake{reply: func(ctx context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Delta, Text: "One"}, nil)
		<-release
		yield(engine.Event{Kind: engine.Delta, Text: " too many"}, nil)
	}}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("First")
	p.sees("One")
	p.press(keyEsc)
	p.enter("Second")
	p.sees("┃ Second")
	p.sees("waiting for the engine")
	if n := len(e.asked()); n != 1 {
		t.Fatalf("asked %d times", n)
	}
	e.mu.Lock()
	e.reply = say("Two")
	e.mu.Unlock()
	close(release)
	p.sees("Two")
	if e.overlap || strings.Contains(p.screen(), "too many") {
		t.Errorf("overlap %v, screen:\n%s", e.overlap, p.screen())
	}
}

// A question withdrawn before a word came is not repeated to the model; its
// picture stays in the conversation.
func TestStopBeforeAnything(t *testing.T) {
	t.Parallel()
	e := &fake{reply: sayThenHang("")}
	p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("a.png", 8, 8)}})
	p.enter("Who?")
	p.until("asked", func() bool { return len(e.asked()) == 1 })
	p.press(keyEsc)
	p.sees("stopped before it began")
	p.idle()
	e.reply = say("A disc.")
	p.enter("What?")
	p.sees("A disc.")
	if got, want := turns(e.asked()[1]), []string{"user: [a.png] What?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	died := &engine.Error{Kind: engine.WorkerDied, Message: "The worker died.", Hint: "Ask again."}
	tooLarge := &engine.Error{Kind: engine.BadPicture, Message: "The picture is too large."}
	tests := []struct {
		name  string
		reply func(context.Context, engine.Request, yield)
		sees  []string
		next  []string // what the next question sends
	}{
		{"at once", refuse("", died), []string{"✗ The worker died.\n  Ask again."},
			[]string{"user: [a.png] Second"}},
		{"in the middle", refuse("It is", died), []string{"  It is\n  ✗ The worker died."},
			[]string{"user: [a.png] First", "assistant: It is", "user: Second"}},
		{"the picture is the reason", refuse("", tooLarge), []string{"✗ The picture is too large.", "will not see this question and its pictures again"},
			[]string{"user: Second"}},
		{"of no kind", refuse("", errOdd), []string{"✗ something odd"},
			[]string{"user: [a.png] Second"}},
		{"a stream that just ends", func(_ context.Context, _ engine.Request, yield yield) {
			yield(engine.Event{Kind: engine.Delta, Text: "It"}, nil)
		}, []string{"✗ The answer ended in the middle."},
			[]string{"user: [a.png] First", "assistant: It", "user: Second"}},
		{"control sequences in it", refuse("\x1b]0;x\x07It\x1b[2J", &engine.Error{Kind: engine.Failed, Message: "\x1b[31mbad", Hint: "\u202ehint"}),
			[]string{"  It\n  ✗ bad\n  hint"},
			[]string{"user: [a.png] First", "assistant: \x1b]0;x\x07It\x1b[2J", "user: Second"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &fake{reply: test.reply}
			p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("a.png", 8, 8)}})
			p.enter("First")
			for _, text := range test.sees {
				p.sees(text)
			}
			p.idle()
			e.reply = say("Fine.")
			p.enter("Second")
			p.sees("Fine.")
			if got := turns(e.asked()[1]); !slices.Equal(got, test.next) {
				t.Errorf("asked %q, want %q", got, test.next)
			}
		})
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	e := &fake{reply: refuse("", errOdd)}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("/retry")
	p.sees("no question yet")
	p.enter("What?")
	p.sees("something odd")
	p.idle()
	e.reply = say("This.")
	p.enter("/retry")
	p.sees("This.")
	p.idle()
	if strings.Contains(p.screen(), "something odd") {
		t.Errorf("the error is still there:\n%s", p.screen())
	}
	if got, want := turns(e.asked()[1]), []string{"user: What?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	e := &fake{reply: sayThenHang("Well")}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("First")
	p.sees("Well")
	p.enter("/clear")
	p.sees("A new conversation")
	e.mu.Lock()
	e.reply = say("Fine.")
	e.mu.Unlock()
	p.enter("Second")
	p.sees("Fine.")
	if strings.Contains(p.screen(), "First") || strings.Contains(p.screen(), "Well") {
		t.Errorf("the old one is still there:\n%s", p.screen())
	}
	if got, want := turns(e.asked()[1]), []string{"user: Second"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestServerAbsent(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Hi."), fails: &engine.Error{Kind: engine.Unreachable, Message: "No server at x.", Hint: "Start it."}}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.sees("✗ No server at x.\n  Start it.")
}

func TestFinishedAtTheLimit(t *testing.T) {
	t.Parallel()
	e := &fake{reply: func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Thinking, Text: "hm"}, nil)
		yield(engine.Event{Kind: engine.Delta, Text: "Long"}, nil)
		yield(engine.Event{Kind: engine.Done, Finish: engine.Length}, nil)
	}}
	p := open(t, Options{Setup: Setup{Engine: e, Sampling: engine.DefaultSampling()}})
	p.enter("Why?")
	p.sees("■ cut at the limit of 512 tokens")
}

// Who else cut it is not blamed on the person's own limit.
func TestFinishedBeforeTheLimit(t *testing.T) {
	t.Parallel()
	e := &fake{reply: func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Delta, Text: "Long"}, nil)
		yield(engine.Event{Kind: engine.Done, Finish: engine.Length, Usage: &engine.Usage{GeneratedTokens: 100}}, nil)
	}}
	p := open(t, Options{Setup: Setup{Engine: e, Sampling: engine.DefaultSampling()}})
	p.enter("Why?")
	p.sees("■ cut after 100 tokens, below the limit of 512")
}

// That an answer is on its way is not said of one that has come.
func TestBusyHintGoesWithTheAnswer(t *testing.T) {
	t.Parallel()
	step := make(chan struct{})
	e := &fake{reply: func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Delta, Text: "A"}, nil)
		<-step
		yield(done(), nil)
	}}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("Why?")
	p.sees("answering")
	p.enter("/retry")
	p.sees(withKey(busyHint, " · Esc stops"))
	close(step)
	p.sees("500 tok/s")
}

func TestProgress(t *testing.T) {
	t.Parallel()
	step := make(chan struct{})
	e := &fake{reply: func(_ context.Context, _ engine.Request, yield yield) {
		for _, event := range []engine.Event{
			{Kind: engine.Encode, Progress: 0.5, Picture: 1},
			{Kind: engine.Prompt, Progress: 0.25},
			{Kind: engine.Thinking, Text: "hm"},
			{Kind: engine.Delta, Text: "A"},
		} {
			yield(event, nil)
			<-step
		}
		yield(done(), nil)
	}}
	a, b := testPicture("a.png", 8, 8), testPicture("b.png", 8, 8)
	p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{a, b}})
	p.enter("Differ?")
	for _, text := range []string{
		"looking at picture 2 of 2 50%", "reading the conversation 25%", "thinking", "answering · Esc stops",
	} {
		p.sees(text)
		step <- struct{}{}
	}
	p.sees("TTFT")
}
