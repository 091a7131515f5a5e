// Command pictures measures what becomes of a photo before a model gets it, against
// Pillow, which most models were trained through, and stb_image, which llama.cpp
// decodes with. What has a goal says whether it is met; that is printed and not asserted
// (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-pictures
//	make bench-pictures BENCH="-rounds 20 decode"
//
// Pillow ('make bench-peers') makes the photos too. stb_image.h comes from there as well, or
// from where C compilers look for stb/stb_image.h (Debian: libstb-dev).
package main

import (
	"errors"
	"flag"
	"os"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// bench is what all measurements share.
type bench struct {
	measure.Bench
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == peakCommand {
		os.Exit(peakMain(os.Args[2]))
	}
	b := &bench{Bench: measure.Bench{Peer: "peer", Alone: true, Packages: []string{"pillow"}}}
	flag.IntVar(&b.Rounds, "rounds", 8, "measure each side so many times")
	b.Main("pictures", []measure.Measurement{
		{Name: "decode", Measure: b.decode},
		{Name: "memory", Measure: b.memory},
		{Name: "previews", Measure: b.previews},
	}, b.check, b.Run)
}

func (b *bench) check() error {
	if b.Rounds < 1 {
		return errors.New("there are no fewer rounds than 1")
	}
	return nil
}
