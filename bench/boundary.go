package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// boundary runs the benchmark of what a token costs on its way from the worker
// to its client. Nothing compares: llama-server's clients pay that and more.
func (b *bench) boundary(ctx context.Context) ([]*measure.Figure, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkBoundary$",
		"-count", strconv.Itoa(b.Rounds), "./engine/native")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test: %w:\n%s", err, out)
	}
	f := &measure.Figure{Name: "worker boundary (goal: under 50)", Unit: "µs per token"}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		for i, w := range words {
			if w != "ns/op" || i == 0 {
				continue
			}
			ns, err := strconv.ParseFloat(words[i-1], 64)
			if err != nil {
				return nil, err
			}
			f.Ours = append(f.Ours, ns/1000)
		}
	}
	if len(f.Ours) == 0 {
		return nil, fmt.Errorf("go test printed no times:\n%s", out)
	}
	return []*measure.Figure{f}, nil
}
