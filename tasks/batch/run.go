package batch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
)

// Runner asks about items, several at once.
type Runner struct {
	Engine engine.Engine
	// Ask says how an item is asked.
	Ask func(Item) (Question, error)
	// Answer completes an answer with what is known of its engine.
	Answer func(ctx context.Context, c *tasks.Collector, messages []engine.Message) tasks.Answer
	// Also does what else is to be done with a record before it is written, to which it may
	// add; nil is nothing. It is called in turn, and its error ends the run.
	Also func(Item, *Record) error
	// Write keeps the record of an item. It is called in turn, and its error ends the run.
	Write func(Item, Record) error

	Jobs      int           // that are asked at once
	Timeout   time.Duration // of an item, its pictures included; 0 is none
	Attempts  int           // that an item has where its error is for the moment; 0 is 1
	MaxErrors int           // at which the run ends; 0 never does
	Fits      bool          // an earlier run has had answers: the model has room in memory

	patience gate
	room     room
	answered atomic.Bool // an item was, in this run
}

// Summary is what came of a run.
type Summary struct {
	Answered, Failed int
}

// TooManyErrors ends a run at its MaxErrors.
type TooManyErrors struct {
	Count int
	Last  Record
}

func (e *TooManyErrors) Error() string {
	return fmt.Sprintf("stopped after %d errors, the last one of %s: %s", e.Count, e.Last.ID, *e.Last.Error)
}

// ready is an item that can be asked: its pictures are read.
type ready struct {
	item     Item
	question Question
	request  engine.Request
	took     time.Duration // to make it so
	left     time.Duration // of its timeout
	held     int64         // bytes of its pictures
}

// outcome is what came of an item: a record, or an error that is the whole run's.
type outcome struct {
	item   Item
	record Record
	err    error
}

// Run asks about the items and returns when all are done, or with what ended it before:
// ctx's error, that of an engine that is gone or of an output that can't be written, or a
// TooManyErrors. Items that are under way then have no record, and are asked the next time.
//
// Pictures are read ahead of the engine, but no further than by one for each processor
// that reads them, and than there is room for: they are large.
//
// What lists the items has a context that ends with the run, as it may wait for its turn.
func (r *Runner) Run(ctx context.Context, items func(context.Context) iter.Seq[Item]) (Summary, error) {
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if r.room.most == 0 {
		r.room.most = mostHeld
	}
	found := make(chan Item)
	readied := make(chan ready)
	done := make(chan outcome)
	go func() {
		defer close(found)
		for item := range items(within) {
			select {
			case found <- item:
			case <-within.Done():
				return
			}
		}
	}()
	readers := several(min(r.jobs(), runtime.GOMAXPROCS(0)), func() {
		for item := range found {
			r.read(within, item, readied, done)
		}
	})
	asking := several(r.jobs(), func() {
		for next := range readied {
			o := r.ask(within, next)
			r.room.take(-next.held)
			if o.err != nil {
				stop(o.err) // before another item is asked
			}
			done <- o
		}
	})
	go func() {
		readers.Wait()
		close(readied)
		asking.Wait()
		close(done)
	}()
	var sum Summary
	var unwritten error
	for o := range done {
		err := o.err
		if err == nil && unwritten == nil { // what is whole is kept, also after the end
			unwritten = r.keep(&sum, o)
			err = unwritten
		}
		if err == nil && r.MaxErrors > 0 && sum.Failed >= r.MaxErrors {
			err = &TooManyErrors{sum.Failed, o.record}
		}
		if err != nil {
			stop(err)
		}
	}
	if ctx.Err() != nil {
		return sum, ctx.Err()
	}
	return sum, context.Cause(within) // the first that stopped it
}

func (r *Runner) jobs() int { return max(1, r.Jobs) }

// several runs do in so many goroutines.
func several(n int, do func()) *sync.WaitGroup {
	var all sync.WaitGroup
	for range n {
		all.Go(do)
	}
	return &all
}

// keep writes what came of an item.
func (r *Runner) keep(sum *Summary, o outcome) error {
	if r.Also != nil {
		if err := r.Also(o.item, &o.record); err != nil {
			return err
		}
	}
	if err := r.Write(o.item, o.record); err != nil {
		return err
	}
	if o.record.Status == Answered {
		sum.Answered++
		return nil
	}
	sum.Failed++
	return nil
}

// read makes an item ready, or says what is wrong with it.
func (r *Runner) read(ctx context.Context, item Item, readied chan<- ready, done chan<- outcome) {
	if r.room.wait(ctx) != nil {
		return
	}
	next, began := ready{item: item, left: r.Timeout}, time.Now()
	question, err := r.Ask(item)
	if err == nil {
		next.question = question
		within, cancel := r.within(ctx, r.Timeout)
		next.request, err = question.Read(within)
		err = r.late(ctx, within, err)
		cancel()
	}
	next.took = time.Since(began)
	if err != nil {
		if ctx.Err() == nil {
			done <- failed(next, err, 0)
		}
		return
	}
	if r.Timeout > 0 {
		next.left = max(time.Millisecond, r.Timeout-next.took)
	}
	next.held = heldBy(next.request)
	r.room.take(next.held)
	select {
	case readied <- next:
	case <-ctx.Done():
		r.room.take(-next.held)
	}
}

// within limits what is done of an item, if there is a limit.
func (r *Runner) within(ctx context.Context, left time.Duration) (context.Context, context.CancelFunc) {
	if left <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, left)
}

// late tells an item whose time is over from one that failed, or was stopped with the run.
func (r *Runner) late(ctx, within context.Context, err error) error {
	if err == nil || ctx.Err() != nil || !errors.Is(within.Err(), context.DeadlineExceeded) {
		return err
	}
	return &engine.Error{
		Kind: engine.TimedOut, Message: fmt.Sprintf("not answered within %v", r.Timeout), Hint: "--timeout allows more",
		Err: context.DeadlineExceeded,
	}
}

// failed is the outcome of an item to which there is no answer.
func failed(next ready, err error, attempts int) outcome {
	record := FailedRecord(next.item, next.question, err)
	record.Attempts = attempts
	record.stamp(time.Now(), next.took)
	return outcome{item: next.item, record: record}
}

// ask asks about an item until there is an answer, or no use in asking again.
func (r *Runner) ask(ctx context.Context, next ready) outcome {
	for attempt := 1; ; attempt++ {
		waiting := time.Now()
		if r.patience.wait(ctx) != nil {
			return outcome{item: next.item, err: ctx.Err()}
		}
		began := time.Now()
		record, err := r.once(ctx, next)
		next.took += time.Since(waiting)
		switch {
		case err == nil:
			r.answered.Store(true)
			record.Attempts = attempt
			record.stamp(time.Now(), next.took)
			return outcome{item: next.item, record: record}
		case ctx.Err() != nil:
			return outcome{item: next.item, err: ctx.Err()}
		case r.gone(err, next):
			return outcome{item: next.item, err: err}
		case r.again(err, attempt):
			if next.left > 0 {
				next.left = max(time.Millisecond, next.left-time.Since(began))
			}
			continue
		}
		return failed(next, err, attempt)
	}
}

// gone tells whether an error ends the run. That a schema can't be had is the item's own fault
// where the schema is, and that memory does not suffice is where it did for others.
func (r *Runner) gone(err error, next ready) bool {
	switch engine.KindOf(err) {
	case engine.BadRequest:
		return !next.question.Structured
	case engine.OutOfMemory:
		return !r.Fits && !r.answered.Load()
	}
	return gone(err)
}

// once asks about an item.
func (r *Runner) once(ctx context.Context, next ready) (Record, error) {
	within, cancel := r.within(ctx, next.left)
	defer cancel()
	req := next.request
	req.Background, req.Restart = true, true // nobody sees what is taken back
	var answer tasks.Collector
	if next.question.Judge != nil {
		judged, err := next.question.Judge(within, req)
		if err != nil {
			return Record{}, r.late(ctx, within, err)
		}
		answer.Take(engine.Event{Kind: engine.Delta, Text: judged.Answer})
		record := NewRecord(next.item, next.question, r.Answer(within, &answer, req.Messages))
		record.JSON = judged.Value
		return record, nil
	}
	for ev, err := range r.Engine.Chat(within, req) {
		if err != nil {
			return Record{}, r.late(ctx, within, err)
		}
		if ev.Kind == engine.Wait && ev.Demanded {
			r.patience.close(ev.After) // for all: it is the same server
		}
		answer.Take(ev)
	}
	if check := next.question.Check; check != nil {
		if err := check(answer.Text(), answer.Finish()); err != nil {
			return Record{}, &refused{err}
		}
	}
	return NewRecord(next.item, next.question, r.Answer(within, &answer, req.Messages)), nil
}

// refused is the error of an answer that is not what was asked for: to ask again would
// mostly bring the same.
type refused struct{ error }

func (e *refused) Unwrap() error { return e.error }

// attemptsWhereDemanded are those that an item has at least where a server says when to come
// back: it will have an answer then, unless too many come back.
const attemptsWhereDemanded = 5

// again tells whether a failure was one of the moment, and has all wait for as long as
// it takes.
func (r *Runner) again(err error, attempt int) bool {
	e, ok := errors.AsType[*engine.Error](err)
	if !ok || !retryable(err) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	wait, most := e.RetryAfter, r.Attempts
	if wait > 0 {
		most = max(most, attemptsWhereDemanded)
	}
	if wait > longestWait || attempt >= most {
		return false
	}
	if wait == 0 {
		wait = backoff(attempt)
	}
	r.patience.close(wait)
	return true
}

// gone tells whether an error is none of the item's: each other one would end in the same.
func gone(err error) bool {
	e, ok := errors.AsType[*engine.Error](err)
	if !ok {
		return false
	}
	switch e.Kind {
	case engine.ModelNotFound, engine.ModelInvalid, engine.NotVision, engine.Unreachable, engine.Unauthorized,
		engine.RuntimeMissing, engine.RuntimeIncompatible, engine.NoDevice, engine.OutOfMemory, engine.BadOption, engine.BadRequest:
		return true
	}
	return e.Kind == engine.RateLimited && !e.Temporary // what was paid for is used up
}
