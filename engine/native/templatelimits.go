package native

import (
	"errors"
	"fmt"
	"runtime/metrics"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// A template can loop for ever, call itself without end or ask for more memory
// than there is, and the engine that runs it has no means to stop it. So the
// process watches itself while it renders, and gives up in time to say why: the
// caller has to end the process when it is told errTemplateHangs. A template is
// first rendered in a process of its own, templatetrial.go, so that it takes one
// that behaves there and not later to cost a worker.

// errTemplateHangs means that a template does not end, or not within the memory
// allowed, and is at it still. There is no way to stop it but to end the process.
var errTemplateHangs = errors.New("the model's chat template runs wild")

// maxTemplateSize is the largest source of a template, in bytes. The largest ones
// of real models have 50,000.
const maxTemplateSize = 256 << 10

// templateLimits bound one rendering.
type templateLimits struct {
	time   time.Duration
	memory uint64 // bytes on the heap, and for each of the conversation's one 16 times more
	stack  uint64 // bytes; Go ends a process whose stack has 1 GB
	output int    // bytes of a prompt beyond twice the conversation's
}

var defaultTemplateLimits = templateLimits{time: 5 * time.Second, memory: 512 << 20, stack: 64 << 20, output: 4 << 20}

// watchInterval is how often a rendering is looked at. Nearly all end before the
// first time.
const watchInterval = time.Millisecond

// hold runs a rendering of a conversation of size bytes within the limits.
func (l templateLimits) hold(size int, render func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	before := memoryInUse()
	done := make(chan result, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- result{err: fmt.Errorf("%v", r)}
			}
		}()
		text, err := render()
		done <- result{text, err}
	}()
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	late := time.After(l.time)
	for {
		select {
		case r := <-done:
			if most := 2*size + l.output; len(r.text) > most {
				return "", fmt.Errorf("it makes a prompt of %d bytes, more than the %d allowed for this conversation", len(r.text), most)
			}
			return r.text, r.err
		case <-late:
			return "", wild("it did not come to an end within %v", l.time)
		case <-tick.C:
		}
		now := memoryInUse()
		switch {
		case now.stack > before.stack+l.stack:
			return "", wild("it calls itself without end")
		case now.heap > before.heap+l.memory+16*uint64(size):
			return "", wild("it takes more than the %d MB of memory allowed", (l.memory+16*uint64(size))>>20)
		}
	}
}

// wildTemplate is errTemplateHangs with its reason.
type wildTemplate struct{ reason string }

func (w wildTemplate) Error() string { return w.reason }

func (w wildTemplate) Is(target error) bool { return target == errTemplateHangs }

func wild(format string, args ...any) error { return wildTemplate{fmt.Sprintf(format, args...)} }

// templateError tells a person that a template did not render a conversation.
func templateError(err error) error {
	e := &engine.Error{
		Kind:    engine.Failed,
		Message: "the model's chat template can't render this conversation: " + err.Error(),
		Err:     err,
	}
	if errors.Is(err, errTemplateHangs) {
		e.Message = "the model's chat template, which is a part of its file, was stopped: " + err.Error()
		e.Hint = "the file is damaged or hostile: take the model from a source that you trust"
	}
	return e
}

// inUse is the process's memory, in bytes.
type inUse struct{ heap, stack uint64 }

func memoryInUse() inUse {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return inUse{samples[0].Value.Uint64(), samples[1].Value.Uint64()}
}
