package cli

import (
	"errors"
	"io"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
)

// eventsFormat and eventsVersion are what the first event of --jsonl calls the format, which
// docs/schemas/events.schema.json has. The version counts changes that readers of an
// earlier one would not understand.
const (
	eventsFormat  = "vlmchat-events"
	eventsVersion = 1
)

// eventPrinter prints each event as one line of JSON, at once. The first is start, the last
// done or error.
type eventPrinter struct {
	w     io.Writer
	hide  func(string) string // what is secret
	begun bool
}

type startEvent struct {
	Type    string        `json:"type"` // "start"
	Format  string        `json:"format"`
	Version int           `json:"version"`
	Vlmchat string        `json:"vlmchat"` // the version that asks
	Images  []tasks.Image `json:"images"`  // those of the whole conversation
	Session string        `json:"session,omitempty"`
}

type progressEvent struct {
	Type     string  `json:"type"` // "load", "encode" or "prompt"
	Progress float64 `json:"progress"`
	Picture  *int    `json:"picture,omitempty"` // that is encoded, from 0
}

type textEvent struct {
	Type     string                `json:"type"` // "text", "thinking", "note", "wait" or "restart"
	Text     string                `json:"text"`
	Logprobs []engine.TokenLogprob `json:"logprobs,omitempty"` // if they were asked for
	After    float64               `json:"after_ms,omitempty"` // until the request is sent again, of a wait
}

type doneEvent struct {
	Type   string       `json:"type"` // "done"
	Answer tasks.Answer `json:"answer"`
}

type errorEvent struct {
	Type     string `json:"type"` // "error"
	Kind     string `json:"kind"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	ExitCode int    `json:"exit_code"`
}

func (p *eventPrinter) start(b beginning) error {
	p.begun = true
	return printLine(p.w, startEvent{"start", eventsFormat, eventsVersion, version(), b.images, b.session})
}

func (p *eventPrinter) hear(ev engine.Event) error {
	kind := string(ev.Kind)
	switch ev.Kind {
	case engine.Load, engine.Prompt:
		if ev.Text != "" {
			return printLine(p.w, textEvent{Type: string(engine.Note), Text: ev.Text})
		}
		return printLine(p.w, progressEvent{Type: kind, Progress: ev.Progress})
	case engine.Encode:
		return printLine(p.w, progressEvent{kind, ev.Progress, &ev.Picture})
	case engine.Done:
		if len(ev.Logprobs) == 0 {
			return nil // it is printed when all is known
		}
		kind = string(engine.Delta)
	}
	return printLine(p.w, textEvent{kind, ev.Text, ev.Logprobs, float64(ev.After.Microseconds()) / 1000})
}

func (p *eventPrinter) finish(_ string, all func() tasks.Answer) error {
	return printLine(p.w, doneEvent{"done", all()})
}

// fail prints why there is no answer. That nobody reads it, or that it can't be written, is
// no other error than the one at hand.
func (p *eventPrinter) fail(err error, code int) {
	if !p.begun && p.start(beginning{images: []tasks.Image{}}) != nil {
		return
	}
	e := errorEvent{Type: "error", Kind: errorKind(err, code), Message: p.hide(err.Error()), ExitCode: code}
	if code == exitInterrupted {
		e.Message = "interrupted"
	}
	if cause, ok := errors.AsType[*engine.Error](err); ok {
		e.Hint = p.hide(cause.Hint)
	}
	_ = printLine(p.w, e)
}

// errorKind sorts errors for programs: as engines do, and what is wrong with the command
// itself is usage.
func errorKind(err error, code int) string {
	var picture *images.Error
	var invalid *config.Invalid
	switch {
	case code == exitInterrupted:
		return string(engine.Cancelled)
	case errors.As(err, &usageError{}), errors.As(err, &invalid):
		return "usage"
	case errors.As(err, &picture):
		return string(engine.BadPicture)
	}
	return string(engine.KindOf(err))
}
