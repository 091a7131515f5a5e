// Command commands measures what vlmchat takes as a program: its start, a whole command, a
// folder of pictures, an evaluation; side by side with the llama-server of the same
// runtime, on the same files. What a conversation takes, bench/native measures.
//
// Run it from the repository's root, best by way of make:
//
//	make bench-commands
//	make bench-commands BENCH="-rounds 30 start"
package main

import (
	"errors"
	"flag"
	"os"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine/native"
)

// bench is what all measurements share.
type bench struct {
	measure.Bench
	batchPictures int // of a round of a batch
	evalQuestions int // of a round of an evaluation
}

func main() {
	// The engine starts its worker from the executable that it is part of.
	if len(os.Args) == 2 && os.Args[1] == native.WorkerCommand {
		os.Exit(native.WorkerMain(os.Stdin))
	}
	b := &bench{Bench: measure.Bench{Threads: 1, Peer: "llama-server", Commands: []string{curl}}}
	flag.IntVar(&b.Rounds, "rounds", 10, "measure each side so many times, and batches and evaluations half as often")
	flag.IntVar(&b.batchPictures, "batch", 200, "ask about so many pictures in a round of a batch")
	flag.IntVar(&b.evalQuestions, "questions", 500, "ask so many questions in a round of an evaluation")
	flag.IntVar(&b.MaxTokens, "max-tokens", 512, "end an answer after so many tokens")
	b.ModelFlags()
	b.Main("commands", []measure.Measurement{
		{Name: "start", Measure: b.start},
		{Name: "version", Measure: b.version},
		{Name: "command", Measure: b.command},
		{Name: "batch", Measure: b.batch},
		{Name: "eval", Measure: b.questions},
		{Name: "boundary", Measure: b.boundary},
		{Name: "load", Measure: b.load},
	}, b.check, b.Run)
}

func (b *bench) check() error {
	if b.Rounds < 1 || b.batchPictures < 1 || b.evalQuestions < 1 || b.MaxTokens < 2 {
		return errors.New("there are no fewer rounds, pictures and questions than 1, and no fewer tokens than 2")
	}
	return nil
}
