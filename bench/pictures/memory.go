package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/images"
)

// peakCommand makes this program decode one photo and say by how many bytes it grew.
const peakCommand = "peak"

// memory measures by how much a process that decodes one photo grows at most, as a
// multiple of the pixels, 3 bytes each.
func (b *bench) memory(ctx context.Context) ([]*measure.Figure, error) {
	photos, err := b.photos(ctx)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	decoders, err := b.decoders(ctx)
	if err != nil {
		return nil, err
	}
	var figures []*measure.Figure
	for _, d := range decoders {
		for _, p := range photos {
			f := &measure.Figure{Name: "memory, " + p.name, Beside: d.name, Unit: "× the pixels", Goal: measure.Goal{AtMost: 2.2, Ours: true}}
			figures = append(figures, f)
			err := b.Repeat(ctx, func(int) error {
				out, err := exec.CommandContext(ctx, self, peakCommand, p.path).Output()
				if err != nil {
					return err
				}
				var ours int64
				if _, err := fmt.Sscan(string(out), &ours); err != nil {
					return err
				}
				peer, err := measure.StartProcess(ctx, nil, d.command...)
				if err != nil {
					return err
				}
				defer peer.Close()
				theirs, err := decodeThere(peer, p)
				f.Ours = append(f.Ours, float64(ours)/photoBytes)
				f.Peer = append(f.Peer, float64(theirs.memory)/photoBytes)
				return err
			}, f)
			if err != nil {
				return figures, err
			}
		}
	}
	return figures, nil
}

// peakMain is peakCommand.
func peakMain(path string) int {
	err := func() error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		before, err := measure.PeakMemory(os.Getpid())
		if err != nil {
			return err
		}
		if _, err := images.Decode(path, data, images.Limits{}); err != nil {
			return err
		}
		after, err := measure.PeakMemory(os.Getpid())
		fmt.Println(after - before)
		return err
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}
