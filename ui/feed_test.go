package ui

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// However fast an engine talks, the chat hears of it a frame at a time, in order
// and whole.
func TestFeedGathers(t *testing.T) {
	t.Parallel()
	const n = 20_000
	f, fill := newFeed(context.Background(), func(context.Context) iter.Seq2[engine.Event, error] {
		return func(yield func(engine.Event, error) bool) {
			yield(engine.Event{Kind: engine.Prompt, Progress: 0.5}, nil)
			yield(engine.Event{Kind: engine.Prompt, Progress: 1}, nil)
			for range n {
				yield(engine.Event{Kind: engine.Delta, Text: "word "}, nil)
			}
			yield(done(), nil)
		}
	})
	go fill()
	var text strings.Builder
	batches := 0
	for ended, finished := false, false; !ended; batches++ {
		b := f.next().(batch)
		text.WriteString(b.text)
		finished = finished || b.done != nil
		ended = b.ended
		if ended && !finished {
			t.Error("the end came without its usage")
		}
	}
	if text.Len() != 5*n {
		t.Errorf("%d bytes arrived of %d", text.Len(), 5*n)
	}
	if batches > n/10 {
		t.Errorf("%d events made %d batches", n, batches)
	}
}

// A cancelled feed ends although nobody reads what comes any more.
func TestFeedCancel(t *testing.T) {
	t.Parallel()
	broken := make(chan struct{})
	f, fill := newFeed(context.Background(), func(context.Context) iter.Seq2[engine.Event, error] {
		return func(yield func(engine.Event, error) bool) {
			for yield(engine.Event{Kind: engine.Delta, Text: "x"}, nil) {
			}
			close(broken) // the engine is told to stop
		}
	})
	go fill()
	f.next()
	f.cancel()
	<-broken
	for !f.next().(batch).ended {
	}
}

func TestBatchTakesTheLast(t *testing.T) {
	t.Parallel()
	var b batch
	for _, e := range []engine.Event{
		{Kind: engine.Encode, Progress: 0.1}, {Kind: engine.Encode, Progress: 0.2, Picture: 1},
		{Kind: engine.Thinking, Text: "hm"},
	} {
		b.take(report{event: e})
	}
	if b.progress.Progress != 0.2 || b.progress.Picture != 1 || b.thought != "hm" {
		t.Errorf("got %+v, %+v", b, b.progress)
	}
	b.take(report{event: engine.Event{Kind: engine.Delta, Text: "A"}})
	if b.thought != "hm" || b.text != "A" {
		t.Errorf("got %+v", b)
	}
}
