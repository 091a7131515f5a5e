package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
)

const (
	// budget is what a benchmark may take at most.
	budget = 30 * time.Minute
	// farewell is what one that is interrupted may take to end what it has started.
	farewell = 30 * time.Second
)

// build makes the programs before anything is measured, which compilers would disturb.
func build(ctx context.Context, chosen []benchmark) ([]string, error) {
	var programs []string
	for _, b := range chosen {
		program := filepath.Join(measure.PeersDir, "bin", b.name)
		cmd := exec.CommandContext(ctx, "go", "build", "-o", program, "./bench/"+b.name)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("%s can't be built: %w", b.name, err)
		}
		programs = append(programs, program)
	}
	return programs, nil
}

// run runs a benchmark, which prints its tables and keeps them.
func run(ctx context.Context, program string, b benchmark, quick bool) error {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	args := []string{"-results", resultsDir}
	if quick {
		args = b.quick
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = farewell
	err := cmd.Run()
	if ctx.Err() == context.DeadlineExceeded {
		return fmt.Errorf("it was ended after %s", budget)
	}
	return err
}

// lastTime says what a benchmark took when its tables were measured.
func lastTime(b benchmark) string {
	results, err := measure.ReadResults(resultsDir)
	if err != nil {
		return ""
	}
	seconds := 0
	for _, t := range b.tables {
		if r := results[t.name]; r != nil {
			seconds += r.Seconds
		}
	}
	if seconds == 0 {
		return ""
	}
	return fmt.Sprintf(", which took %s the last time", time.Duration(seconds)*time.Second)
}

// warnOfLoad tells who measures that others are at work.
func warnOfLoad() {
	if load, err := strconv.ParseFloat(measure.Load(), 64); err == nil && load > 0.5*float64(runtime.NumCPU()) {
		fmt.Fprintf(os.Stderr, "bench: the load average is %.2f: what else is at work here is measured too\n", load)
	}
}
