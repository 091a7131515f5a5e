// Command bench runs the benchmarks, each of which is a program in a folder beside it, keeps
// what they have measured in bench/results, and puts their tables into docs/performance.md.
//
// Run it from the repository's root, best by way of make:
//
//	make bench
//	make bench BENCH="native search"
//	make bench BENCH="-quick"
//
// A benchmark that fails, as one whose peer is not there, leaves its table as it was. What
// failed is told at the end, and makes the exit code 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

const (
	resultsDir = "bench/results"
	document   = "docs/performance.md"
)

// benchmark is a program in a folder of its name.
type benchmark struct {
	name   string
	quick  []string // arguments for trying it
	tables []table
}

// table is one of those that a benchmark has in the document.
type table struct {
	name  string
	title string // of the overview's lines
}

// benchmarks are all of them, as the overview has them.
var benchmarks = []benchmark{
	{"commands", []string{"-rounds", "1", "-batch", "24", "-questions", "24"}, []table{{"commands", "Commands"}}},
	{"native", []string{"-rounds", "1", "-models", "tiny-vlm"}, []table{
		{"native-tiny-vlm", "Conversations, the demo model"}, {"native-bench-vlm", "Conversations, 297 M parameters"},
	}},
	{"remote", []string{"-rounds", "1", "-questions", "2"}, []table{{"remote", "Servers"}}},
	{"eval", []string{"-rounds", "1", "-captions", "200"}, []table{{"eval", "Scoring"}}},
	{"chat", []string{"-rounds", "1", "-frames", "500"}, []table{{"chat", "The chat"}}},
	{"sessions", []string{"-rounds", "1", "-conversations", "200", "-kept", "20"}, []table{{"sessions", "Sessions"}}},
	{"pull", []string{"-rounds", "1", "-mib", "64"}, []table{{"pull", "Fetching models"}}},
	{"pictures", []string{"-rounds", "1"}, []table{{"pictures", "Photos"}}},
	{"encoders", []string{"-rounds", "1", "-pictures", "1000"}, []table{{"encoders", "Encoding"}}},
	{"search", []string{"-rounds", "1", "-rows", "50000"}, []table{{"search", "Searching"}}},
}

func main() {
	quick := flag.Bool("quick", false, "measure little of each, for trying the benchmarks, and keep nothing")
	write := flag.Bool("write", false, "measure nothing, and write the document of the results that there are")
	flag.Usage = usage
	flag.Parse()
	chosen, err := choose(flag.Args())
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n\n", err)
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if *write {
		err = writeDocument()
	} else {
		err = all(ctx, chosen, *quick)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, "usage: bench [-quick] [-write] [NAME]...\n\nThe benchmarks; without a NAME all are run:\n")
	for _, b := range benchmarks {
		fmt.Fprintln(os.Stderr, "  "+b.name)
	}
	fmt.Fprintln(os.Stderr, "\nThe flags:")
	flag.PrintDefaults()
}

// choose finds the benchmarks by their names.
func choose(names []string) ([]benchmark, error) {
	if len(names) == 0 {
		return benchmarks, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(benchmarks, func(b benchmark) bool { return b.name == name }) {
			return nil, fmt.Errorf("there is no benchmark %q", name)
		}
	}
	var chosen []benchmark
	for _, b := range benchmarks {
		if slices.Contains(names, b.name) {
			chosen = append(chosen, b)
		}
	}
	return chosen, nil
}

// all runs benchmarks one after the other, and writes the document after each, so that what
// is measured is kept whatever comes.
func all(ctx context.Context, chosen []benchmark, quick bool) error {
	programs, err := build(ctx, chosen)
	if err != nil {
		return err
	}
	warnOfLoad()
	var failed []string
	for i, b := range chosen {
		fmt.Fprintf(os.Stderr, "\n%d of %d: %s%s\n", i+1, len(chosen), b.name, lastTime(b))
		err := run(ctx, programs[i], b, quick)
		if ctx.Err() != nil {
			return errors.New("interrupted: the tables of what was measured before are written")
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", b.name, err)
			failed = append(failed, b.name)
		}
		if quick {
			continue
		}
		if err := writeDocument(); err != nil {
			return err
		}
	}
	if failed != nil {
		return fmt.Errorf("these failed, as is told above, and their tables in %s are those of an earlier run: %s", document, strings.Join(failed, ", "))
	}
	return nil
}
