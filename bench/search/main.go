// Command search measures searching many vectors against numpy's product of a matrix and a
// vector, which is what a few lines of Python would do. What has a goal says whether it is
// met; that is printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-search
//	make bench-search BENCH="-rows 200000 -rounds 20 exact"
//
// A million vectors of 512 dimensions are a file of 1 GB in the folder of temporary files, and
// numpy ('make bench-peers') takes 2 GB of memory for them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/vectors"
)

// bench is what all measurements share: a file of vectors, which numpy has in memory too.
type bench struct {
	measure.Bench
	rows, dimensions, k int

	file *vectors.File
	path string
	peer *measure.Process
}

func main() {
	b := &bench{Bench: measure.Bench{Peer: "numpy", Alone: true, Packages: []string{"numpy"}}}
	flag.IntVar(&b.Rounds, "rounds", 12, "measure each side so many times")
	flag.IntVar(&b.rows, "rows", 1_000_000, "vectors to be searched")
	flag.IntVar(&b.dimensions, "dimensions", 512, "of a vector")
	flag.IntVar(&b.k, "k", 10, "find so many")
	b.Main("search", []measure.Measurement{
		{Name: "exact", Measure: b.exact},
		{Name: "several", Measure: b.several},
		{Name: "fresh", Measure: b.fresh},
		{Name: "lists", Measure: b.lists},
	}, b.check, b.run)
}

func (b *bench) check() error {
	if b.Rounds < 1 || b.rows < 1 || b.dimensions < 2 || b.k < 1 || b.k > b.rows {
		return errors.New("there are no fewer of anything than 1, and of dimensions than 2")
	}
	return nil
}

// run makes the vectors, gives them to numpy, and measures.
func (b *bench) run(ctx context.Context, chosen []measure.Measurement) error {
	fmt.Fprintf(os.Stderr, "making %d vectors of %d dimensions\n", b.rows, b.dimensions)
	if err := b.fill(ctx); err != nil {
		return err
	}
	defer b.file.Close()
	var err error
	if b.peer, err = startPeer(ctx, b.path, b.rows, b.dimensions); err != nil {
		return err
	}
	defer b.peer.Close()
	return b.Run(ctx, chosen)
}
