// Command eval measures scoring against the reference implementations. What has a goal says
// whether it is met; that is printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-eval
//	make bench-eval BENCH="-rounds 3 cider"
//
// pycocoevalcap ('make bench-peers') takes captions apart into words with Java.
package main

import (
	"errors"
	"flag"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// bench is what all measurements share.
type bench struct {
	measure.Bench
	captions, references int
}

func main() {
	b := &bench{Bench: measure.Bench{Peer: "pycocoevalcap", Alone: true, Packages: []string{"pycocoevalcap"}, Commands: []string{"java"}}}
	flag.IntVar(&b.Rounds, "rounds", 5, "measure each side so many times")
	flag.IntVar(&b.captions, "captions", 5000, "to be scored")
	flag.IntVar(&b.references, "references", 5, "of each")
	b.Main("eval", []measure.Measurement{
		{Name: "cider", Measure: b.cider},
	}, b.check, b.Run)
}

func (b *bench) check() error {
	if b.Rounds < 1 || b.captions < 1 || b.references < 1 {
		return errors.New("there are no fewer of anything than 1")
	}
	return nil
}
