package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// all are so many items as an input has them.
func all(n int) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for item := range numbered(n)(context.Background()) {
			item.Place = "line " + item.ID
			if !yield(item, nil) {
				return
			}
		}
	}
}

// records reads an output.
func records(t *testing.T, path string) []Record {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []Record
	for line := range bytes.Lines(data) {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%v: %.80q", err, line)
		}
		list = append(list, r)
	}
	return list
}

func ids(list []Record) []string {
	var all []string
	for _, r := range list {
		all = append(all, r.ID)
	}
	return all
}

// do does work with a runner, as the command does.
func do(t *testing.T, ctx context.Context, path string, w *Work, r *Runner) (Plan, Summary, error) {
	t.Helper()
	out, err := OpenOutput(path, false, false)
	if err != nil {
		return Plan{}, Summary{}, err
	}
	defer func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	}()
	w.Output, w.Ask, r.Write = out, r.Ask, w.Write
	p, err := w.Plan(ctx, nil)
	if err == nil {
		err = w.Begin()
	}
	if err != nil {
		return p, Summary{}, err
	}
	sum, err := r.Run(ctx, w.Todo)
	return p, sum, errors.Join(err, w.End(err))
}

// Whatever ends a run, wherever in a line, in the end each item is there once, and where
// that is wished in the order of the input.
func TestGoesOnAfterEachEnd(t *testing.T) {
	t.Parallel()
	for _, sorted := range []bool{false, true} {
		t.Run(fmt.Sprintf("sorted %v", sorted), func(t *testing.T) {
			t.Parallel()
			const items = 300
			path := filepath.Join(t.TempDir(), "out.jsonl")
			asks := map[string]int{}
			for range 60 {
				ctx, stop := context.WithCancel(t.Context())
				left := rand.IntN(20)
				r := echoing(func(context.Context, engine.Request) (string, error) {
					switch rand.IntN(20) {
					case 0:
						return "", &engine.Error{Kind: engine.AnswerCut, Message: "cut"}
					case 1:
						return "", &engine.Error{Kind: engine.ContextFull, Message: "full"}
					}
					return "yes", nil
				})
				w := &Work{Items: all(items), Sorted: sorted, Output: nil}
				out, err := OpenOutput(path, false, false)
				if err != nil {
					t.Fatal(err)
				}
				w.Output, w.Ask = out, r.Ask
				r.Write = func(item Item, record Record) error {
					if left--; left < 0 {
						stop()
						return errors.New("killed")
					}
					asks[item.ID]++
					return w.Write(item, record)
				}
				if _, err := w.Plan(ctx, nil); err != nil {
					t.Fatal(err)
				}
				if err := w.Begin(); err != nil {
					t.Fatal(err)
				}
				_, _ = r.Run(ctx, w.Todo)
				stop()
				// Killed: nothing is closed as it should be, and half a line is there.
				out.file.Close()
				_ = out.lock.Close()
				if w.ordered != nil {
					w.ordered.journal.file.Close()
				}
				for _, file := range []string{path, journalName(path)} {
					if _, err := os.Stat(file); err == nil {
						appendTo(t, file, `{"format":"vlmchat-batch-rec`)
					}
				}
			}
			for {
				_, sum, err := do(t, t.Context(), path, &Work{Items: all(items), Sorted: sorted}, echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil }))
				if err != nil {
					t.Fatal(err)
				}
				if sum.Answered == 0 {
					break
				}
			}
			got := ids(records(t, path))
			want := ids(nil)
			for i := range items {
				want = append(want, strconv.Itoa(i))
			}
			if !sorted {
				slices.Sort(got)
				slices.Sort(want)
			}
			if !slices.Equal(got, want) {
				t.Errorf("the output has %d items: %v", len(got), got)
			}
			left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
			hidden, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
			if len(left) != 1 || len(hidden) > 0 {
				t.Errorf("there are still %v %v", left, hidden)
			}
		})
	}
}

// The first item is asked again, and what waits behind it in the journal fills the window:
// when the engine is gone then, the run ends, and what was there stays.
func TestAnEndWhileTheWindowIsFull(t *testing.T) {
	t.Parallel()
	const items = 2 * window
	path := filepath.Join(t.TempDir(), "out.jsonl")
	first := func(kind engine.ErrorKind) *Runner {
		return echoing(func(_ context.Context, req engine.Request) (string, error) {
			if asked(req) == "0" {
				return "", &engine.Error{Kind: kind, Message: "failed"}
			}
			return "yes", nil
		})
	}
	if _, sum, err := do(t, t.Context(), path, &Work{Items: all(items), Sorted: true}, first(engine.AnswerCut)); err != nil || sum.Answered != items-1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	_, sum, err := do(t, t.Context(), path, &Work{Items: all(items), Sorted: true}, first(engine.Unauthorized))
	if engine.KindOf(err) != engine.Unauthorized || errors.Is(err, context.Canceled) || sum != (Summary{}) {
		t.Errorf("%+v, %v", sum, err)
	}
	_, sum, err = do(t, t.Context(), path, &Work{Items: all(items), Sorted: true}, echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil }))
	if err != nil || sum != (Summary{Answered: 1}) || len(records(t, path)) != items {
		t.Errorf("%+v, %v", sum, err)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// What a run has left that was killed while it wrote its output anew is replaced.
func TestDraftsThatAreLeft(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	failing := echoing(func(context.Context, engine.Request) (string, error) {
		return "", &engine.Error{Kind: engine.AnswerCut, Message: "cut"}
	})
	if _, _, err := do(t, t.Context(), path, &Work{Items: all(3)}, failing); err != nil {
		t.Fatal(err)
	}
	left, err := draft(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := left.WriteString("half"); err != nil {
		t.Fatal(err)
	}
	left.Close()
	_, sum, err := do(t, t.Context(), path, &Work{Items: all(3)}, echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil }))
	if err != nil || sum.Answered != 3 || len(records(t, path)) != 3 {
		t.Errorf("%+v, %v", sum, err)
	}
	if names, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(names) > 0 {
		t.Errorf("there are still %q, %v", names, err)
	}
}

// Records of other inputs stay, in either order.
func TestOtherInputsStay(t *testing.T) {
	t.Parallel()
	yes := func() *Runner {
		return echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil })
	}
	path := filepath.Join(t.TempDir(), "out.jsonl")
	behind := func(yield func(Item, error) bool) { yield(Item{ID: "another"}, nil) }
	for _, w := range []*Work{{Items: behind}, {Items: all(3), Sorted: true}, {Items: all(5)}, {Items: all(7), Sorted: true}} {
		if _, _, err := do(t, t.Context(), path, w, yes()); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(ids(records(t, path)), " "); got != "0 1 2 3 4 5 6 another" {
		t.Error(got)
	}
}

func TestShardsAreAllItemsOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	for i := 1; i <= 3; i++ {
		p, sum, err := do(t, t.Context(), path, &Work{Items: all(100), Shard: Shard{i, 3}}, echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil }))
		if err != nil || sum.Answered < 20 || p.Todo != sum.Answered {
			t.Errorf("shard %d: %+v, %+v, %v", i, p, sum, err)
		}
	}
	got := ids(records(t, path))
	slices.Sort(got)
	if len(got) != 100 || len(slices.Compact(got)) != 100 {
		t.Errorf("%d items", len(got))
	}
	for text, says := range map[string]string{"0/3": "1/3 to 3/3", "4/3": "1/3 to 3/3", "2": "2/8", "a/b": "2/8", "1/0": "1/0"} {
		if _, err := ParseShard(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Outputs that were put together have an item twice: its answer stays.
func TestOutputsPutTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	line := func(id, status, answer string) string {
		return fmt.Sprintf(`{"format":"vlmchat-batch-record","version":1,"id":%q,"status":%q,"answer":%q,"asked":%q}`+"\n", id, status, answer, Asked{}.String())
	}
	text := line("0", "answered", "first") + line("1", "failed", "") + line("0", "failed", "") + line("1", "answered", "first") + line("2", "answered", "first") + line("2", "answered", "second")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, sum, err := do(t, t.Context(), path, &Work{Items: all(4)}, echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil }))
	if err != nil || sum.Answered != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
	var got []string
	for _, r := range records(t, path) {
		got = append(got, r.ID+" "+*r.Answer)
	}
	if text := strings.Join(got, ", "); text != "0 first, 1 first, 2 second, 3 yes" {
		t.Error(text)
	}
}

func TestALimitedRunGoesOn(t *testing.T) {
	t.Parallel()
	for _, sorted := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "out.jsonl")
		for i, want := range []int{4, 4, 2, 0} {
			_, sum, err := do(t, t.Context(), path, &Work{Items: all(10), Limit: 4, Sorted: sorted}, echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil }))
			if err != nil || sum.Answered != want {
				t.Errorf("run %d: %+v, %v", i, sum, err)
			}
		}
		if got := records(t, path); len(got) != 10 {
			t.Errorf("%v", ids(got))
		}
	}
}

// What is behind the last item that is asked is not gone through again.
func TestALimitedRunEndsWithItsLastItem(t *testing.T) {
	t.Parallel()
	listed := 0
	items := func(yield func(Item, error) bool) {
		for item, err := range all(1000) {
			if listed++; !yield(item, err) {
				return
			}
		}
	}
	_, sum, err := do(t, t.Context(), filepath.Join(t.TempDir(), "out.jsonl"), &Work{Items: items, Limit: 4}, echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil }))
	if err != nil || sum.Answered != 4 || listed != 1004 {
		t.Errorf("%+v, %v, %d items were listed", sum, err, listed)
	}
}

func TestAnotherQuestionIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	asking := func(a Asked) *Runner {
		r := echoing(func(context.Context, engine.Request) (string, error) { return "yes", nil })
		ask := r.Ask
		r.Ask = func(i Item) (Question, error) {
			q, err := ask(i)
			q.Asked = a
			return q, err
		}
		return r
	}
	a := Asked{Prompt: Digest("what?"), Model: Digest("tiny")}
	if _, _, err := do(t, t.Context(), path, &Work{Items: all(3)}, asking(a)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a.Prompt, a.Sampling = Digest("why?"), Digest(1)
	_, _, err = do(t, t.Context(), path, &Work{Items: all(3)}, asking(a))
	if d := (*Differs)(nil); !errors.As(err, &d) || d.ID != "0" || d.What != "the prompt and the sampling" {
		t.Errorf("%v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the output was changed: %v", err)
	}
}

func TestWhatIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	never := func() *Runner {
		return echoing(func(context.Context, engine.Request) (string, error) {
			t.Error("something was asked")
			return "", nil
		})
	}
	twice := func(yield func(Item, error) bool) {
		for _, place := range []string{"a, line 1", "a, line 2", "b, line 7"} {
			if !yield(Item{ID: "same", Place: place}, nil) {
				return
			}
		}
	}
	_, _, err := do(t, t.Context(), path, &Work{Items: twice}, never())
	if d := (*Duplicate)(nil); !errors.As(err, &d) || d.First != "a, line 1" || d.Second != "a, line 2" {
		t.Errorf("%v", err)
	}
	r := never()
	r.Ask = func(i Item) (Question, error) {
		if i.ID == "9" {
			return Question{}, errors.New("there is no question")
		}
		return Question{}, nil
	}
	if _, _, err = do(t, t.Context(), path, &Work{Items: all(10)}, r); err == nil || err.Error() != "line 9: there is no question" {
		t.Errorf("%v", err)
	}
	for text, says := range map[string]string{
		"hello\n": "line 1: this is no record",
		`{"format":"vlmchat-batch-record","version":1,"id":"a","status":"answered"}` + "\n" + `{"id":"b"}` + "\n": "line 2: this is no record",
		"no line, and none of ours": "line 1: this is no record",
		`{"format":"vlmchat-batch-record","version":1,"id":"a","status":"answered"}` + "\nnotes": "line 2: this is no record",
		`{"format":"vlmchat-batch-record","version":99,"id":"a"}` + "\n":                         "newer vlmchat",
	} {
		file := filepath.Join(t.TempDir(), "notes.txt")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := do(t, t.Context(), file, &Work{Items: all(1)}, never()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	first, err := OpenOutput(path, false, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenOutput(path, false, false); !errors.As(err, new(*InUse)) {
		t.Errorf("a second one: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := OpenOutput(path, false, false)
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

// However many items there are, what is kept of each is a digest of its ID.
func TestMemoryStaysFlat(t *testing.T) {
	for _, sorted := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "out.jsonl")
		heap := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		const items = 100_000
		long := strings.Repeat("a long answer ", 50)
		asked, before, most := 0, heap(), uint64(0)
		r := echoing(func(context.Context, engine.Request) (string, error) { return long, nil })
		w := &Work{Items: all(items), Sorted: sorted}
		out, err := OpenOutput(path, false, false)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		w.Output, w.Ask = out, r.Ask
		r.Write = func(item Item, record Record) error {
			if asked++; asked%10_000 == 0 {
				most = max(most, heap())
			}
			return w.Write(item, record)
		}
		if _, err := w.Plan(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Begin(); err != nil {
			t.Fatal(err)
		}
		sum, err := r.Run(t.Context(), w.Todo)
		if err := errors.Join(err, w.End(err)); err != nil || sum.Answered != items {
			t.Fatalf("%+v, %v", sum, err)
		}
		if most > before+40<<20 {
			t.Errorf("sorted %v: the heap grew by %d MiB over %d items", sorted, (most-before)>>20, items)
		}
		t.Logf("sorted %v: %d MiB", sorted, (most-before)>>20)
	}
}

// The records of an output are those of earlier runs and of this one, each item's once.
func TestRecordsOfAnOutput(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	said := "first"
	r := echoing(func(_ context.Context, req engine.Request) (string, error) {
		if asked(req) == "1" && said == "first" {
			return "", &engine.Error{Kind: engine.AnswerCut, Message: "cut"}
		}
		return said, nil
	})
	if _, sum, err := do(t, t.Context(), path, &Work{Items: all(3)}, r); err != nil || sum.Failed != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	said = "second"
	out, err := OpenOutput(path, false, false)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := &Work{Items: all(4), Output: out, Ask: r.Ask}
	r.Write = w.Write
	if _, err := w.Plan(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Begin(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), w.Todo); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for record, err := range out.Records() {
		if _, twice := got[record.ID]; err != nil || twice {
			t.Fatalf("%s, %v", record.ID, err)
		}
		got[record.ID] = *record.Answer
	}
	if want := map[string]string{"0": "first", "1": "second", "2": "first", "3": "second"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	for _, err := range out.Records() {
		if err != nil {
			t.Error(err)
		}
		break // nor does it go on then
	}
	for record, err := range Stream(io.Discard).Records() {
		t.Errorf("a stream has a record: %v, %v", record, err)
	}
}
