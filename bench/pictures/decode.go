package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/images"
)

// decode measures a file in memory that becomes upright pixels and a hash.
func (b *bench) decode(ctx context.Context) ([]*measure.Figure, error) {
	photos, err := b.photos(ctx)
	if err != nil {
		return nil, err
	}
	decoders, err := b.decoders(ctx)
	if err != nil {
		return nil, err
	}
	var figures []*measure.Figure
	for _, d := range decoders {
		peer, err := measure.StartProcess(ctx, nil, d.command...)
		if err != nil {
			return figures, err
		}
		defer peer.Close()
		for _, p := range photos {
			clock := &measure.Figure{Name: p.name, Beside: d.name, Unit: "ms", Goal: measure.Goal{AtMost: 1}, Headline: p.orientation == 1}
			processor := &measure.Figure{Name: "the same in CPU time", Unit: "ms"}
			figures = append(figures, clock, processor)
			err := b.Repeat(ctx, func(round int) error {
				var ours, theirs cost
				err := measure.InTurns(round, func() (err error) {
					ours, err = decodeHere(p)
					return err
				}, func() (err error) {
					theirs, err = decodeThere(peer, p)
					return err
				})
				if err != nil {
					return err
				}
				if theirs.pixels != "-" && theirs.pixels != ours.pixels {
					fmt.Fprintf(os.Stderr, "note: %s sees other pixels of %s\n", d.name, p.name)
				}
				clock.Ours, clock.Peer = append(clock.Ours, measure.Milliseconds(ours.clock)), append(clock.Peer, measure.Milliseconds(theirs.clock))
				processor.Ours, processor.Peer = append(processor.Ours, measure.Milliseconds(ours.processor)), append(processor.Peer, measure.Milliseconds(theirs.processor))
				return nil
			}, clock, processor)
			if err != nil {
				return figures, err
			}
		}
	}
	return figures, nil
}

// decodeHere decodes a photo as vlmchat does.
func decodeHere(p photo) (c cost, err error) {
	data, err := os.ReadFile(p.path)
	if err != nil {
		return c, err
	}
	runtime.GC() // what the round before left behind is not this one's
	before, err := measure.ProcessorTime(os.Getpid())
	if err != nil {
		return c, err
	}
	start := time.Now()
	picture, err := images.Decode(p.path, data, images.Limits{})
	c.clock = time.Since(start)
	if err != nil {
		return c, err
	}
	after, err := measure.ProcessorTime(os.Getpid())
	c.processor = after - before
	sum := sha256.Sum256(picture.RGB())
	c.pixels = hex.EncodeToString(sum[:])
	return c, err
}
