package main

import (
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine/native"
)

// cacheBytes is what this run keeps on disk at most.
const cacheBytes = 2 << 30

// engine is ours, with as many tokens of context as the model was trained for, as
// llama-server has by default. It computes so many requests at once; 0 leaves
// that to it. Like a command's, it keeps on disk what takes time to compute.
func (b *bench) engine(parallel int) *native.Engine { return native.New(b.options(parallel)) }

func (b *bench) options(parallel int) native.Options {
	return native.Options{
		Model: b.Model, Runtime: b.Runtime, Threads: b.Threads, Parallel: parallel,
		CacheDir: b.CacheDir(), CacheBytes: cacheBytes,
	}
}

// done ends the engine and its worker.
func (b *bench) done(e *native.Engine) {
	_ = e.Close()
	_ = b.WorkersGone()
}

// clock tells the processor time that a side's process has used.
type clock func() (time.Duration, error)

// clocks are those of both sides.
type clocks struct{ ours, peer clock }

// clocksOf finds them, once the worker has been started.
func clocksOf(server int) (clocks, error) {
	worker, err := measure.Worker()
	of := func(pid int) clock {
		return func() (time.Duration, error) { return measure.ProcessorTime(pid) }
	}
	return clocks{of(worker), of(server)}, err
}
