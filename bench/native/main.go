// Command native measures what a conversation with the native engine takes, side
// by side with the llama-server of the same runtime, with the same threads,
// context and slots: time to the first text of a first turn, of a follow-up, of a
// command on a warm worker and after the worker ended, tokens a second, several
// pictures at once, and memory. Ratios have goals; whether they are met is
// printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-native
//	make bench-native BENCH="-models bench-vlm -rounds 5 turns"
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine/native"
)

// bench is what all measurements of a model share.
type bench struct {
	measure.Bench
	subject  subject
	slots    []int // how many pictures of a batch are worked on at once
	pictures pictures
}

// measurements lists what is measured, of each model.
var measurements = []struct {
	name    string
	measure func(*bench, context.Context) ([]*measure.Figure, error)
}{
	{"turns", (*bench).turns},
	{"crowd", (*bench).crowd},
	{"command", (*bench).command},
	{"resume", (*bench).resume},
	{"batch", (*bench).batch},
	{"memory", (*bench).memory},
}

func main() {
	// The engine starts its worker from the executable that it is part of.
	if len(os.Args) == 2 && os.Args[1] == native.WorkerCommand {
		os.Exit(native.WorkerMain(os.Stdin))
	}
	b := &bench{}
	flag.IntVar(&b.Rounds, "rounds", 0, "measure each side so many times (default: as many as the model's speed allows)")
	flag.IntVar(&b.Threads, "threads", 1, "of both sides")
	models := flag.String("models", "tiny-vlm,bench-vlm", "measure with these `models`")
	slots := flag.String("slots", "4,8", "work on so many pictures of a batch at once, one `number` after the other")
	flag.Usage = usage
	flag.Parse()
	var err error
	if b.slots, err = numbers(*slots); err != nil || flag.NArg() > 1 || b.Rounds < 0 || b.Threads < 1 {
		usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err = b.run(ctx, strings.Split(*models, ","), flag.Arg(0))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: native [flags] [NAME]\n\nNAME is a part of the name of what to measure:")
	for _, m := range measurements {
		fmt.Fprintln(os.Stderr, "  "+m.name)
	}
	fmt.Fprintln(os.Stderr, "\nThe flags:")
	flag.PrintDefaults()
}

// run measures what has filter in its name with each model, and prints a table
// for each. What can't be measured is left out of its table and makes the error.
func (b *bench) run(ctx context.Context, models []string, filter string) error {
	if err := b.Open(); err != nil {
		return err
	}
	defer b.Close()
	var failed []string
	rounds := b.Rounds
	for _, name := range models {
		var err error
		if b.subject, err = subjectNamed(ctx, name); err != nil {
			return err
		}
		b.Model, b.MaxTokens, b.Rounds = b.subject.model, b.subject.maxTokens, b.subject.rounds
		if rounds > 0 {
			b.Rounds = rounds
		}
		m := measure.ThisMachine()
		var figures []*measure.Figure
		for _, what := range measurements {
			if !strings.Contains(what.name, filter) {
				continue
			}
			fmt.Fprintf(os.Stderr, "measuring: %s, %s\n", name, what.name)
			fs, err := what.measure(b, ctx)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				failed = append(failed, fmt.Sprintf("%s of %s could not be measured: %v", what.name, name, err))
				continue
			}
			figures = append(figures, fs...)
		}
		if len(figures) > 0 {
			m.Print(os.Stdout, &b.Bench)
			measure.PrintTable(os.Stdout, figures)
			fmt.Println()
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%s", strings.Join(failed, "\n"))
	}
	return nil
}

// inTurns measures one side and then the other, and the other way about in the
// next round, so that neither is always the one that comes second.
func inTurns(round int, ours, peer func() error) error {
	first, second := ours, peer
	if round%2 == 1 {
		first, second = peer, ours
	}
	if err := first(); err != nil {
		return err
	}
	return second()
}
