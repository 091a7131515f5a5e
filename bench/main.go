// Command bench measures vlmchat side by side with the llama-server of the same
// runtime, on the same files. It asserts nothing: machines differ and are busy.
// What can be compared is the ratio of two measurements made one after the
// other, so the two sides take turns, and each pair gives a ratio.
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
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

const (
	program = "bin/vlmchat"
	samples = "testdata/tinyvlm/samples"
)

// bench is what all measurements share.
type bench struct {
	rounds    int
	pictures  int // of a round of tokens
	maxTokens int // of an answer
	model     models.Model
	runtime   runtimes.Runtime
	sockets   string // the private directory of this run's workers
}

// measurements lists what is measured. One run of a measurement may give
// several figures.
var measurements = []struct {
	name    string
	measure func(*bench, context.Context) ([]*figure, error)
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
	b := &bench{}
	flag.IntVar(&b.rounds, "rounds", 10, "measure each side so many times")
	flag.IntVar(&b.pictures, "pictures", 12, "ask about so many pictures in a round of tokens")
	flag.IntVar(&b.maxTokens, "max-tokens", 512, "end an answer after so many tokens")
	model := flag.String("model", "", "measure with this GGUF model `file` or folder, in place of the demo model")
	projector := flag.String("projector", "", "its projector `file`, where it is not the only one beside it")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 1 || b.rounds < 1 || b.pictures < 1 || b.maxTokens < 2 {
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
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("%w; run 'make bench', or this from the repository's root after 'make build'", err)
	}
	var err error
	if b.model, err = models.Find(model, projector); err != nil {
		return err
	}
	if b.runtime, err = runtimes.Use(os.Getenv("VLMCHAT_RUNTIME")); err != nil {
		return fmt.Errorf("%w (run 'make runtime')", err)
	}
	if err := b.isolate(); err != nil {
		return err
	}
	defer os.RemoveAll(b.sockets)

	m := thisMachine()
	var figures []*figure
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
		m.print(os.Stdout, b)
		printTable(os.Stdout, figures)
	}
	if len(failed) > 0 {
		return fmt.Errorf("%s", strings.Join(failed, "\n"))
	}
	return nil
}

// isolate keeps this run's workers and settings apart from those of the person
// who runs it.
func (b *bench) isolate() error {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "VLMCHAT_") && name != "VLMCHAT_DATA_DIR" {
			os.Unsetenv(name)
		}
	}
	// A socket's path has to be short.
	dir, err := os.MkdirTemp("", "vb")
	if err != nil {
		return err
	}
	b.sockets = dir
	for name, value := range map[string]string{
		"XDG_RUNTIME_DIR": dir,
		"VLMCHAT_CONFIG":  filepath.Join(dir, "none.toml"),
		"VLMCHAT_RUNTIME": b.runtime.Dir,
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// repeat measures pairs: ours and then the peer's, which add their samples to the
// figures. The first pair warms the machine's caches and is thrown away.
func (b *bench) repeat(ctx context.Context, pair func(round int) error, figures ...*figure) error {
	for round := range b.rounds + 1 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := pair(round); err != nil {
			return err
		}
		if round == 0 {
			for _, f := range figures {
				f.ours, f.peer = nil, nil
			}
		}
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
