package main

import (
	"context"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// boundary runs the benchmark of what a token costs on its way from the worker
// to its client. Nothing compares: llama-server's clients pay that and more.
func (b *bench) boundary(ctx context.Context) ([]*measure.Figure, error) {
	all, err := measure.GoBench(ctx, "./engine/native", "^BenchmarkBoundary$", b.Rounds)
	if err != nil {
		return nil, err
	}
	f := &measure.Figure{Name: "worker boundary", Unit: "µs per token", Goal: measure.Goal{AtMost: 50, Ours: true}}
	for _, ns := range all["BenchmarkBoundary"]["ns/op"] {
		f.Ours = append(f.Ours, ns/1000)
	}
	return []*measure.Figure{f}, nil
}
