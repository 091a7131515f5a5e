// Command bench measures vlmchat side by side with the llama-server of the same
// runtime, on the same files. What a conversation takes, bench/native measures.
//
// Run it from the repository's root, best by way of make:
//
//	make bench
//	make bench BENCH="-rounds 30 tokens"
//	make bench BENCH="-model m.gguf -pictures 1 -max-tokens 128 tokens"
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
	"github.com/vlmchat/vlmchat/models"
)

// bench is what all measurements share.
type bench struct {
	measure.Bench
	pictures int // of a round of tokens
}

// measurements lists what is measured. One run of a measurement may give
// several figures.
var measurements = []struct {
	name    string
	measure func(*bench, context.Context) ([]*measure.Figure, error)
}{
	{"start", (*bench).start},
	{"tokens", (*bench).tokens},
	{"command", (*bench).command},
	{"boundary", (*bench).boundary},
	{"load", (*bench).load},
}

func main() {
	// The engine starts its worker from the executable that it is part of.
	if len(os.Args) == 2 && os.Args[1] == native.WorkerCommand {
		os.Exit(native.WorkerMain(os.Stdin))
	}
	if len(os.Args) == 4 && os.Args[1] == postCommand {
		os.Exit(postMain(os.Args[2], os.Args[3]))
	}
	b := &bench{Bench: measure.Bench{Threads: 1}}
	flag.IntVar(&b.Rounds, "rounds", 10, "measure each side so many times")
	flag.IntVar(&b.pictures, "pictures", 12, "ask about so many pictures in a round of tokens")
	flag.IntVar(&b.MaxTokens, "max-tokens", 512, "end an answer after so many tokens")
	model := flag.String("model", "", "measure with this GGUF model `file` or folder, in place of the demo model")
	projector := flag.String("projector", "", "its projector `file`, where it is not the only one beside it")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 1 || b.Rounds < 1 || b.pictures < 1 || b.MaxTokens < 2 {
		usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := b.run(ctx, *model, *projector, flag.Arg(0))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: bench [flags] [NAME]\n\nNAME is a part of the name of what to measure:")
	for _, m := range measurements {
		fmt.Fprintln(os.Stderr, "  "+m.name)
	}
	fmt.Fprintln(os.Stderr, "\nThe flags:")
	flag.PrintDefaults()
}

// run measures what has filter in its name and prints the table. What can't be
// measured is left out of the table and makes the error.
func (b *bench) run(ctx context.Context, model, projector, filter string) error {
	var err error
	if b.Model, err = models.Find(model, projector); err != nil {
		return err
	}
	if err := b.Open(); err != nil {
		return err
	}
	defer b.Close()

	m := measure.ThisMachine()
	var figures []*measure.Figure
	var failed []string
	for _, what := range measurements {
		if !strings.Contains(what.name, filter) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", what.name)
		fs, err := what.measure(b, ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed = append(failed, fmt.Sprintf("%s could not be measured: %v", what.name, err))
			continue
		}
		figures = append(figures, fs...)
	}
	if len(figures) > 0 {
		m.Print(os.Stdout, &b.Bench)
		measure.PrintTable(os.Stdout, figures)
	}
	if len(failed) > 0 {
		return fmt.Errorf("%s", strings.Join(failed, "\n"))
	}
	return nil
}
