package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// decoder is a way to decode photos that we are compared with.
type decoder struct {
	name    string
	command []string
}

// decoders are Pillow and stb_image, which is compiled.
func (b *bench) decoders(ctx context.Context) ([]decoder, error) {
	stb := filepath.Join(b.Dir, "stb")
	include := filepath.Join(measure.PeersDir, "stb", "usr", "include") // where 'make bench-peers' has it
	if err := measure.Compile(ctx, "bench/pictures/peers/stb.c", stb, "-O3", "-lm", "-I", include); err != nil {
		return nil, err
	}
	return []decoder{
		{"Pillow", []string{measure.Python(), "bench/pictures/peers/pillow.py"}},
		{"stb_image", []string{stb}},
	}, nil
}

// cost is what decoding a photo took.
type cost struct {
	clock, processor time.Duration
	memory           int64  // bytes by which the process grew at most
	pixels           string // their SHA-256, if it is told
}

// decodeThere has a photo decoded by a decoder's process.
func decodeThere(peer *measure.Process, p photo) (c cost, err error) {
	answer, err := peer.Ask(fmt.Sprint(p.orientation, " ", p.path))
	if err != nil {
		return c, err
	}
	if _, err := fmt.Sscan(answer, &c.clock, &c.processor, &c.memory, &c.pixels); err != nil {
		return c, fmt.Errorf("the decoder says %q: %w", answer, err)
	}
	c.memory <<= 10
	return c, nil
}
