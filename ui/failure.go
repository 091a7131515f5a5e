package ui

import (
	"errors"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// remedy says what a person can do in the chat about an answer that failed, besides
// what the engine says to do.
func remedy(err error) string {
	if _, hint := explain(err); strings.Contains(hint, "/retry") {
		return ""
	}
	switch engine.KindOf(err) {
	case engine.Unreachable:
		return "/retry asks again once it is there; /backend goes on with another engine."
	case engine.Unauthorized:
		return "/retry asks again once that is put right; /backend goes on with another engine."
	case engine.ModelNotFound:
		return "/model lists those that are there."
	case engine.OutOfMemory, engine.RuntimeMissing, engine.RuntimeIncompatible, engine.NoDevice, engine.ModelInvalid:
		return "/model and /backend go on with something else."
	}
	return "/retry asks again."
}

// pause is how long a server wants to be left alone.
type pause struct {
	activity
	length time.Duration
}

// fails takes note of an error for the status line: that nobody is there, or until when
// a server wants to be left alone. Of nil it is that all is well.
func (s *status) fails(err error) {
	s.pause, s.offline = pause{}, engine.KindOf(err) == engine.Unreachable
	if e, ok := errors.AsType[*engine.Error](err); ok && e.Kind == engine.RateLimited {
		s.pause.length = e.RetryAfter
	}
}

// left is what of the pause is to come.
func (p *pause) left() time.Duration { return max(0, p.length-p.now.Sub(p.began)) }

func (p *pause) view() string {
	return "ask again in " + seconds(p.left())
}
