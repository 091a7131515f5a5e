package measure

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/models"
)

// Measurement is something that a benchmark measures. It may give several
// figures.
type Measurement struct {
	Name    string
	Measure func(context.Context) ([]*Figure, error)
}

// ModelFlags declares the flags that choose another model than the demo model.
// Open finds it.
func (b *Bench) ModelFlags() {
	flag.StringVar(&b.model, "model", "", "measure with this GGUF model `file` or folder, in place of the demo model")
	flag.StringVar(&b.projector, "projector", "", "its projector `file`, where it is not the only one beside it")
}

// Main is the command of a benchmark, whose flags are declared: it runs what has
// the command's argument in its name, and ends the process. check refuses flags.
func (b *Bench) Main(name string, all []Measurement, check func() error, run func(context.Context, []Measurement) error) {
	flag.StringVar(&b.results, "results", "", "keep the table as JSON in this `folder`, too")
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "usage: %s [flags] [NAME]\n\nNAME is a part of the name of what to measure:\n", name)
		for _, m := range all {
			fmt.Fprintln(os.Stderr, "  "+m.Name)
		}
		fmt.Fprintln(os.Stderr, "\nThe flags:")
		flag.PrintDefaults()
	}
	flag.Parse()
	b.Table = name
	var chosen []Measurement
	for _, m := range all {
		if strings.Contains(m.Name, flag.Arg(0)) {
			chosen = append(chosen, m)
		}
	}
	err := check()
	switch {
	case err != nil:
	case flag.NArg() > 1:
		err = errors.New("there may be one NAME")
	case chosen == nil:
		err = fmt.Errorf("nothing to measure has %q in its name", flag.Arg(0))
	case b.results != "" && len(chosen) < len(all):
		err = errors.New("a table is kept whole: with -results there is no NAME")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n\n", err)
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if err = b.Open(ctx); err == nil {
		err = run(ctx, chosen)
		b.Close()
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// Run measures and prints the table, and keeps it where that is wanted and all could be
// measured. What can't be is left out of what is printed, and makes the error.
func (b *Bench) Run(ctx context.Context, chosen []Measurement) error {
	machine, began := ThisMachine(), time.Now()
	var figures []*Figure
	var failed []error
	for _, m := range chosen {
		name := m.Name
		if !b.Alone {
			name += " of " + b.Model.Name
		}
		fmt.Fprintln(os.Stderr, "measuring:", name)
		fs, err := m.Measure(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s could not be measured: %w", name, err))
			continue
		}
		figures = append(figures, fs...)
	}
	if len(figures) == 0 {
		return errors.Join(failed...)
	}
	for _, f := range figures {
		f.Ours, f.Peer = rounded(f.Ours), rounded(f.Peer)
	}
	machine.LoadAfter = Load()
	r := &Result{
		Format: resultFormat, Version: resultVersion, Name: b.Table,
		Date: began.Format(time.DateOnly), Seconds: int(time.Since(began).Seconds()),
		Machine: machine, Setup: b.setup(), Peer: b.Peer, Figures: figures,
	}
	fmt.Print(r.Markdown())
	if b.results == "" || failed != nil {
		return errors.Join(failed...)
	}
	return r.Write(b.results)
}

// setup is what both sides were given.
func (b *Bench) setup() []string {
	var lines []string
	if !b.Alone {
		lines = append(lines, fmt.Sprintf("runtime %s, model %s, %s on both sides", b.Runtime.Name, b.Model.Name, threads(b.Threads)))
	}
	if len(b.versions) > 0 {
		lines = append(lines, "peers: "+strings.Join(b.versions, ", "))
	}
	return lines
}

func threads(n int) string {
	if n == 1 {
		return "one thread"
	}
	return fmt.Sprintf("%d threads", n)
}

// findModel finds the model that the flags name, the demo model if they name none.
func (b *Bench) findModel() (err error) {
	b.Model, err = models.Find(b.model, b.projector)
	return err
}

// InTurns measures one side and then the other, and the other way about in the
// next round, so that neither is always the one that comes second.
func InTurns(round int, ours, peer func() error) error {
	first, second := ours, peer
	if round%2 == 1 {
		first, second = peer, ours
	}
	if err := first(); err != nil {
		return err
	}
	return second()
}
