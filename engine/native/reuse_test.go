package native

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// end lets go of an engine's worker and waits until it is gone.
func end(e *Engine) {
	c := e.current()
	e.Close()
	switch {
	case c == nil: // it is gone
	case c.child == nil: // somebody else started it
		<-c.gone
	default:
		<-c.child.exited
	}
}

func TestEditedTurnIsComputedFromThere(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}
	first := mustAsk(t, e, greedy, messages...)
	messages = append(messages, engine.Text(engine.Assistant, first.text), engine.Text(engine.User, "What color is the digit?"))
	second := mustAsk(t, e, greedy, messages...)
	messages = append(messages, engine.Text(engine.Assistant, second.text), engine.Text(engine.User, "And the background?"))
	mustAsk(t, e, greedy, messages...)

	edited := slices.Clone(messages[:3])
	edited[2] = engine.Text(engine.User, "How many objects are there?")
	a := mustAsk(t, e, greedy, edited...)
	if a.usage.CachedTokens < second.usage.PromptTokens-20 || a.usage.EncodeTime != 0 {
		t.Errorf("an edited second turn has usage %+v, after one of %+v", a.usage, second.usage)
	}
	if want := mustAsk(t, open(t, options(t)), greedy, edited...); a.text != want.text {
		t.Errorf("edited %q, computed afresh %q", a.text, want.text)
	}
	// What was edited is still there, and the conversation goes on from it, too.
	if back := mustAsk(t, e, greedy, messages...); back.usage.CachedTokens < back.usage.PromptTokens-1 {
		t.Errorf("the conversation as it was has usage %+v", back.usage)
	}
}

func TestAnotherConversationAboutThePicture(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	p := sample(t, "scene-02.png")
	mustAsk(t, e, greedy, engine.Ask("Describe this image.", p))
	other := []engine.Message{engine.Text(engine.User, "Who are you?"), engine.Text(engine.Assistant, "A tiny model."), engine.Ask("What is the background color?", p)}
	a := mustAsk(t, e, greedy, other...)
	if a.usage.EncodeTime != 0 {
		t.Errorf("the picture was encoded again: %+v", a.usage)
	}
	if want := mustAsk(t, open(t, options(t)), greedy, other...); a.text != want.text {
		t.Errorf("with the known picture %q, afresh %q", a.text, want.text)
	}
}

// A turn that is cancelled, wherever, changes no answer.
func TestCancelledTurnRollsBack(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}
	first := mustAsk(t, e, greedy, messages...)
	messages = append(messages, engine.Text(engine.Assistant, first.text), engine.Ask("And this one?", sample(t, "scene-07.png")))
	want := mustAsk(t, open(t, options(t)), greedy, messages...)
	for _, at := range []engine.EventKind{engine.Encode, engine.Prompt, engine.Delta} {
		ctx, cancel := context.WithCancel(t.Context())
		for ev := range e.Chat(ctx, engine.Request{Messages: messages, Sampling: greedy}) {
			if ev.Kind == at {
				cancel()
			}
		}
		cancel()
		a := mustAsk(t, e, greedy, messages...)
		if a.text != want.text || a.usage.CachedTokens < first.usage.PromptTokens {
			t.Errorf("cancelled at %s, then %q with usage %+v; want %q", at, a.text, a.usage, want.text)
		}
	}
}

// A conversation goes on in another worker where it was: nothing of it is computed
// again. What is kept of it and is not as it was is not used.
func TestResumeFromDisk(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.CacheDir, o.CacheBytes = filepath.Join(t.TempDir(), "cache"), 1<<30
	messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}
	e := open(t, o)
	first := mustAsk(t, e, greedy, messages...)
	end(e)
	messages = append(messages, engine.Text(engine.Assistant, first.text), engine.Text(engine.User, "What color is the digit?"))
	want := mustAsk(t, open(t, options(t)), greedy, messages...).text

	resume := func(o Options) answer {
		t.Helper()
		e := open(t, o)
		a := mustAsk(t, e, greedy, messages...)
		if a.text != want {
			t.Errorf("resumed, the answer is %q, computed afresh %q", a.text, want)
		}
		end(e)
		return a
	}
	files, err := filepath.Glob(filepath.Join(o.CacheDir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is kept: %v, %v", files, err)
	}
	kept := map[string][]byte{}
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && len(b) > 0 {
			kept[f] = b
		}
	}
	lay := func(edit func(name string, b []byte) []byte) {
		t.Helper()
		for f, b := range kept {
			if err := os.WriteFile(f, edit(f, slices.Clone(b)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if a := resume(o); a.usage.CachedTokens < first.usage.PromptTokens || a.usage.EncodeTime != 0 {
		t.Errorf("resumed, the usage is %+v", a.usage)
	}
	for name, edit := range map[string]func(string, []byte) []byte{
		"cut":     func(_ string, b []byte) []byte { return b[:len(b)*2/3] },
		"flipped": func(_ string, b []byte) []byte { b[len(b)*3/4] ^= 1; return b },
		"emptied": func(_ string, _ []byte) []byte { return nil },
	} {
		clear, err := filepath.Glob(filepath.Join(o.CacheDir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range clear {
			os.Remove(f)
		}
		lay(edit)
		if a := resume(o); a.usage.CachedTokens != 0 {
			t.Errorf("of a cache whose files are %s, %d tokens were used", name, a.usage.CachedTokens)
		}
	}
	// Another type of KV cache has other states, and the same pictures.
	other := o
	other.KVType = "f32"
	lay(func(_ string, b []byte) []byte { return b })
	e = open(t, other)
	if a := mustAsk(t, e, greedy, messages...); a.usage.CachedTokens != 0 || a.usage.EncodeTime != 0 {
		t.Errorf("a state of another type was used, or the picture encoded again: %+v", a.usage)
	}
	end(e)
}

// When the context is full, whole turns go; the picture that all is about stays.
func TestOldestTurnsGo(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	info, err := e.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	picture := sample(t, "scene-01.png")
	messages := []engine.Message{engine.Text(engine.System, "Answer with one word."), engine.Ask("Describe this image.", picture)}
	filler := strings.Repeat("a red circle and a blue square ", 5)
	var notes []string
	dropped, cached := 0, 0
	for range 40 {
		messages = append(messages, engine.Text(engine.Assistant, "It shows "+filler), engine.Text(engine.User, "What is the background color, again? "+filler))
		a := mustAsk(t, e, engine.Sampling{MaxTokens: 20}, messages...)
		if a.usage.DroppedMessages > 0 && a.usage.ImageTokens != 64 {
			t.Fatalf("with %d messages left out, %d tokens are the picture's", a.usage.DroppedMessages, a.usage.ImageTokens)
		}
		if a.usage.PromptTokens+20 > info.ContextSize || a.usage.DroppedMessages < dropped || a.usage.DroppedMessages%2 != 0 {
			t.Fatalf("usage %+v after %d messages left out, in a context of %d", a.usage, dropped, info.ContextSize)
		}
		if a.usage.DroppedMessages == dropped && dropped > 0 && a.usage.CachedTokens > a.usage.PromptTokens/2 {
			cached++
		}
		for _, ev := range a.events {
			if ev.Kind == engine.Note {
				notes = append(notes, ev.Text)
				if a.usage.DroppedMessages == dropped {
					t.Error("a note, and nothing more was left out")
				}
			}
		}
		dropped = a.usage.DroppedMessages
	}
	if dropped == 0 || len(notes) < 2 || !strings.Contains(notes[0], "left out") {
		t.Errorf("%d messages were left out, and the notes are %q", dropped, notes)
	}
	if cached < 10 {
		t.Errorf("only %d turns went on from what was computed before", cached)
	}
	// It is known ahead, and depends on how long the answer may be.
	foreseen := 0
	for _, limit := range []int{engine.DefaultSampling().MaxTokens, 8} {
		s := engine.Sampling{MaxTokens: limit}
		ahead, err := e.Count(t.Context(), engine.Request{Messages: messages, Sampling: s})
		if err != nil {
			t.Fatal(err)
		}
		if a := mustAsk(t, e, s, messages...); a.usage.DroppedMessages != ahead.Dropped || ahead.Dropped == 0 || ahead.Dropped == foreseen {
			t.Errorf("for %d tokens %d messages were left out, and %d foreseen", limit, a.usage.DroppedMessages, ahead.Dropped)
		}
		foreseen = ahead.Dropped
	}
	// One message that is too large says by how much.
	messages = append(messages, engine.Text(engine.Assistant, "Blue."), engine.Text(engine.User, strings.Repeat(filler, 100)))
	_, err = ask(t.Context(), e, greedy, messages...)
	if engine.KindOf(err) != engine.ContextFull || !strings.Contains(err.Error(), "tokens") {
		t.Errorf("the error is %v", err)
	}
}
