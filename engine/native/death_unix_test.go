//go:build !windows

package native

import (
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// A worker of the tests ends, or gets into trouble, by signals that no test needs
// otherwise: what the code of a library may do, from one moment to the next.
var troubles = map[os.Signal]func(){
	syscall.SIGUSR1: func() { syscall.Exit(3) },
	syscall.SIGUSR2: func() { syscall.Exit(0) },
	syscall.SIGTTIN: func() { // floods its standard error
		line := []byte(strings.Repeat("complaint ", 100))
		for range floodSize / len(line) {
			_, _ = os.Stderr.Write(line)
		}
	},
}

const floodSize = 1 << 30

// makeTrouble lets this process, a worker, be got into trouble.
func makeTrouble() {
	wanted := make(chan os.Signal, 1)
	for s := range troubles {
		signal.Notify(wanted, s)
	}
	go func() {
		for s := range wanted {
			troubles[s]()
		}
	}()
}

// send sends the worker of a connection a signal.
func (c *connection) send(t *testing.T, s syscall.Signal) {
	t.Helper()
	c.peer.mu.Lock()
	defer c.peer.mu.Unlock()
	if c.peer.process == nil {
		return // it is gone
	}
	if err := c.peer.process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal %v: %v", s, err)
	}
}

// suspend stops the worker, a child, and returns when it has stopped.
func (c *connection) suspend(t *testing.T) {
	t.Helper()
	c.send(t, syscall.SIGSTOP)
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(c.child.pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("the worker did not stop: %v, %v", status, err)
	}
}

// tries is how often a death may come too late: the demo model answers within
// some milliseconds.
const tries = 200

// interrupt asks a question until what do does to the worker, when the event at
// comes, makes a fresh one go on. It returns that answer and what was told of it.
func interrupt(t *testing.T, e *Engine, message engine.Message, at engine.EventKind, do func(*connection)) (a answer, note string) {
	t.Helper()
	for range tries {
		a = answer{}
		var worker *connection
		for ev, err := range e.Chat(t.Context(), engine.Request{Messages: []engine.Message{message}, Sampling: greedy}) {
			if err != nil {
				t.Fatalf("after %q the error is %v", a.text, err)
			}
			switch ev.Kind {
			case engine.Note:
				note = ev.Text
			case engine.Delta:
				a.text += ev.Text
			case engine.Done:
				a.usage, a.finish = *ev.Usage, ev.Finish
			}
			if ev.Kind == at && worker == nil {
				worker = e.current()
				do(worker)
			}
		}
		if note != "" {
			return a, note
		}
		// The answer was faster. What was done is not to reach the next one.
		worker.send(t, syscall.SIGKILL)
		<-worker.gone
	}
	t.Fatalf("what was done at %q never came in time", at)
	return a, ""
}

// However a worker ends in the middle of an answer, a fresh one goes on with it:
// the person sees the same answer, and why it took a moment longer.
func TestWorkerEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	picture := sample(t, "scene-01.png")
	message := engine.Ask("Describe this image.", picture)
	whole := mustAsk(t, open(t, options(t)), greedy, message)
	for _, c := range []struct {
		name string
		at   engine.EventKind
		how  syscall.Signal
		want string
	}{
		{"killed while it encodes", engine.Encode, syscall.SIGKILL, "signal 9 (killed)"},
		{"killed while it reads", engine.Prompt, syscall.SIGKILL, "signal 9 (killed)"},
		{"killed while it generates", engine.Delta, syscall.SIGKILL, "signal 9 (killed)"},
		{"terminated", engine.Delta, syscall.SIGTERM, "signal 15 (terminated)"},
		{"segmentation fault", engine.Delta, syscall.SIGSEGV, "SIGSEGV"},
		{"bus error", engine.Encode, syscall.SIGBUS, "SIGBUS"},
		{"illegal instruction", engine.Delta, syscall.SIGILL, "SIGILL"},
		{"division by zero", engine.Delta, syscall.SIGFPE, "SIGFPE"},
		{"aborted", engine.Delta, syscall.SIGABRT, "SIGABRT: abort"},
		{"exit with an error", engine.Delta, syscall.SIGUSR1, "exited with code 3"},
		{"exit without one", engine.Delta, syscall.SIGUSR2, "exited with code 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := open(t, options(t))
			if _, err := e.Info(t.Context()); err != nil {
				t.Fatal(err)
			}
			a, note := interrupt(t, e, message, c.at, func(w *connection) { w.send(t, c.how) })
			if a.text != whole.text || a.finish != whole.finish {
				t.Errorf("the two workers said %q (%s), one says %q (%s)", a.text, a.finish, whole.text, whole.finish)
			}
			if !strings.Contains(note, c.want) || !strings.Contains(note, "fresh worker") {
				t.Errorf("the note is %q; want %q", note, c.want)
			}
			if a.usage.TTFT == 0 || a.usage.LoadTime == 0 || a.usage.PromptTokens != whole.usage.PromptTokens {
				t.Errorf("the usage is %+v, of one worker %+v", a.usage, whole.usage)
			}
		})
	}
}

// The second end of a worker within a question is the question's end, with the
// reason. The next question goes on.
func TestWorkerEndsTwice(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	message := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	whole := mustAsk(t, e, greedy, message)
	for range tries {
		notes := 0
		var failure error
		var last *connection
		for ev, err := range e.Chat(t.Context(), engine.Request{Messages: []engine.Message{message}, Sampling: greedy}) {
			if ev.Kind == engine.Note {
				notes++
			}
			if c := e.current(); c != nil && c != last && (ev.Kind == engine.Prompt || ev.Kind == engine.Delta) {
				last = c
				c.send(t, syscall.SIGKILL)
			}
			failure = err
		}
		if failure == nil { // one of them was faster than the signal
			last.send(t, syscall.SIGKILL)
			<-last.gone
			continue
		}
		if engine.KindOf(failure) != engine.WorkerDied || !strings.Contains(failure.Error(), "signal 9") || notes != 1 {
			t.Errorf("after %d notes the error is %v", notes, failure)
		}
		if again := mustAsk(t, e, greedy, message); again.text != whole.text {
			t.Errorf("afterwards the answer is %q, before it was %q", again.text, whole.text)
		}
		return
	}
	t.Fatal("no two signals came in time")
}

// A worker that is stuck as a whole is found by its silence.
func TestWorkerSilent(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	e.silenceLimit = 2 * time.Second
	message := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	whole := mustAsk(t, e, greedy, message)
	for _, at := range []engine.EventKind{engine.Prompt, engine.Delta} {
		a, note := interrupt(t, e, message, at, func(w *connection) { w.send(t, syscall.SIGSTOP) })
		if a.text != whole.text || !strings.Contains(note, "no sign of life for 2s") {
			t.Errorf("stopped at %q: the answer is %q, the note %q", at, a.text, note)
		}
	}
}

func TestWorkerKilledBetweenQuestions(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?"))
	dead := e.connection
	dead.send(t, syscall.SIGKILL)
	<-dead.child.exited
	// Whether it is known already or found out by asking.
	mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?"))
	<-dead.gone
	mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?"))
}

// A worker that does not answer to begin with is ended, and another started.
func TestWorkerStopped(t *testing.T) {
	t.Parallel()
	o := options(t)
	first, second := open(t, o), open(t, o)
	if _, err := first.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	stopped := first.connection
	stopped.suspend(t)
	second.attachTimeout = 3 * time.Second // of the one that is started, too
	if _, err := second.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-stopped.child.exited
	if second.connection.peer.pid() == stopped.child.pid {
		t.Error("the worker is the one that was stopped")
	}
}

// What floods standard error fills no disk and stops no answer.
func TestWorkerFloodsItsStandardError(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	message := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	whole := mustAsk(t, e, greedy, message)
	c := e.connection
	c.send(t, syscall.SIGTTIN)
	for range tries {
		if a := mustAsk(t, e, greedy, message); a.text != whole.text {
			t.Fatalf("in the flood the answer is %q", a.text)
		}
	}
	// How far it grows in between is a matter of how busy the machine is.
	for t.Context().Err() == nil {
		if fi, err := os.Stat(c.errFile); err == nil && fi.Size() <= maxStderr {
			break
		}
		mustAsk(t, e, greedy, message)
	}
	if e.connection != c {
		t.Error("the flood cost the worker")
	}
}

// 'vlmchat stop' ends a worker whoever uses it, and no fresh one goes on with the
// answer that was cut.
func TestStop(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.KeepAlive = -1
	e := open(t, o)
	message := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	whole := mustAsk(t, e, greedy, message)
	w := Worker{dir: mustSocketDir(t), key: e.spec.Key}
	for range tries {
		var failure error
		asked := false
		for ev, err := range e.Chat(t.Context(), engine.Request{Messages: []engine.Message{message}, Sampling: greedy}) {
			if ev.Kind == engine.Note {
				t.Errorf("the note is %q", ev.Text)
			}
			if ev.Kind == engine.Prompt && !asked {
				asked = true
				if killed, err := w.Stop(t.Context()); killed || err != nil {
					t.Errorf("killed: %v, %v", killed, err)
				}
			}
			failure = err
		}
		if failure == nil {
			continue // the answer was on its way already
		}
		if engine.KindOf(failure) != engine.WorkerDied || !strings.Contains(failure.Error(), "vlmchat stop") {
			t.Errorf("the error is %v", failure)
		}
		if again := mustAsk(t, e, greedy, message); again.text != whole.text {
			t.Errorf("afterwards the answer is %q", again.text)
		}
		if killed, err := w.Stop(t.Context()); killed || err != nil {
			t.Errorf("killed: %v, %v", killed, err)
		}
		return
	}
	t.Fatal("no answer was stopped")
}

// One that does not react is killed, and until then shown as silent.
func TestStopOfTheSilent(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	if _, err := e.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := e.connection
	look := func() Worker {
		w := Worker{dir: mustSocketDir(t), key: e.spec.Key}
		w.look(t.Context())
		return w
	}
	w := look()
	if w.Silent || w.PID != c.child.pid || w.Memory == 0 || w.Clients != 1 || w.Loaded != 1 || w.Model == "" || w.ContextSize == 0 || w.IdleSince != nil {
		t.Errorf("the worker is %+v", w)
	}
	c.suspend(t)
	if w = look(); !w.Silent || w.PID != c.child.pid {
		t.Errorf("the stopped worker is %+v", w)
	}
	if killed, err := w.Stop(t.Context()); !killed || err != nil {
		t.Errorf("killed: %v, %v", killed, err)
	}
	<-c.child.exited
}
