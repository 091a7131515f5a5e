package main

import (
	"context"
	"os/exec"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// version measures the processor time of a command that does nothing: what every start
// takes.
func (b *bench) version(ctx context.Context) ([]*measure.Figure, error) {
	f := &measure.Figure{Name: "vlmchat --version, processor time", Headline: true, Unit: "ms", Goal: measure.Goal{AtMost: 15, Ours: true}}
	err := b.Repeat(ctx, func(int) error {
		cmd := exec.CommandContext(ctx, measure.Program, "--version")
		if err := cmd.Run(); err != nil {
			return err
		}
		f.Ours = append(f.Ours, measure.Milliseconds(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()))
		return nil
	}, f)
	return []*measure.Figure{f}, err
}
