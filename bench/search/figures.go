package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/vectors"
)

// exact measures a search for one query, with the checksums of all rows.
func (b *bench) exact(ctx context.Context) ([]*measure.Figure, error) {
	return b.pairs(ctx, "one query", 1, measure.Goal{AtMost: 1.5}, b.file.Search)
}

// several measures queries that are asked together.
func (b *bench) several(ctx context.Context) ([]*measure.Figure, error) {
	return b.pairs(ctx, "eight queries together", 8, measure.Goal{}, b.file.Search)
}

// fresh measures what a command has to do that searches once: opening and mapping, too.
func (b *bench) fresh(ctx context.Context) ([]*measure.Figure, error) {
	return b.pairs(ctx, "one query, the file just opened; peer: all in memory", 1, measure.Goal{},
		func(ctx context.Context, queries [][]float32, k int, keep *vectors.Set) (r vectors.Result, err error) {
			f, err := vectors.Open(b.path, b.rows)
			if err != nil {
				return r, err
			}
			defer f.Close()
			return f.Search(ctx, queries, k, keep)
		})
}

// search is a way to search.
type search func(ctx context.Context, queries [][]float32, k int, keep *vectors.Set) (vectors.Result, error)

// pairs measures a way to search in turns with numpy's product.
func (b *bench) pairs(ctx context.Context, name string, queries int, goal measure.Goal, search search) ([]*measure.Figure, error) {
	clock := &measure.Figure{Name: name, Unit: "ms", Goal: goal, Headline: goal != measure.Goal{}}
	processor := &measure.Figure{Name: "the same in CPU time", Unit: "ms"}
	err := b.Repeat(ctx, func(round int) error {
		asked := b.queries(uint64(round), queries)
		var ours, theirs cost
		err := measure.InTurns(round, func() (err error) {
			ours, err = b.searchHere(ctx, asked, search)
			return err
		}, func() (err error) {
			theirs, err = multiply(b.peer, asked, b.k)
			return err
		})
		if err != nil {
			return err
		}
		if !slices.Equal(ours.rows, theirs.rows) {
			fmt.Fprintf(os.Stderr, "note: we find %d, numpy %d\n", ours.rows, theirs.rows)
		}
		clock.Ours, clock.Peer = append(clock.Ours, measure.Milliseconds(ours.clock)), append(clock.Peer, measure.Milliseconds(theirs.clock))
		processor.Ours, processor.Peer = append(processor.Ours, measure.Milliseconds(ours.processor)), append(processor.Peer, measure.Milliseconds(theirs.processor))
		return nil
	}, clock, processor)
	return []*measure.Figure{clock, processor}, err
}

// searchHere searches as vlmchat does.
func (b *bench) searchHere(ctx context.Context, queries [][]float32, search search) (c cost, err error) {
	before, err := measure.ProcessorTime(os.Getpid())
	if err != nil {
		return c, err
	}
	start := time.Now()
	r, err := search(ctx, queries, b.k, nil)
	c.clock = time.Since(start)
	if err != nil {
		return c, err
	}
	after, err := measure.ProcessorTime(os.Getpid())
	c.processor = after - before
	for _, h := range r.Hits[0] {
		c.rows = append(c.rows, h.Row)
	}
	return c, err
}

// lists measures the search that reads a part of the rows, and how much of what the exact
// one finds it finds. The time is compared with numpy's of all rows.
func (b *bench) lists(ctx context.Context) ([]*measure.Figure, error) {
	start := time.Now()
	l, err := b.file.BuildLists(ctx)
	if err != nil {
		return nil, err
	}
	build := &measure.Figure{Name: "making the lists", Unit: "s", Ours: []float64{time.Since(start).Seconds()}}
	found := &measure.Figure{Name: "found by lists of what there is", Unit: "%", Goal: measure.Goal{AtLeast: 95, Ours: true}}
	clock := &measure.Figure{Name: "one query by lists", Beside: "all rows", Unit: "ms"}
	err = b.Repeat(ctx, func(round int) error {
		asked := b.queries(uint64(round), 1)
		ours, err := b.searchHere(ctx, asked, l.Search)
		if err != nil {
			return err
		}
		theirs, err := multiply(b.peer, asked, b.k)
		if err != nil {
			return err
		}
		both := slices.DeleteFunc(slices.Clone(ours.rows), func(row int) bool { return !slices.Contains(theirs.rows, row) })
		found.Ours = append(found.Ours, 100*float64(len(both))/float64(b.k))
		clock.Ours, clock.Peer = append(clock.Ours, measure.Milliseconds(ours.clock)), append(clock.Peer, measure.Milliseconds(theirs.clock))
		return nil
	}, clock, found)
	return []*measure.Figure{clock, found, build}, err
}
