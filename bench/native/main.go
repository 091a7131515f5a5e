// Command native measures what a conversation with the native engine takes, side
// by side with the llama-server of the same runtime, with the same threads,
// context and slots: time to the first text of a first turn, of a follow-up, of a
// command on a warm worker and after the worker ended, of a chat that is opened again,
// tokens a second, several pictures at once, and memory, also as it is estimated before. Ratios have goals; whether they are met is
// printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-native
//	make bench-native BENCH="-models bench-vlm -rounds 5 turns"
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine/native"
)

// bench is what all measurements of a model share.
type bench struct {
	measure.Bench
	subject  subject
	slots    []int // how many pictures of a batch are worked on at once
	pictures measure.Pictures
}

func main() {
	// The engine starts its worker from the executable that it is part of.
	if len(os.Args) == 2 && os.Args[1] == native.WorkerCommand {
		os.Exit(native.WorkerMain(os.Stdin))
	}
	b := &bench{Bench: measure.Bench{Peer: "llama-server"}}
	flag.IntVar(&b.Rounds, "rounds", 0, "measure each side so many times (default: as many as the model's speed allows)")
	flag.IntVar(&b.Threads, "threads", 1, "of both sides")
	models := flag.String("models", "tiny-vlm,bench-vlm", "measure with these `models`")
	slots := flag.String("slots", "8", "work on so many pictures of a batch at once, one `number` after the other")
	b.Main("native", []measure.Measurement{
		{Name: "turns", Measure: b.turns},
		{Name: "crowd", Measure: b.crowd},
		{Name: "command", Measure: b.command},
		{Name: "resume", Measure: b.resume},
		{Name: "chat -c", Measure: b.goOn},
		{Name: "batch", Measure: b.batch},
		{Name: "memory", Measure: b.memory},
		{Name: "estimate", Measure: b.estimate},
	}, func() (err error) {
		if b.Rounds < 0 || b.Threads < 1 {
			return errors.New("there are no fewer rounds than 0, and no fewer threads than 1")
		}
		b.slots, err = numbers(*slots)
		return err
	}, func(ctx context.Context, chosen []measure.Measurement) error {
		return b.each(ctx, strings.Split(*models, ","), chosen)
	})
}

// each measures with each model, and prints a table for each.
func (b *bench) each(ctx context.Context, models []string, chosen []measure.Measurement) error {
	var failed []error
	rounds := b.Rounds
	for _, name := range models {
		var err error
		b.Table = "native-" + name
		if b.subject, err = subjectNamed(ctx, name); err != nil {
			return err
		}
		b.Model, b.MaxTokens, b.Rounds = b.subject.model, b.subject.maxTokens, b.subject.rounds
		if rounds > 0 {
			b.Rounds = rounds
		}
		err = b.Run(ctx, chosen)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failed = append(failed, err)
		fmt.Println()
	}
	return errors.Join(failed...)
}
