package batch

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Work is what a run has to do: items, and which of them.
type Work struct {
	// Items lists all there are. It is gone through twice: to see whether all makes sense,
	// before anything is asked, and to ask. Its errors end either.
	Items iter.Seq2[Item, error]
	// Ask says how an item is asked, or what is wrong with it.
	Ask    func(Item) (Question, error)
	Output *Output
	Shard  Shard
	Limit  int  // items that are asked at most; 0 is all
	Sorted bool // records are written in the order of the input

	todo    map[key]bool // the items that are asked
	inOrder int64        // so much of the output is in the order of the input
	limited bool         // others are left for another run
	through bool         // all were gone through
	ordered *ordered
	err     error
}

// Plan is what there is to do.
type Plan struct {
	Items    int // in the input
	Others   int // that are other shards'
	Done     int // that the output has
	Failed   int // of these, that have no answer
	Todo     int
	Later    int // that the limit leaves for another run
	Pictures int // of those that are to do
}

// Duplicate says that two items have the same ID.
type Duplicate struct{ ID, First, Second string }

func (e *Duplicate) Error() string {
	return fmt.Sprintf("%s and %s have the same id, %q: an item's answer is found by its id, so give each its own", e.First, e.Second, e.ID)
}

// Misasked says what is wrong with an item.
type Misasked struct {
	Place string
	Err   error
}

func (e *Misasked) Error() string { return e.Place + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Misasked) Unwrap() error { return e.Err }

// Plan goes through the items once. It asks nothing, and writes nothing. what is called
// with each item that is to be asked, unless it is nil.
//
// What it remembers of an item is a digest of its ID.
func (w *Work) Plan(ctx context.Context, what func(Item, Question)) (Plan, error) {
	var p Plan
	seen := map[key]int32{}
	w.todo = map[key]bool{}
	inOrder := w.Sorted
	for item, err := range w.Items {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return p, err
		}
		k := keyOf(item.ID)
		if first, twice := seen[k]; twice {
			return p, &Duplicate{item.ID, w.placeOf(int(first)), item.Place}
		}
		seen[k] = int32(p.Items)
		p.Items++
		q, err := w.Ask(item)
		if err != nil {
			return p, &Misasked{item.Place, err}
		}
		done, err := w.Output.done(item.ID, q.Asked)
		if err != nil {
			return p, err
		}
		switch {
		case done:
			p.Done++
			if w.Output.failed(k) {
				p.Failed++
			}
			inOrder = inOrder && w.Output.follows(k, &w.inOrder)
			continue
		case !w.Shard.has(k):
			p.Others++
			continue
		case w.Limit > 0 && p.Todo == w.Limit:
			w.limited = true
			p.Later++
			continue
		}
		inOrder = false
		w.todo[k] = true
		p.Todo++
		p.Pictures += len(item.Images)
		w.Output.replace(item.ID)
		if what != nil {
			what(item, q)
		}
	}
	return p, nil
}

// placeOf says where the n-th item was named.
func (w *Work) placeOf(n int) string {
	for item, err := range w.Items {
		if err != nil {
			break
		}
		if n == 0 {
			return item.Place
		}
		n--
	}
	return "an earlier item"
}

// follows tells whether an item's record begins where those before it end, and moves the
// end behind it.
func (o *Output) follows(k key, end *int64) bool {
	it, ok := o.items[k]
	if !ok || it.at != *end {
		return false
	}
	line, err := lineAt(o.file, it.at)
	*end += int64(len(line))
	return err == nil
}

// Begin makes the output ready.
func (w *Work) Begin() (err error) {
	if !w.Sorted {
		return w.Output.begin()
	}
	w.ordered, err = w.Output.order(w.inOrder)
	return err
}

// Todo lists the items that are to be asked, after Begin. What has come into the input since
// Plan is left for another run. It ends early with ctx; End tells what else it was that ended
// it.
func (w *Work) Todo(ctx context.Context) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for item, err := range w.Items {
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				w.err = err
				return
			}
			k := keyOf(item.ID)
			ask := w.todo[k]
			if w.ordered != nil {
				known, written := w.ordered.knows(k)
				switch {
				case written:
					continue
				case !ask && !known && w.limited && w.Shard.has(k):
					return // what comes behind it waits for its turn
				case !ask && !known:
					continue
				}
				if item.N, ask, err = w.ordered.take(ctx, item.ID); err != nil {
					if ctx.Err() == nil {
						w.err = err
					}
					return
				}
			}
			if !ask {
				continue
			}
			delete(w.todo, k)
			if !yield(item) || w.ordered == nil && len(w.todo) == 0 {
				return
			}
		}
		w.through = !w.limited
	}
}

// Write keeps an item's record.
func (w *Work) Write(item Item, r Record) error {
	if w.ordered != nil {
		return w.ordered.write(item.N, r)
	}
	return w.Output.Write(r)
}

// End ends the work; ran is the error with which the run ended. Its own is that of an input
// which could not be gone through, or of the output. An output that came to a good end stays,
// also where it has nothing.
func (w *Work) End(ran error) error {
	err := w.err
	if w.ordered != nil {
		err = errors.Join(err, w.ordered.close(w.through))
	}
	if err == nil && ran == nil {
		w.Output.made = false
	}
	return err
}
