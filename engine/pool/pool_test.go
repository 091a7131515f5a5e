package pool

import (
	"context"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// fake is a member that answers with its name, and fails as it is told.
type fake struct {
	name string

	mu    sync.Mutex
	fails []*engine.Error // one for each request, nil for an answer; then answers
	half  bool            // what fails, fails behind its first word
	asked int
	hold  chan struct{} // answers wait for it, if there is one
}

func (f *fake) Info(context.Context) (engine.Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return engine.Info{Engine: "fake", Model: f.name, Host: f.name}, f.next()
}

func (f *fake) next() error {
	f.asked++
	if len(f.fails) == 0 {
		return nil
	}
	e := f.fails[0]
	f.fails = f.fails[1:]
	if e == nil {
		return nil
	}
	return e
}

func (f *fake) Chat(ctx context.Context, _ engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		f.mu.Lock()
		err, half := f.next(), f.half
		f.mu.Unlock()
		if f.hold != nil {
			select {
			case <-f.hold:
			case <-ctx.Done():
				yield(engine.Event{}, &engine.Error{Kind: engine.Cancelled})
				return
			}
		}
		if err != nil && !half {
			yield(engine.Event{}, err)
			return
		}
		if !yield(engine.Event{Kind: engine.Delta, Text: f.name}, nil) {
			return
		}
		if err != nil {
			yield(engine.Event{}, err)
			return
		}
		yield(engine.Event{Kind: engine.Done, Usage: &engine.Usage{TTFT: 1}}, nil)
	}
}

func (f *fake) Close() error { return nil }

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// poolOf makes a pool with a clock of its own, which notes what is waited for.
func poolOf(retries int, members ...*fake) (*Engine, *[]time.Duration) {
	var list []Member
	for _, m := range members {
		list = append(list, Member{Host: m.name, Engine: m})
	}
	p := New(retries, list...).(*Engine)
	waited := &[]time.Duration{}
	p.pause = func(ctx context.Context, d time.Duration) error {
		*waited = append(*waited, d)
		return ctx.Err()
	}
	return p, waited
}

// course is what a caller sees; brackets are about what was taken back.
type course struct {
	text  string
	notes []string
	err   error
}

func ask(ctx context.Context, e engine.Engine, req engine.Request) (seen course) {
	for ev, err := range e.Chat(ctx, req) {
		switch {
		case err != nil:
			seen.err = err
		case ev.Kind == engine.Delta:
			seen.text += ev.Text
		case ev.Kind == engine.Restart:
			seen.text = "[" + seen.text + "]"
		case ev.Kind == engine.Note:
			seen.notes = append(seen.notes, ev.Text)
		}
	}
	return seen
}

func down() *engine.Error { return &engine.Error{Kind: engine.Unreachable, Message: "nobody is there"} }
func cut() *engine.Error {
	return &engine.Error{Kind: engine.AnswerCut, Message: "cut", Temporary: true}
}

// A chat stays with its server, goes elsewhere when that fails, says so once, and
// stays there.
func TestChatStays(t *testing.T) {
	t.Parallel()
	a, b := &fake{name: "a", fails: []*engine.Error{nil, nil, down()}}, &fake{name: "b"}
	p, _ := poolOf(0, a, b)
	var said, notes string
	for range 5 {
		got := ask(t.Context(), p, engine.Request{})
		if got.err != nil {
			t.Fatal(got.err)
		}
		said += got.text
		notes += strings.Join(got.notes, "|")
	}
	if said != "aabbb" || notes != "b answers in place of a: nobody is there" {
		t.Errorf("%q, %q", said, notes)
	}
}

func TestCutAnswer(t *testing.T) {
	t.Parallel()
	for restart, want := range map[bool]string{false: "a", true: "[a]b"} {
		p, _ := poolOf(0, &fake{name: "a", half: true, fails: []*engine.Error{cut()}}, &fake{name: "b"})
		got := ask(t.Context(), p, engine.Request{Restart: restart})
		if got.text != want || (engine.KindOf(got.err) == engine.AnswerCut) == restart {
			t.Errorf("%+v", got)
		}
	}
}

// What is wrong with the request is told, and not asked elsewhere.
func TestFailureOfTheRequest(t *testing.T) {
	t.Parallel()
	for _, kind := range []engine.ErrorKind{engine.ContextFull, engine.Unauthorized, engine.ModelNotFound, engine.NotVision, engine.BadOption} {
		b := &fake{name: "b"}
		p, _ := poolOf(3, &fake{name: "a", fails: []*engine.Error{{Kind: kind}}}, b)
		if got := ask(t.Context(), p, engine.Request{}); engine.KindOf(got.err) != kind || b.count() != 0 {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

func TestAllDown(t *testing.T) {
	t.Parallel()
	a, b := &fake{name: "a", fails: []*engine.Error{down(), down()}}, &fake{name: "b", fails: []*engine.Error{{Kind: engine.RateLimited, Message: "b is busy", RetryAfter: time.Hour}}}
	p, waited := poolOf(0, a, b)
	got := ask(t.Context(), p, engine.Request{})
	if got.err == nil || got.err.Error() != "all servers failed: a: nobody is there; b is busy" {
		t.Fatal(got.err)
	}
	// A new request tries the one that may be back, and not the one that wants to
	// be left alone for an hour.
	got = ask(t.Context(), p, engine.Request{})
	if a.count() != 2 || b.count() != 1 || len(*waited) != 0 || !strings.Contains(got.err.Error(), "b wants to be left alone for 1h") {
		t.Error(a.count(), b.count(), *waited, got.err)
	}
	if got = ask(t.Context(), p, engine.Request{}); got.text != "a" {
		t.Errorf("%+v", got)
	}
}

// Where all have failed, the one that is due first is waited for, as often as a
// request is sent again.
func TestWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	limited := func(after time.Duration) *engine.Error {
		return &engine.Error{Kind: engine.RateLimited, Temporary: true, Message: "slow down", RetryAfter: after}
	}
	a, b := &fake{name: "a", fails: []*engine.Error{limited(100 * time.Second), nil}}, &fake{name: "b", fails: []*engine.Error{limited(50 * time.Second), nil}}
	p, waited := poolOf(1, a, b)
	if got := ask(t.Context(), p, engine.Request{}); got.text != "b" || len(*waited) != 1 || (*waited)[0] < 49*time.Second || (*waited)[0] > 56*time.Second {
		t.Errorf("%+v, %v", got, *waited)
	}
}

func TestStoppingWhileWaiting(t *testing.T) {
	t.Parallel()
	a := &fake{name: "a", fails: []*engine.Error{{Kind: engine.RateLimited, Temporary: true, RetryAfter: time.Minute}}}
	for name, stop := range map[string]func(*Engine, context.CancelFunc){
		"cancelling": func(_ *Engine, cancel context.CancelFunc) { cancel() },
		"closing":    func(p *Engine, _ context.CancelFunc) { _ = p.Close() },
	} {
		p, _ := poolOf(5, a)
		ctx, cancel := context.WithCancel(t.Context())
		real := New(0, Member{"a", a}).(*Engine).pause
		p.pause = func(ctx context.Context, d time.Duration) error {
			stop(p, cancel)
			return real(ctx, d)
		}
		a.mu.Lock()
		a.fails = []*engine.Error{{Kind: engine.RateLimited, Temporary: true, RetryAfter: time.Minute}}
		a.mu.Unlock()
		if got := ask(ctx, p, engine.Request{}); engine.KindOf(got.err) != engine.Cancelled {
			t.Error(name, got.err)
		}
		cancel()
	}
}

// Of a batch each request goes to whoever has the fewest on its hands.
func TestLeastBusy(t *testing.T) {
	t.Parallel()
	slow, quick := &fake{name: "slow", hold: make(chan struct{})}, &fake{name: "quick"}
	p, _ := poolOf(0, slow, quick)
	var all sync.WaitGroup
	all.Go(func() { ask(t.Context(), p, engine.Request{Background: true}) })
	for slow.count() == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 20 {
		if got := ask(t.Context(), p, engine.Request{Background: true}); got.text != "quick" {
			t.Errorf("%+v", got)
		}
	}
	close(slow.hold)
	all.Wait()
	if slow.count() != 1 || quick.count() != 20 {
		t.Error(slow.count(), quick.count())
	}
	for _, m := range p.members {
		if m.busy != 0 {
			t.Error(m.Host, "is still busy")
		}
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	p, _ := poolOf(0, &fake{name: "a", fails: []*engine.Error{down()}}, &fake{name: "b"})
	if info, err := p.Info(t.Context()); err != nil || info.Model != "b" || info.Host != "a, b" {
		t.Errorf("%+v, %v", info, err)
	}
}

// lists is a member that lists its models.
type lists struct{ *fake }

func (l lists) Models(context.Context) ([]engine.ModelInfo, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return []engine.ModelInfo{{Name: l.name}}, l.next()
}

// A pool can what all of its members can.
func TestAbilities(t *testing.T) {
	t.Parallel()
	a, b := lists{&fake{name: "a", fails: []*engine.Error{down()}}}, lists{&fake{name: "b"}}
	lister, ok := New(0, Member{"a", a}, Member{"b", b}).(engine.ModelLister)
	if !ok {
		t.Fatal("the pool lists no models")
	}
	if models, err := lister.Models(t.Context()); err != nil || models[0].Name != "b" {
		t.Error(models, err)
	}
	mixed := New(0, Member{"a", a}, Member{"b", &fake{name: "b"}})
	if _, ok := mixed.(engine.ModelLister); ok {
		t.Error("one of the members can't list models")
	}
	if _, ok := mixed.(engine.Loader); ok {
		t.Error("no member loads a model")
	}
}
