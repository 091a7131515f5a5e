package batch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
)

// answering is an engine that does what a test wants of it.
type answering func(ctx context.Context, req engine.Request) (string, error)

func (f answering) Info(context.Context) (engine.Info, error) { return engine.Info{}, nil }
func (f answering) Close() error                              { return nil }

func (f answering) Chat(ctx context.Context, req engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		text, err := f(ctx, req)
		if err != nil {
			yield(engine.Event{}, err)
			return
		}
		if yield(engine.Event{Kind: engine.Delta, Text: text}, nil) {
			yield(engine.Event{Kind: engine.Done, Finish: engine.Stop, Usage: &engine.Usage{PromptTokens: 3, GeneratedTokens: 1}}, nil)
		}
	}
}

// numbered are so many items, called by their numbers.
func numbered(n int) func(context.Context) iter.Seq[Item] {
	return func(context.Context) iter.Seq[Item] {
		return func(yield func(Item) bool) {
			for i := range n {
				if !yield(Item{N: i, ID: fmt.Sprint(i)}) {
					return
				}
			}
		}
	}
}

// echoing is a runner whose items are asked by their IDs.
func echoing(f answering) *Runner {
	return &Runner{
		Engine: f,
		Ask: func(item Item) (Question, error) {
			return Question{Prompt: item.ID, Read: func(context.Context) (engine.Request, error) {
				return engine.Request{Messages: []engine.Message{engine.Text(engine.User, item.ID)}}, nil
			}}, nil
		},
		Answer: func(_ context.Context, c *tasks.Collector, messages []engine.Message) tasks.Answer {
			return c.Answer(engine.Info{Engine: "test", Model: "test"}, messages, engine.Prices{})
		},
		Jobs: 4,
	}
}

func asked(req engine.Request) string { return req.Messages[0].Parts[0].Text }

func TestEachItemIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	var at, most atomic.Int32
	r := echoing(func(_ context.Context, req engine.Request) (string, error) {
		now := at.Add(1)
		defer at.Add(-1)
		for {
			if m := most.Load(); now <= m || most.CompareAndSwap(m, now) {
				break
			}
		}
		if !req.Background || !req.Restart {
			t.Error("nobody waits for a batch, and nobody sees what is taken back")
		}
		return "answer to " + asked(req), nil
	})
	answers := map[string]string{}
	r.Write = func(item Item, record Record) error {
		if _, twice := answers[record.ID]; twice || item.ID != record.ID {
			t.Errorf("%s has a record of %s", item.ID, record.ID)
		}
		answers[record.ID] = *record.Answer
		return nil
	}
	sum, err := r.Run(t.Context(), numbered(500))
	if err != nil || sum != (Summary{Answered: 500}) {
		t.Fatalf("%+v, %v", sum, err)
	}
	for i := range 500 {
		if id := fmt.Sprint(i); answers[id] != "answer to "+id {
			t.Errorf("%s: %q", id, answers[id])
		}
	}
	if most.Load() > 4 {
		t.Errorf("%d were asked at once", most.Load())
	}
}

func TestAnItemsErrorIsItsOwn(t *testing.T) {
	t.Parallel()
	r := echoing(func(_ context.Context, req engine.Request) (string, error) {
		switch asked(req) {
		case "3":
			return "", &engine.Error{Kind: engine.ContextFull, Message: "too long", Hint: "ask for less"}
		case "4":
			return "", &engine.Error{Kind: engine.RateLimited, Message: "slowly", Temporary: true}
		}
		return "yes", nil
	})
	ask := r.Ask
	r.Ask = func(item Item) (Question, error) {
		q, err := ask(item)
		if item.ID == "5" {
			q.Read = func(context.Context) (engine.Request, error) {
				return engine.Request{}, &images.Error{Source: "x.png", Reason: images.Damaged, Detail: "it is damaged"}
			}
		}
		return q, err
	}
	failed := map[string]Record{}
	r.Write = func(_ Item, record Record) error {
		if record.Status == Failed {
			failed[record.ID] = record
		}
		return nil
	}
	sum, err := r.Run(t.Context(), numbered(20))
	if err != nil || sum != (Summary{Answered: 17, Failed: 3}) {
		t.Fatalf("%+v, %v", sum, err)
	}
	for _, c := range []struct {
		id, kind, message string
		retryable         bool
	}{
		{"3", "context_full", "too long", false},
		{"4", "rate_limited", "slowly", true},
		{"5", "bad_picture", "x.png: it is damaged", false},
	} {
		got := failed[c.id]
		if *got.ErrorKind != c.kind || *got.Error != c.message || got.Retryable != c.retryable || got.Answer != nil {
			t.Errorf("%s: %+v", c.id, got)
		}
	}
	if hint := failed["3"].Hint; hint == nil || *hint != "ask for less" {
		t.Error("the record lacks the hint")
	}
}

// What would be the end of each item is the end of the run, and has no records.
func TestAnEngineThatIsGone(t *testing.T) {
	t.Parallel()
	for _, kind := range []engine.ErrorKind{engine.ModelNotFound, engine.Unauthorized, engine.Unreachable, engine.RuntimeMissing} {
		var calls atomic.Int32
		r := echoing(func(_ context.Context, req engine.Request) (string, error) {
			if calls.Add(1) <= 10 {
				return "yes", nil
			}
			return "", &engine.Error{Kind: kind, Message: "gone"}
		})
		records := 0
		r.Write = func(_ Item, record Record) error {
			if records++; record.Status != Answered {
				t.Errorf("%s has the record %+v", record.ID, record)
			}
			return nil
		}
		sum, err := r.Run(t.Context(), numbered(1000))
		if engine.KindOf(err) != kind || sum.Failed != 0 || sum.Answered != 10 || records != 10 {
			t.Errorf("%s: %+v, %v, with %d records", kind, sum, err, records)
		}
		if calls.Load() > 40 {
			t.Errorf("%s: asked %d times", kind, calls.Load())
		}
	}
}

// Memory that does not suffice is the end of a run whose model does not fit, and an item's own
// error where others were answered, in this run or in an earlier one.
func TestMemoryThatDoesNotSuffice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fits     bool
		large    string // the item that has no room
		answered int
	}{{false, "0", 0}, {true, "0", 9}, {false, "5", 9}} {
		r := echoing(func(_ context.Context, req engine.Request) (string, error) {
			if asked(req) == test.large {
				return "", &engine.Error{Kind: engine.OutOfMemory, Message: "no room"}
			}
			return "yes", nil
		})
		r.Jobs, r.Fits = 1, test.fits
		r.Write = func(Item, Record) error { return nil }
		sum, err := r.Run(t.Context(), numbered(10))
		if ended := err != nil; ended != (test.answered == 0) || sum.Answered != test.answered || ended && engine.KindOf(err) != engine.OutOfMemory {
			t.Errorf("%+v: %+v, %v", test, sum, err)
		}
	}
}

// How long an item took is how long it was read and asked, and not how long it waited for
// others.
func TestSecondsAreTheItemsOwn(t *testing.T) {
	t.Parallel()
	r := echoing(func(context.Context, engine.Request) (string, error) {
		time.Sleep(20 * time.Millisecond)
		return "yes", nil
	})
	r.Jobs = 1
	seconds := 0.0
	r.Write = func(_ Item, record Record) error { seconds += float64(record.Seconds); return nil }
	began := time.Now()
	if _, err := r.Run(t.Context(), numbered(20)); err != nil {
		t.Fatal(err)
	}
	if whole := time.Since(began).Seconds(); seconds > 1.5*whole || seconds < 0.4 {
		t.Errorf("one at a time took %gs, all together %gs", whole, seconds)
	}
}

func TestAfterTooManyErrors(t *testing.T) {
	t.Parallel()
	r := echoing(func(context.Context, engine.Request) (string, error) {
		return "", &engine.Error{Kind: engine.ContextFull, Message: "too long"}
	})
	r.Jobs, r.MaxErrors = 1, 3
	records := 0
	r.Write = func(Item, Record) error { records++; return nil }
	sum, err := r.Run(t.Context(), numbered(1000))
	if many := (*TooManyErrors)(nil); !errors.As(err, &many) || many.Count != 3 {
		t.Errorf("the run ends with %v", err)
	}
	if sum.Failed < 3 || sum.Failed > 4 || records != sum.Failed {
		t.Errorf("%+v, and %d records", sum, records)
	}
}

func TestAsksAgain(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	times := map[string]int{}
	r := echoing(func(_ context.Context, req engine.Request) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if times[asked(req)]++; times[asked(req)] < 3 {
			return "", &engine.Error{Kind: engine.RateLimited, Message: "slowly", Temporary: true, RetryAfter: time.Millisecond}
		}
		return "yes", nil
	})
	r.Attempts = 3
	r.Write = func(_ Item, record Record) error {
		if record.Status != Answered || record.Attempts != 3 {
			t.Errorf("%+v", record)
		}
		return nil
	}
	if sum, err := r.Run(t.Context(), numbered(5)); err != nil || sum.Answered != 5 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// A server that says when to come back is asked then, however seldom others are asked again.
func TestComesBackWhenItIsTold(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	r := echoing(func(context.Context, engine.Request) (string, error) {
		if calls.Add(1) <= 4 {
			return "", &engine.Error{Kind: engine.RateLimited, Message: "slowly", Temporary: true, RetryAfter: time.Millisecond}
		}
		return "yes", nil
	})
	r.Jobs, r.Attempts = 1, 1
	r.Write = func(Item, Record) error { return nil }
	if sum, err := r.Run(t.Context(), numbered(3)); err != nil || sum.Answered != 3 || calls.Load() != 7 {
		t.Errorf("%+v, %v, asked %d times", sum, err, calls.Load())
	}
}

// patient is an engine whose server has the first who asks wait, and it tells whether others
// ask meanwhile.
type patient struct {
	answering
	asked atomic.Int32
	busy  atomic.Bool
	early atomic.Int32
}

func (p *patient) Chat(ctx context.Context, req engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		if p.busy.Load() {
			p.early.Add(1)
		}
		if p.asked.Add(1) == 1 {
			yield(engine.Event{Kind: engine.Wait, After: time.Second, Demanded: true}, nil)
			p.busy.Store(true)
			time.Sleep(100 * time.Millisecond)
			p.busy.Store(false)
		}
		p.answering.Chat(ctx, req)(yield)
	}
}

// A server that wants to be left alone is left alone by all jobs.
func TestAllWaitWhereItIsDemanded(t *testing.T) {
	t.Parallel()
	r := echoing(nil)
	p := &patient{answering: func(context.Context, engine.Request) (string, error) { return "yes", nil }}
	r.Engine, r.Jobs = p, 16
	r.Write = func(Item, Record) error { return nil }
	if sum, err := r.Run(t.Context(), numbered(500)); err != nil || sum.Answered != 500 {
		t.Errorf("%+v, %v", sum, err)
	}
	if p.early.Load() > 15 { // which were on their way
		t.Errorf("%d requests came early", p.early.Load())
	}
}

func TestAnItemsTime(t *testing.T) {
	t.Parallel()
	r := echoing(func(ctx context.Context, req engine.Request) (string, error) {
		if asked(req) == "1" {
			<-ctx.Done()
			return "", &engine.Error{Kind: engine.Cancelled, Message: "cancelled", Err: ctx.Err()}
		}
		return "yes", nil
	})
	r.Timeout, r.Attempts = 50*time.Millisecond, 5
	var late []Record
	r.Write = func(_ Item, record Record) error {
		if record.Status == Failed {
			late = append(late, record)
		}
		return nil
	}
	sum, err := r.Run(t.Context(), numbered(3))
	if err != nil || sum.Failed != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if late[0].ID != "1" || !late[0].Retryable || !strings.Contains(*late[0].Error, "50ms") || late[0].Attempts != 1 {
		t.Errorf("%+v: %s", late[0], *late[0].Error)
	}
}

// What is whole when somebody has had enough is kept, and nothing else.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int32
	r := echoing(func(ctx context.Context, _ engine.Request) (string, error) {
		if calls.Add(1) > 20 {
			cancel()
			<-ctx.Done()
			return "", ctx.Err()
		}
		return "yes", nil
	})
	var kept []string
	r.Write = func(_ Item, record Record) error {
		kept = append(kept, record.ID)
		if record.Status != Answered {
			t.Errorf("%+v", record)
		}
		return nil
	}
	sum, err := r.Run(ctx, numbered(1000))
	if !errors.Is(err, context.Canceled) || sum.Answered != 20 || len(kept) != 20 {
		t.Errorf("%+v, %v, kept %d", sum, err, len(kept))
	}
	slices.Sort(kept)
	if len(slices.Compact(kept)) != 20 {
		t.Error("an item was kept twice")
	}
}

func TestAnOutputThatFails(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	r := echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil })
	writes := 0
	r.Write = func(Item, Record) error {
		if writes++; writes > 5 {
			return full
		}
		return nil
	}
	if _, err := r.Run(t.Context(), numbered(1000)); !errors.Is(err, full) {
		t.Errorf("the run ends with %v", err)
	}
	if writes > 6+4 {
		t.Errorf("%d records were written to it", writes)
	}
}

// Large pictures are fewer at once than there are jobs, and all come to be asked about.
func TestPicturesHaveNoMoreThanTheirRoom(t *testing.T) {
	t.Parallel()
	picture, err := images.Load(t.Context(), "../../testdata/tinyvlm/samples/scene-01.png", images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	size := heldBy(engine.Request{Messages: []engine.Message{engine.Ask("", picture)}})
	var at, most atomic.Int64
	r := echoing(func(context.Context, engine.Request) (string, error) {
		now := at.Add(1)
		defer at.Add(-1)
		for {
			if m := most.Load(); now <= m || most.CompareAndSwap(m, now) {
				break
			}
		}
		time.Sleep(time.Millisecond)
		return "yes", nil
	})
	r.Jobs, r.room.most = 50, 3*size
	r.Ask = func(Item) (Question, error) {
		return Question{Read: func(context.Context) (engine.Request, error) {
			return engine.Request{Messages: []engine.Message{engine.Ask("What is it?", picture)}}, nil
		}}, nil
	}
	r.Write = func(Item, Record) error { return nil }
	sum, err := r.Run(t.Context(), numbered(200))
	if err != nil || sum.Answered != 200 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if readers := int64(runtime.GOMAXPROCS(0)); most.Load() > 3+readers {
		t.Errorf("%d pictures were there at once, with room for 3", most.Load())
	}
	if r.room.taken != 0 {
		t.Errorf("%d bytes were never given back", r.room.taken)
	}
}

// What is not asked by a chat has a record with its value, and is asked again as others are.
func TestAnItemThatIsJudged(t *testing.T) {
	t.Parallel()
	r := echoing(func(context.Context, engine.Request) (string, error) { return "", errors.New("a chat") })
	var tries atomic.Int32
	ask := r.Ask
	r.Ask = func(item Item) (Question, error) {
		q, err := ask(item)
		q.Judge = func(_ context.Context, req engine.Request) (Judged, error) {
			if tries.Add(1) == 1 {
				return Judged{}, &engine.Error{Kind: engine.WorkerDied, Message: "died", RetryAfter: time.Millisecond}
			}
			return Judged{"cat", []byte(`{"for":"` + asked(req) + `"}`)}, nil
		}
		return q, err
	}
	var got Record
	r.Write = func(_ Item, record Record) error { got = record; return nil }
	sum, err := r.Run(t.Context(), numbered(1))
	if err != nil || sum.Answered != 1 || got.Attempts != 2 || *got.Answer != "cat" || string(got.JSON) != `{"for":"0"}` || *got.Engine != "test" {
		t.Errorf("%+v, %+v, %v", sum, got, err)
	}
}
