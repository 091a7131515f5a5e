package cli

import (
	"errors"
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
)

// check is the outcome of one check.
type check struct {
	Name    string      `json:"name"`
	Status  checkStatus `json:"status"`
	Message string      `json:"message"`           // what was found
	Hint    string      `json:"hint,omitempty"`    // what to do, a line for each way
	Details []string    `json:"details,omitempty"` // what else helps to understand a fault
}

type checkStatus string

const (
	statusOK      checkStatus = "ok"
	statusInfo    checkStatus = "info"    // something that is neither good nor bad
	statusWarning checkStatus = "warning" // something is off, and the rest works
	statusFailure checkStatus = "failure" // something that was asked for can't work
)

func fine(name, format string, args ...any) check {
	return check{Name: name, Status: statusOK, Message: fmt.Sprintf(format, args...)}
}

func note(name, format string, args ...any) check {
	return check{Name: name, Status: statusInfo, Message: fmt.Sprintf(format, args...)}
}

func warning(name, hint, format string, args ...any) check {
	return check{Name: name, Status: statusWarning, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// failure is a check that failed with err. What to do is an engine's error's
// hint, or else the one given.
func failure(name, hint string, err error) check {
	var e *engine.Error
	if errors.As(err, &e) && e.Hint != "" {
		hint = e.Hint
	}
	return check{Name: name, Status: statusFailure, Message: err.Error(), Hint: hint}
}
