package datasets

import (
	"errors"
	"io/fs"
)

// Error says of a file why it can't be read as a dataset: what is wrong (Message) and what to
// do next (Hint), both phrases without a capital or a full stop.
type Error struct {
	Place   string // a file or a folder, where it is known with line and column
	Message string
	Hint    string
	Kind    ProblemKind // of a dataset in which no item can be used, the first's problem; else ""
	Err     error       // the cause, if there is one
}

// Error returns place and message, without the hint.
func (e *Error) Error() string { return e.Place + ": " + e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// withoutPath is an operating system's error without the path, which the message has.
func withoutPath(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
