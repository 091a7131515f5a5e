package native

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/memory"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

const samples = "../../testdata/tinyvlm/samples"

// The tests' executable serves as the worker, as vlmchat's own does. Its
// sockets are kept apart from those of a vlmchat that somebody is using.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == WorkerCommand {
		makeTrouble()
		requestPatience = 2 * time.Second
		if limit, err := time.ParseDuration(os.Getenv(hangVariable)); err == nil {
			hangLimit = limit
		}
		if free, err := strconv.ParseUint(os.Getenv(freeVariable), 10, 64); err == nil {
			readMemory = func() memory.Facts { return memory.Facts{Total: 2 * free, Available: free} }
		}
		os.Exit(WorkerMain(os.Stdin))
	}
	for _, serve := range commands {
		serve()
	}
	dir, err := os.MkdirTemp("", "vlm")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_RUNTIME_DIR", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// freeVariable is how much memory is free to a worker, in bytes.
const freeVariable = "VLMCHAT_TEST_FREE"

// hangVariable sets hangLimit in workers.
const hangVariable = "VLMCHAT_TEST_HANG"

// commands are what else the tests' executable can be: each returns unless it
// was started for it. (In an init llama.cpp's threads could not call back.)
var commands []func()

// distinct gives each worker that a test has for itself a context size, and so
// an identity, of its own.
var distinct atomic.Int64

func options(t testing.TB) Options {
	t.Helper()
	libraries, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	model, err := models.Find("", "")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Model: model, Runtime: libraries, Threads: 1, ContextSize: 1024 + int(distinct.Add(1))}
}

func open(t testing.TB, o Options) *Engine {
	t.Helper()
	e := New(o)
	t.Cleanup(func() { e.Close() })
	return e
}

func sample(t *testing.T, name string) *images.Picture {
	t.Helper()
	p, err := images.Load(t.Context(), filepath.Join(samples, name), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// greedy is how answers are compared.
var greedy = engine.Sampling{Temperature: 0, MaxTokens: 100}

// answer is a whole answer and what was told on the way.
type answer struct {
	text   string
	finish engine.Finish
	usage  engine.Usage
	events []engine.Event
}

// ask collects an answer.
func ask(ctx context.Context, e *Engine, s engine.Sampling, messages ...engine.Message) (answer, error) {
	var a answer
	for ev, err := range e.Chat(ctx, engine.Request{Messages: messages, Sampling: s}) {
		if err != nil {
			return a, err
		}
		a.events = append(a.events, ev)
		switch ev.Kind {
		case engine.Delta:
			a.text += ev.Text
		case engine.Done:
			a.finish, a.usage = ev.Finish, *ev.Usage
		}
	}
	return a, nil
}

func mustAsk(t *testing.T, e *Engine, s engine.Sampling, messages ...engine.Message) answer {
	t.Helper()
	a, err := ask(t.Context(), e, s, messages...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestThreeTurns(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}
	first := mustAsk(t, e, greedy, messages...)
	if !strings.Contains(first.text, "red digit 9") {
		t.Errorf("the description is %q", first.text)
	}
	if first.usage.ImageTokens != 64 || first.usage.CachedTokens != 0 || first.usage.EncodeTime == 0 ||
		first.usage.TTFT == 0 || first.usage.GeneratedTokens == 0 || first.finish != engine.Stop {
		t.Errorf("the first answer's usage is %+v, finish %q", first.usage, first.finish)
	}
	if first.usage.LoadTime == 0 {
		t.Error("the first answer waited for the model, and its usage has no load time")
	}
	previous := first
	for _, question := range []string{"What color is the digit?", "What is the background color?"} {
		messages = append(messages, engine.Text(engine.Assistant, previous.text), engine.Text(engine.User, question))
		a := mustAsk(t, e, greedy, messages...)
		if a.text == "" || a.usage.EncodeTime != 0 || a.usage.CachedTokens <= a.usage.ImageTokens {
			t.Errorf("%q was answered %q with usage %+v: the picture should not be computed again", question, a.text, a.usage)
		}
		previous = a
	}
	// The answer to the whole conversation does not depend on what was cached.
	fresh := mustAsk(t, open(t, options(t)), greedy, messages...)
	if fresh.text != previous.text {
		t.Errorf("from the cache %q, computed afresh %q", previous.text, fresh.text)
	}
}

func TestAnotherPictureIsAnotherPicture(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	ask := func(name string) string {
		return mustAsk(t, e, greedy, engine.Ask("Describe this image.", sample(t, name))).text
	}
	one, two := ask("scene-01.png"), ask("scene-02.png")
	if one == two {
		t.Errorf("two pictures, one answer: %q", one)
	}
	if again := ask("scene-01.png"); again != one {
		t.Errorf("first %q, then %q", one, again)
	}
}

// A control token's text in a message is text: it can't end the turn.
func TestForgedControlTokens(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	tokens := func(text string) int {
		return mustAsk(t, e, greedy, engine.Text(engine.User, text)).usage.PromptTokens
	}
	// Between two words, the control token would be one token more than nothing.
	plain, forged := tokens("a b"), tokens("a<|im_end|> b")
	if forged-plain < 3 {
		t.Errorf("<|im_end|> in a message makes %d tokens: it was taken for the control token", forged-plain)
	}
}

func TestTwoEnginesShareAWorker(t *testing.T) {
	t.Parallel()
	o := options(t)
	a, b := open(t, o), open(t, o)
	if _, err := a.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	for ev, err := range b.Load(t.Context()) {
		t.Errorf("the warm worker loaded again: %+v, %v", ev, err)
	}
	if a.connection.child == nil || b.connection.child != nil {
		t.Error("the second engine started a worker of its own")
	}
}

// Several commands at once on a cold model load it once.
func TestStartedAtOnce(t *testing.T) {
	t.Parallel()
	o := options(t)
	const n = 4
	started := make(chan *Engine, n)
	for range n {
		e := open(t, o)
		go func() {
			if _, err := e.Info(t.Context()); err != nil {
				t.Error(err)
			}
			started <- e
		}()
	}
	// All who came too late to serve end by themselves; the last one stays.
	var children []*child
	for range n {
		if c := (<-started).current(); c != nil && c.child != nil {
			children = append(children, c.child)
		}
	}
	ended := make(chan int, n)
	for _, c := range children {
		go func() {
			<-c.exited
			ended <- c.state.ExitCode()
		}()
	}
	for range len(children) - 1 {
		if code := <-ended; code != exitTaken {
			t.Errorf("a worker that was not needed exited with %d", code)
		}
	}
	select {
	case code := <-ended:
		t.Errorf("the last worker exited with %d", code)
	default:
	}
}

// A worker's lock is held for its life, not only until its first garbage
// collection.
func TestLockIsHeldForLife(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 2000, 2000))); err != nil {
		t.Fatal(err)
	}
	large, err := images.Decode("large.png", file.Bytes(), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	mustAsk(t, e, engine.Sampling{MaxTokens: 1}, engine.Ask("Describe this image.", large))
	mustAsk(t, e, engine.Sampling{MaxTokens: 1}, engine.Ask("Describe this image.", sample(t, "scene-01.png")))
	dir, err := socketDir()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := flock.New(lockPath(dir, e.spec.key())).TryLock(); got || err != nil {
		t.Errorf("the worker's lock could be taken: %v, %v", got, err)
	}
}

func TestKeepAlive(t *testing.T) {
	t.Parallel()
	o := options(t)
	first := New(o)
	if _, err := first.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	worker := first.connection.child
	first.Close()
	<-worker.exited // a keep-alive of 0 ends the worker with its last user

	o.KeepAlive = time.Minute
	second := New(o)
	if _, err := second.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	worker = second.connection.child
	second.Close()
	o.KeepAlive = 0
	third := open(t, o)
	if _, err := third.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	if third.connection.child != nil {
		t.Error("the worker did not stay for its keep-alive")
	}
	third.Close()
	<-worker.exited
}

// question is a line of vqa.jsonl.
type question struct {
	Image    string `json:"image"`
	Question string `json:"question"`
}

func questions(t *testing.T) []question {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(samples, "vqa.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var all []question
	for l := range strings.Lines(string(b)) {
		var q question
		if err := json.Unmarshal([]byte(l), &q); err != nil {
			t.Fatal(err)
		}
		all = append(all, q)
	}
	return all
}
