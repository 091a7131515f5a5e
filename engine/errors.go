package engine

import (
	"context"
	"errors"
	"time"
)

// ErrorKind sorts errors by what a caller can do about them.
type ErrorKind string

// The kinds of errors that engines report.
const (
	ModelNotFound       ErrorKind = "model_not_found"
	ModelInvalid        ErrorKind = "model_invalid"        // not GGUF, damaged, or files that do not fit together
	NotVision           ErrorKind = "not_vision"           // pictures were sent to a model that cannot see
	BadPicture          ErrorKind = "bad_picture"          // this engine cannot take this picture
	ContextFull         ErrorKind = "context_full"         // the conversation does not fit the context
	Unreachable         ErrorKind = "unreachable"          // no server answers
	Unauthorized        ErrorKind = "unauthorized"         // key missing or refused
	RateLimited         ErrorKind = "rate_limited"         // see RetryAfter
	RuntimeMissing      ErrorKind = "runtime_missing"      // no llama.cpp libraries
	RuntimeIncompatible ErrorKind = "runtime_incompatible" // libraries that cannot be used, and why
	NoDevice            ErrorKind = "no_device"            // the GPU that was asked for is not there
	OutOfMemory         ErrorKind = "out_of_memory"        // the model does not fit where it was told to go
	WorkerDied          ErrorKind = "worker_died"          // the native worker process ended
	BadRequest          ErrorKind = "bad_request"          // what is asked of the answer, such as its schema, can't be had
	AnswerCut           ErrorKind = "answer_cut"           // the stream ended before the answer did
	BadOption           ErrorKind = "bad_option"           // this engine lacks an option, or can't use its value
	TimedOut            ErrorKind = "timed_out"            // a person allowed so much time and no more
	Cancelled           ErrorKind = "cancelled"
	Failed              ErrorKind = "failed" // anything else
)

// Error is an engine's failure, told to a person: what is wrong (Message) and
// what to do next (Hint), both phrases without a capital or a full stop. It is
// also what crosses the worker's socket.
type Error struct {
	Kind       ErrorKind     `json:"kind"`
	Message    string        `json:"message"`
	Hint       string        `json:"hint,omitempty"`
	RetryAfter time.Duration `json:"retry_after,omitempty"` // when the server wants to be asked again, 0 if it did not say
	Temporary  bool          `json:"temporary,omitempty"`   // the same request may work in a moment
	Err        error         `json:"-"`                     // the cause, if there is one
}

// Error returns the message without the hint, which callers that have room
// show on a line of its own.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first Error in err's chain. A cancelled
// context is Cancelled, and any other error is Failed.
func KindOf(err error) ErrorKind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled):
		return Cancelled
	}
	return Failed
}
