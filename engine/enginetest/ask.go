package enginetest

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// Answer is what came of a Chat.
type Answer struct {
	Text     string
	Notes    []string
	Logprobs []engine.TokenLogprob
	Finish   engine.Finish
	Usage    engine.Usage
	Err      error
}

// Kind is the kind of the answer's error, "" if there is none.
func (a Answer) Kind() engine.ErrorKind {
	if a.Err == nil {
		return ""
	}
	return engine.KindOf(a.Err)
}

// Ask collects an answer, and checks what is true of every one.
func Ask(ctx context.Context, t testing.TB, e engine.Engine, req engine.Request) Answer {
	t.Helper()
	return Watch(ctx, t, e, req, func(engine.Event) bool { return true })
}

// Watch is Ask with something to do at each event. It leaves the loop when do has
// had enough.
func Watch(ctx context.Context, t testing.TB, e engine.Engine, req engine.Request, do func(engine.Event) (more bool)) (a Answer) {
	t.Helper()
	ended := false
	for ev, err := range e.Chat(ctx, req) {
		if ended {
			t.Error("the sequence went on behind its end")
		}
		if err != nil {
			a.Err, ended = err, true
			continue
		}
		switch ev.Kind {
		case engine.Delta:
			a.Text += ev.Text
			a.Logprobs = append(a.Logprobs, ev.Logprobs...)
		case engine.Note:
			a.Notes = append(a.Notes, ev.Text)
		case engine.Done:
			ended = true
			if ev.Usage == nil || ev.Finish != engine.Stop && ev.Finish != engine.Length {
				t.Errorf("the answer ended in %+v", ev)
				continue
			}
			a.Usage, a.Finish = *ev.Usage, ev.Finish
		}
		if !utf8.ValidString(ev.Text) {
			t.Errorf("%q is not valid UTF-8", ev.Text)
		}
		if !do(ev) {
			return a
		}
	}
	if !ended {
		t.Error("the sequence ended without Done and without an error")
	}
	if a.Finish != "" {
		checkUsage(t, a)
	}
	return a
}

func checkUsage(t testing.TB, a Answer) {
	t.Helper()
	u := a.Usage
	if u.PromptTokens <= 0 || u.GeneratedTokens <= 0 || u.CachedTokens > u.PromptTokens || u.ImageTokens > u.PromptTokens ||
		u.ThinkingTokens > u.GeneratedTokens || a.Text != "" && u.TTFT <= 0 || u.TokensPerSecond() < 0 {
		t.Errorf("the usage of %q is %+v", a.Text, u)
	}
}

// mustAsk is Ask for an answer that has to come.
func mustAsk(t testing.TB, e engine.Engine, req engine.Request) Answer {
	t.Helper()
	a := Ask(t.Context(), t, e, req)
	if a.Err != nil {
		t.Fatalf("the error is %v (%s)", a.Err, a.Kind())
	}
	return a
}

// Greedy asks a conversation's question at temperature 0.
func Greedy(messages ...engine.Message) engine.Request {
	return engine.Request{Messages: messages, Sampling: engine.Sampling{TopP: 1, MaxTokens: 100}}
}

// Folder is where the demo model lies.
func Folder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "testdata", "tinyvlm")
}

// Sample loads one of the demo model's pictures.
func Sample(t testing.TB, name string) *images.Picture {
	t.Helper()
	p, err := images.Load(t.Context(), filepath.Join(Folder(), "samples", name), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// eventually waits for what another process is about to do, on the busiest machine.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not seen: " + what)
		}
	}
}

// wants checks that all words are in a text.
func wants(t testing.TB, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in %q", w, text)
		}
	}
}
