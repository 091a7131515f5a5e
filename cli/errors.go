package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termtext"
)

// The exit codes of vlmchat.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitPicture     = 3
	exitEngine      = 4
	exitInterrupted = 130
)

// exitCodes say what each means.
var exitCodes = []struct {
	code  int
	about string
}{
	{exitOK, "It is answered, or done."},
	{exitFailed, "It failed."},
	{exitUsage, "Wrong usage: flags, settings, no question."},
	{exitPicture, "A picture is missing, unreadable, no picture, too large, or refused by the model."},
	{exitEngine, "The engine, the model or the runtime can't be used, or a server not reached."},
	{exitInterrupted, "It was interrupted."},
}

// report tells a person what went wrong, and what to do next if that is known,
// and returns the exit code.
func (a *app) report(ctx context.Context, err error) int {
	code := codeOf(ctx, err)
	var some someFailed
	if code == exitInterrupted || errors.As(err, &some) || errors.Is(err, errUnwell) || errors.Is(err, errDiffers) || errors.Is(err, errUnread) || errors.Is(err, errContradicted) || errors.Is(err, errUnset) {
		return code
	}
	a.tell(err)
	return code
}

// tell says what went wrong, and what to do next.
func (a *app) tell(err error) {
	fmt.Fprintln(a.stderr, "vlmchat: "+termtext.Line(a.secrets.hide(err.Error())))
	var e *engine.Error
	if errors.As(err, &e) && e.Hint != "" {
		fmt.Fprintln(a.stderr, termtext.Sanitize(a.secrets.hide(e.Hint)))
	}
	if picture, ok := errors.AsType[*images.Error](err); ok && picture.Reason == images.Directory {
		fmt.Fprintln(a.stderr, "'vlmchat batch' asks about all pictures in a folder and below, and goes on where it was interrupted")
	}
}

// codeOf is the exit code of a command that ended with an error. ctx ends when it is
// interrupted.
func codeOf(ctx context.Context, err error) int {
	if ctx.Err() != nil {
		return exitInterrupted
	}
	return exitCode(err)
}

// exitCode is the design's code for an error.
func exitCode(err error) int {
	var picture *images.Error
	var usage usageError
	var some someFailed
	var invalid *config.Invalid
	switch {
	case errors.As(err, &usage), errors.As(err, &invalid):
		return exitUsage
	case errors.As(err, &picture):
		return exitPicture
	case errors.As(err, &some):
		return some.code
	}
	switch engine.KindOf(err) {
	case engine.Cancelled:
		return exitInterrupted
	case engine.BadOption:
		return exitUsage
	case engine.BadPicture:
		return exitPicture
	case engine.BadRequest:
		return exitUsage
	case engine.ModelNotFound, engine.ModelInvalid, engine.NotVision, engine.Unreachable,
		engine.Unauthorized, engine.RuntimeMissing, engine.RuntimeIncompatible,
		engine.NoDevice, engine.OutOfMemory:
		return exitEngine
	}
	return exitFailed
}
