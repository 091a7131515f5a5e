package native

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/runtimes"
)

// tryTimeout is far more than libraries need that are going to load.
const tryTimeout = 30 * time.Second

// Facts are what a runtime tells of itself when it is loaded.
type Facts struct {
	Version string   `json:"version,omitempty"` // llama.cpp's, such as "0.6.0-dev"; "" before it had one
	Commit  string   `json:"commit,omitempty"`  // of the source that it was built from, as far as it tells
	Devices []Device `json:"devices,omitempty"` // that can compute
}

// Try loads a runtime's libraries in a process of their own, without a model,
// and returns what they tell, or why they can't be used: a build whose structs
// are not known looks like any other until it is loaded. The error is an
// *engine.Error whose message is only the reason.
func Try(ctx context.Context, r runtimes.Runtime) (Facts, error) {
	facts, err := try(ctx, r)
	if err == nil {
		return facts, nil
	}
	if ctx.Err() != nil {
		return Facts{}, ctx.Err()
	}
	return Facts{}, &engine.Error{
		Kind:    engine.RuntimeIncompatible,
		Message: err.Error(),
		Hint:    "install the one that this vlmchat knows: vlmchat runtime install",
	}
}

// TryCommand is the process in which Try loads a runtime, ended when ctx is.
func TryCommand(ctx context.Context, r runtimes.Runtime) (*exec.Cmd, error) {
	return spec{Paths: pathsOf(r), Try: true}.command(ctx)
}

func try(ctx context.Context, r runtimes.Runtime) (Facts, error) {
	limited, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	cmd, err := TryCommand(limited, r)
	if err != nil {
		return Facts{}, err
	}
	told, err := runAside(limited, cmd, "loading its libraries")
	if err != nil {
		return Facts{}, err
	}
	return readFacts(told)
}

// runAside runs a worker that only finds something out by doing what is said,
// until ctx ends. It returns what the worker writes, or why it could not: the
// reason that it gave, or how it ended.
func runAside(ctx context.Context, cmd *exec.Cmd, doing string) (string, error) {
	var told, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &told, &said
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case err == nil:
		return told.String(), nil
	case ctx.Err() != nil:
		return "", errors.New(doing + " does not come to an end")
	case cmd.ProcessState == nil:
		return "", err // it did not start
	}
	for l := range strings.Lines(said.String()) {
		if reason, ok := strings.CutPrefix(l, fatalMark); ok {
			return "", errors.New(strings.TrimSpace(reason))
		}
		if reason, ok := strings.CutPrefix(l, goFatalMark); ok {
			return "", errors.New(doing + " ends the process: " + strings.TrimSpace(reason))
		}
	}
	return "", errors.New(doing + " ends the process: " + exitReason(cmd.ProcessState))
}

// goFatalMark begins what Go itself writes when it ends a process.
const goFatalMark = "fatal error: "

// factsMark begins the line with the facts: libraries may print, too.
const factsMark = "facts: "

func readFacts(told string) (facts Facts, err error) {
	for l := range strings.Lines(told) {
		if text, ok := strings.CutPrefix(l, factsMark); ok {
			err = json.Unmarshal([]byte(text), &facts)
			return facts, err
		}
	}
	return facts, errors.New("its libraries load, but nothing is told of them")
}

// tryMain is the worker's side.
func tryMain(s spec) int {
	l, err := llamacpp.Load(s.Paths, func(llamacpp.Level, string) {})
	if err != nil {
		writeFatal(err.Error())
		return exitFailed
	}
	facts := Facts{Version: l.Version, Commit: l.Commit}
	for _, d := range l.Devices() {
		free, total := l.Memory(d)
		facts.Devices = append(facts.Devices, Device{d.Name, d.Description, deviceTypes[d.Type], d.Backend, free, total})
	}
	text, err := json.Marshal(facts)
	if err != nil {
		writeFatal(err.Error())
		return exitFailed
	}
	fmt.Println()
	fmt.Println(factsMark + string(text))
	return exitOK
}

// pathsOf are the files that the binding loads of a runtime.
func pathsOf(r runtimes.Runtime) llamacpp.Paths {
	return llamacpp.Paths{GGMLBase: r.GGMLBase, GGML: r.GGML, Llama: r.Llama, MTMD: r.MTMD, Backends: r.BackendDir}
}
