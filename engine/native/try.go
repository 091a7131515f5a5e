package native

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/runtimes"
)

// tryTimeout is far more than libraries need that are going to load.
const tryTimeout = 30 * time.Second

// Try loads a runtime's libraries in a process of their own, without a model,
// and says why they can't be used, or nil: a build whose structs are not known
// looks like any other until it is loaded. The error is an *engine.Error whose
// message is only the reason.
func Try(ctx context.Context, r runtimes.Runtime) error {
	err := try(ctx, spec{Paths: pathsOf(r), Try: true})
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &engine.Error{
		Kind:    engine.RuntimeIncompatible,
		Message: err.Error(),
		Hint:    "install the one that this vlmchat knows: vlmchat runtime install",
	}
}

func try(ctx context.Context, s spec) error {
	limited, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	cmd, err := s.command(limited)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	switch {
	case err == nil:
		return nil
	case limited.Err() != nil:
		return errors.New("loading its libraries does not come to an end")
	case cmd.ProcessState == nil:
		return err // it did not start
	}
	for l := range strings.Lines(said.String()) {
		if reason, ok := strings.CutPrefix(l, fatalMark); ok {
			return errors.New(strings.TrimSpace(reason))
		}
	}
	return errors.New("loading its libraries ends the process: " + exitReason(cmd.ProcessState))
}

// tryMain is the worker's side.
func tryMain(s spec) int {
	if _, err := llamacpp.Load(s.Paths, func(llamacpp.Level, string) {}); err != nil {
		writeFatal(err.Error())
		return exitFailed
	}
	return exitOK
}

// pathsOf are the files that the binding loads of a runtime.
func pathsOf(r runtimes.Runtime) llamacpp.Paths {
	return llamacpp.Paths{GGMLBase: r.GGMLBase, GGML: r.GGML, Llama: r.Llama, MTMD: r.MTMD, Backends: r.BackendDir}
}
