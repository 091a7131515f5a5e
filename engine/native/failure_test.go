//go:build !windows

package native

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// Cancelling stops a chat wherever it is, and the worker goes on.
func TestCancel(t *testing.T) {
	t.Parallel()
	picture := sample(t, "scene-01.png")
	message := engine.Ask("Describe this image.", picture)
	e := open(t, options(t))
	whole := mustAsk(t, e, greedy, message)
	worker := e.connection.child

	other := sample(t, "scene-02.png")
	for _, at := range []engine.EventKind{engine.Encode, engine.Prompt, engine.Delta} {
		ctx, cancel := context.WithCancel(t.Context())
		var failure error
		done := false
		for ev, err := range e.Chat(ctx, engine.Request{Messages: []engine.Message{engine.Ask("Describe this image.", other)}, Sampling: greedy}) {
			if ev.Kind == at {
				cancel()
			}
			failure, done = err, ev.Kind == engine.Done
		}
		cancel()
		if !done && engine.KindOf(failure) != engine.Cancelled {
			t.Errorf("cancelled at %q, the error is %v", at, failure)
		}
		if again := mustAsk(t, e, greedy, message); again.text != whole.text {
			t.Errorf("after a chat cancelled at %q the answer is %q, before it was %q", at, again.text, whole.text)
		}
	}
	// Leaving the loop cancels as well.
	for ev := range e.Chat(t.Context(), engine.Request{Messages: []engine.Message{message}, Sampling: greedy}) {
		if ev.Kind == engine.Delta {
			break
		}
	}
	if again := mustAsk(t, e, greedy, message); again.text != whole.text {
		t.Errorf("after a chat that nobody read to its end the answer is %q", again.text)
	}
	if e.connection.child != worker {
		t.Error("cancelling cost the worker")
	}
}

func TestCancelledBeforeItBegan(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := ask(ctx, open(t, options(t)), greedy, engine.Text(engine.User, "Who are you?"))
	if engine.KindOf(err) != engine.Cancelled {
		t.Errorf("the error is %v", err)
	}
}

// What can't be loaded is refused with its name and the reason.
func TestFilesThatDoNotLoad(t *testing.T) {
	t.Parallel()
	write := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := options(t).Model
	narrow := write("narrow-mmproj.gguf", hostile.NarrowProjector())
	for _, c := range []struct {
		name  string
		model models.Model
		want  []string
	}{
		{"truncated model", models.Model{Path: write("cut.gguf", tinyvlm.Model[:len(tinyvlm.Model)/2])}, []string{"cut.gguf"}},
		{"truncated projector", models.Model{Path: good.Path, Projector: write("cut-mmproj.gguf", tinyvlm.Projector[:len(tinyvlm.Projector)/2])}, []string{"cut-mmproj.gguf"}},
		{"projector of another model", models.Model{Path: good.Path, Projector: narrow}, []string{"narrow-mmproj.gguf", "mismatch"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Model = c.model
			_, err := ask(t.Context(), open(t, o), greedy, engine.Text(engine.User, "Hello"))
			if engine.KindOf(err) != engine.ModelInvalid {
				t.Fatalf("the error is %v (%s)", err, engine.KindOf(err))
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in the message: %v", want, err)
				}
			}
		})
	}
}

func TestLockThatCanNotBeTaken(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	dir, err := socketDir()
	if err != nil {
		t.Fatal(err)
	}
	lock := lockPath(dir, e.spec.key())
	if err := os.Mkdir(lock, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Info(t.Context()); engine.KindOf(err) != engine.Unreachable || !strings.Contains(err.Error(), lock) {
		t.Errorf("the error is %v", err)
	}
}

func TestRuntimeThatDoesNotLoad(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Runtime.Llama = filepath.Join(t.TempDir(), "libllama.so")
	if err := os.WriteFile(o.Runtime.Llama, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ask(t.Context(), open(t, o), greedy, engine.Text(engine.User, "Hello"))
	if engine.KindOf(err) != engine.RuntimeIncompatible || !strings.Contains(err.Error(), "libllama.so") {
		t.Errorf("the error is %v (%s)", err, engine.KindOf(err))
	}
}

// The directory of the sockets belongs to the user alone.
func TestSocketsArePrivate(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	if _, err := e.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir, err := socketDir()
	if err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(dir)
	if err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("the mode of %s is %v, %v", dir, fi.Mode(), err)
	}
	open := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := checkPrivate(open); err == nil {
		t.Error("a directory that others may enter was accepted")
	}
}
