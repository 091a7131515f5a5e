package ui

import (
	"context"
	"iter"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
)

// gather is how long events are collected before the chat hears of them: one
// frame of the screen. A model that makes thousands of tokens a second then
// causes no more work than one that makes sixty.
const gather = time.Second / 60

// feed carries what an engine reports, from the command in which the engine runs
// to the chat.
type feed struct {
	cancel context.CancelFunc
	events chan report
	fault  *Fault // over which the events ended; known once they have
}

type report struct {
	event engine.Event
	err   error
}

// newFeed returns a feed and the command that fills it, until the sequence ends
// or the feed is cancelled.
func newFeed(ctx context.Context, start func(context.Context) iter.Seq2[engine.Event, error]) (*feed, tea.Cmd) {
	ctx, cancel := context.WithCancel(ctx)
	f := &feed{cancel: cancel, events: make(chan report)}
	return f, func() tea.Msg {
		defer close(f.events)
		defer cancel()
		defer func() {
			// Told by next, or else it would seem that the events just ended.
			if value := recover(); value != nil {
				f.fault = caught(value)
			}
		}()
		for event, err := range start(ctx) {
			select {
			case f.events <- report{event, err}:
			case <-ctx.Done():
				return nil
			}
		}
		return nil
	}
}

// batch is what came from a feed within a frame. Texts are joined, and of several
// reports of progress the last one counts.
type batch struct {
	feed     *feed
	text     string
	thought  string        // what the model thinks before it says something
	notes    []string      // what a person should know of this answer
	progress *engine.Event // of kind Load, Encode, Prompt or Wait
	restart  *engine.Event // what came before it is void; the rest of the batch came after it
	done     *engine.Event
	from     *engine.Provenance // what the answer comes from, as far as that is known by now
	err      error
	ended    bool // nothing will come after this
}

func (b *batch) take(r report) {
	if r.err != nil {
		b.err = r.err
		return
	}
	if r.event.Provenance != nil {
		b.from = r.event.Provenance
	}
	switch r.event.Kind {
	case engine.Delta:
		b.text += r.event.Text
	case engine.Thinking:
		b.thought += r.event.Text
	case engine.Load, engine.Encode, engine.Prompt, engine.Wait:
		b.progress = &r.event
		if r.event.Kind == engine.Load && r.event.Text != "" {
			b.notes = append(b.notes, r.event.Text)
		}
	case engine.Note:
		b.notes = append(b.notes, r.event.Text)
	case engine.Restart:
		b.text, b.thought = "", ""
		b.restart = &r.event
	case engine.Done:
		b.done = &r.event
	}
}

// next is a command that waits for something to come and then for the rest of
// the frame.
func (f *feed) next() tea.Msg {
	b := batch{feed: f}
	if ended := gathered(f.events, b.take); ended {
		return f.end(b)
	}
	return b
}

// gathered waits for something to come, and hands over that and what comes in the rest
// of the frame. It reports whether nothing will come any more.
func gathered[T any](from <-chan T, take func(T)) (ended bool) {
	next, open := <-from
	frame := time.NewTimer(gather)
	defer frame.Stop()
	for open {
		take(next)
		select {
		case next, open = <-from:
		case <-frame.C:
			return false
		}
	}
	return true
}

// end is the last message of a feed.
func (f *feed) end(b batch) tea.Msg {
	if f.fault != nil {
		return faultMsg{f.fault}
	}
	b.ended = true
	return b
}
