// Command encoders measures how fast pictures become vectors, against transformers on
// PyTorch with the same checkpoint, a random one of CLIP ViT-B/32's shape, and as many
// threads; and what indexing many pictures takes of memory. What has a goal says whether
// it is met; that is printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-encoders
//	make bench-encoders BENCH="-rounds 20 encode"
//
// torch, transformers and Pillow come with 'make bench-peers'.
package main

import (
	"context"
	"errors"
	"flag"
	"os"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine/native"
)

// bench is what all measurements share.
type bench struct {
	measure.Bench
	pictures int // that the index is made of
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == native.WorkerCommand {
		os.Exit(native.WorkerMain(os.Stdin))
	}
	b := &bench{Bench: measure.Bench{Peer: "transformers", Packages: []string{"torch", "transformers", "pillow"}}}
	flag.IntVar(&b.Rounds, "rounds", 4, "measure each side so many times")
	flag.IntVar(&b.Threads, "threads", 1, "threads of both sides")
	flag.IntVar(&b.pictures, "pictures", 10000, "pictures to index")
	b.Main("encoders", []measure.Measurement{
		{Name: "encode", Measure: b.encode},
		{Name: "pipeline", Measure: b.pipeline},
		{Name: "index", Measure: b.index},
	}, func() error {
		if b.Rounds < 1 || b.Threads < 1 || b.pictures < 1000 {
			return errors.New("there are no fewer rounds and threads than 1, and no fewer pictures than 1000")
		}
		return nil
	}, func(ctx context.Context, chosen []measure.Measurement) error {
		b.Model.Name = "a random CLIP ViT-B/32"
		return b.Run(ctx, chosen)
	})
}
