package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images"
)

// atOnce is how many pictures are encoded in a batch.
const atOnce = 8

// weights are the forms of the checkpoint that are measured, each with its goals: of the
// encoding alone, and of all from the file on.
var weights = []struct {
	name             string
	encode, pipeline float64
}{{"float32", 0.97, 0}, {"float16", 1.05, 1.2}}

// encode measures pictures that are the encoder's size already.
func (b *bench) encode(ctx context.Context) ([]*measure.Figure, error) {
	var figures []*measure.Figure
	for _, w := range weights {
		f := &measure.Figure{Name: "ViT-B/32, " + w.name + " weights", Headline: true, Unit: "pictures per CPU second", Goal: measure.Goal{AtLeast: w.encode}}
		figures = append(figures, f)
		if err := b.race(ctx, w.name, "tensor", 224, 224, ".png", f); err != nil {
			return nil, err
		}
	}
	return figures, nil
}

// pipeline measures files: reading, decoding, preparing and encoding.
func (b *bench) pipeline(ctx context.Context) ([]*measure.Figure, error) {
	var figures []*measure.Figure
	for _, w := range weights {
		for _, size := range [][2]int{{768, 512}, {4000, 3000}} {
			f := &measure.Figure{
				Name: fmt.Sprintf("from JPEGs of %d × %d, %s weights", size[0], size[1], w.name), Unit: "pictures per CPU second",
				Goal: measure.Goal{AtLeast: w.pipeline},
			}
			figures = append(figures, f)
			if err := b.race(ctx, w.name, "files", size[0], size[1], ".jpg", f); err != nil {
				return nil, err
			}
		}
	}
	return figures, nil
}

// race measures both sides with fresh pictures of a size. The peer computes in float32
// always, which is the fastest that PyTorch does on a CPU.
func (b *bench) race(ctx context.Context, dtype, what string, width, height int, ext string, f *measure.Figure) error {
	folder, err := b.checkpoint(ctx, dtype)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(b.Dir, "pictures-")
	if err != nil {
		return err
	}
	paths, err := b.makePictures(ctx, dir, atOnce, width, height, ext)
	if err != nil {
		return err
	}
	peer, err := b.startPeer(ctx, folder)
	if err != nil {
		return err
	}
	defer peer.Close()
	e, err := native.NewEncoder(folder, "ViT-B/32", false, native.Options{Runtime: b.Runtime, Threads: b.Threads})
	if err != nil {
		return err
	}
	defer e.Close()
	if _, err := e.Space(ctx); err != nil {
		return err
	}
	worker, err := measure.Worker()
	if err != nil {
		return err
	}
	return b.Repeat(ctx, func(round int) error {
		var ours, theirs time.Duration
		err := measure.InTurns(round, func() (err error) {
			ours, err = encodeHere(ctx, e, worker, what, paths)
			return err
		}, func() (err error) {
			theirs, err = encodeThere(peer, what, paths)
			return err
		})
		f.Ours, f.Peer = append(f.Ours, atOnce/ours.Seconds()), append(f.Peer, atOnce/theirs.Seconds())
		return err
	}, f)
}

// encodeHere is the time of the processor that this process and the worker take.
func encodeHere(ctx context.Context, e *native.DualEncoder, worker int, what string, paths []string) (time.Duration, error) {
	var pictures []*images.Picture
	load := func() error {
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			p, err := images.Decode(path, data, images.Limits{})
			if err != nil {
				return err
			}
			pictures = append(pictures, p)
		}
		return nil
	}
	if what == "tensor" {
		if err := load(); err != nil {
			return 0, err
		}
	}
	before, err := processorTime(worker)
	if err != nil {
		return 0, err
	}
	if what == "files" {
		if err := load(); err != nil {
			return 0, err
		}
	}
	if _, err := e.EncodePictures(ctx, pictures); err != nil {
		return 0, err
	}
	after, err := processorTime(worker)
	return after - before, err
}

func processorTime(worker int) (time.Duration, error) {
	ours, err := measure.ProcessorTime(os.Getpid())
	if err != nil {
		return 0, err
	}
	its, err := measure.ProcessorTime(worker)
	return ours + its, err
}

// checkpoint makes the random checkpoint, once.
func (b *bench) checkpoint(ctx context.Context, dtype string) (string, error) {
	folder := filepath.Join(b.Dir, "clip-"+dtype)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	return folder, runPython(ctx, "bench/encoders/peers/checkpoint.py", folder, dtype, "testdata/tinyclip")
}
