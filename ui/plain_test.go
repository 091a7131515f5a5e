package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// plainly holds a conversation of some lines and returns what is printed.
func plainly(t *testing.T, o Options, lines ...string) (string, error) {
	t.Helper()
	if o.Attach == nil {
		o.Attach = attachTest
	}
	var out bytes.Buffer
	o.Input, o.Output = strings.NewReader(strings.Join(lines, "\n")), &out
	err := RunPlain(t.Context(), o)
	if strings.ContainsRune(out.String(), 0x1b) {
		t.Errorf("control sequences in %q", out.String())
	}
	return out.String(), err
}

// What a dialog or a key does on a screen, numbers and lines do here.
func TestPlainWithoutDialogs(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say("First.")), newServer("two", say("Second."))
	got, err := plainly(t, Options{Setup: between(one, map[string]engine.Engine{"moondream:latest": two})},
		"What?", "/edit", "Which?", "/history", "/history 3", "/compare", "/compare 3", "/compare 2")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Message 1: What?\nWhat is written next is asked in its place",
		"2. /edit\n3. What?\n/history and a number picks one.\n",
		"3. moondream:latest\n/compare and a number picks one.\n",
		"1 one\nFirst.\n", "2 two\nSecond.\n", "the answer of two stands",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	var asked []string
	for _, r := range one.asked() {
		last := r.Messages[len(r.Messages)-1]
		asked = append(asked, last.Parts[len(last.Parts)-1].Text)
	}
	if !slices.Equal(asked, []string{"What?", "Which?", "What?"}) {
		t.Errorf("asked were %q", asked)
	}
}

// The whole of a conversation, in its order, each thing once.
func TestPlain(t *testing.T) {
	t.Parallel()
	f := &fake{reply: func(ctx context.Context, r engine.Request, yield yield) {
		last := r.Messages[len(r.Messages)-1]
		say("To **"+last.Parts[len(last.Parts)-1].Text, "**:\x1b[31m\nyes.")(ctx, r, yield)
	}}
	got, err := plainly(t, Options{
		Setup:    Setup{Engine: f, Notice: "The demo model."},
		Pictures: []*images.Picture{testPicture("/home/me/disc.png", 96, 64)},
	}, "What is it?", "", `a line \`, "and another", "/attach two.png", `"""`, "quoted \\", "", "text", `"""`, "/nope", "/attach missing.png", "end")
	if err != nil {
		t.Fatal(err)
	}
	const want = `The demo model.
Picture: disc.png · 96×64
To **What is it?**:
yes.

To **a line 
and another**:
yes.

Attached to the next message: two.png · 96×64
To **quoted \

text**:
yes.

There is no command /nope, and it was not sent.
/help lists the commands. To begin a message with a slash, put a space before
it.
✗ missing.png: no such file.
Look again.
To **end**:
yes.

`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	asked := f.asked()
	if n := len(asked); n != 4 {
		t.Fatalf("%d questions were asked", n)
	}
	if pictures := len(engine.Pictures(asked[3].Messages)); pictures != 2 {
		t.Errorf("the last one has %d pictures", pictures)
	}
}

// A thought is told apart from what is said, an answer that begins anew says so, and
// a failure has its reason and what to do.
func TestPlainEndings(t *testing.T) {
	t.Parallel()
	event := func(kind engine.EventKind, text string) engine.Event { return engine.Event{Kind: kind, Text: text} }
	f := &fake{reply: func(_ context.Context, _ engine.Request, yield yield) {
		yield(event(engine.Thinking, "Hm."), nil)
		yield(event(engine.Delta, "A cat"), nil)
		time.Sleep(3 * gather) // so that it is printed
		yield(event(engine.Restart, "the worker ended"), nil)
		yield(event(engine.Delta, "A dog"), nil)
		yield(engine.Event{}, &engine.Error{Kind: engine.Unreachable, Message: "Nobody answers at 127.0.0.1.", Hint: "Start the server."})
	}}
	got, err := plainly(t, Options{Setup: Setup{Engine: f}}, "What is it?")
	if err != nil {
		t.Fatal(err)
	}
	const want = `(thinking)
Hm.
(the answer)
A cat
(The answer begins anew.)
A dog
✗ Nobody answers at 127.0.0.1.
Start the server.
/retry asks again once it is there; /backend goes on with another engine.

This answer began anew: the worker ended
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Ctrl+C stops an answer and keeps what was said; a second one in a row leaves.
func TestPlainInterrupt(t *testing.T) {
	t.Parallel()
	in, typed := io.Pipe()
	defer typed.Close()
	out := &lockedBuffer{}
	f := &fake{reply: sayThenHang("One, two")}
	p := newPlainChat(t.Context(), Options{Setup: Setup{Engine: f}, Attach: attachTest, Input: in, Output: out})
	interrupts := make(chan os.Signal)
	ended := make(chan error)
	go func() { ended <- p.run(interrupts) }()
	_, _ = io.WriteString(typed, "Count.\n")
	out.until(t, "One, two")
	interrupts <- os.Interrupt
	out.until(t, "■ stopped")
	out.until(t, "press Ctrl+C again to quit")
	interrupts <- os.Interrupt
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A mistake of our own ends the chat with what it was, and no output is lost.
func TestPlainFault(t *testing.T) {
	t.Parallel()
	f := &fake{reply: func(context.Context, engine.Request, yield) { panic("an engine's mistake") }}
	_, err := plainly(t, Options{Setup: Setup{Engine: f}}, "What is it?")
	fault, ok := errors.AsType[*Fault](err)
	if !ok || fault.Value != "an engine's mistake" || !bytes.Contains(fault.Stack, []byte("TestPlainFault")) {
		t.Errorf("the error is %v", err)
	}
}

// lockedBuffer is what somebody writes while another reads.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// until waits for a text.
func (b *lockedBuffer) until(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(b.String(), text); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never printed: %s; but %q", text, b.String())
		}
	}
}

// What a command has to find out is told before the chat goes on or ends, a list as often
// as it is asked for, and what needs a screen says so.
func TestPlainCommands(t *testing.T) {
	t.Parallel()
	o := Options{Setup: Setup{Engine: counting{&fake{reply: say("A disc.")}, 4096}}}
	got, err := plainly(t, o, "/help", "What?", "/help", "/editor", "/context")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got, "Commands:\n"); n != 2 {
		t.Errorf("the commands were listed %d times", n)
	}
	for _, want := range []string{"There is no screen for this", "of the context's 4096 tokens."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// Input that breaks off is no chat that ended well.
func TestPlainBrokenInput(t *testing.T) {
	t.Parallel()
	f := &fake{reply: say("A disc.")}
	if _, err := plainly(t, Options{Setup: Setup{Engine: f}}, "What?", strings.Repeat("x", maxPlainLine+1)); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("a line too long: %v", err)
	}
	if n := len(f.asked()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// What was sent before is listed and sent again by its number, and there is no editor.
func TestPlainHistory(t *testing.T) {
	t.Parallel()
	f := &fake{reply: say("Fine.")}
	got, err := plainly(t, Options{Setup: Setup{Engine: f}}, "What is it?", "And why?", "/history", "/history 2", "/history WHY", "/history 1", "/history 9", "/history xyz", "/editor", "Bye?")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1. And why?\n2. What is it?\n/history and a number picks one.\nYou: What is it?\nFine.\n",
		"1. And why?\n/history and a number picks one.\nYou: And why?\nFine.\n",
		"There is no number 9", "Nothing that was sent has these words.", "There is no screen for this in the plain chat.\nLines between",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := len(f.asked()); n != 5 {
		t.Errorf("%d questions were asked", n)
	}
}
