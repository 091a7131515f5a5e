// Command sessions measures keeping conversations, finding and listing them, against llm,
// whose log is the nearest thing to it. What has a goal says whether it is met; that is
// printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-sessions
//	make bench-sessions BENCH="-rounds 20 search"
//
// llm comes with 'make bench-peers'.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/sessions"
)

// bench is what all measurements share: a store of ours and a log of llm's, with the same
// conversations.
type bench struct {
	measure.Bench
	conversations, exchanges int
	kept                     int // exchanges to keep, one by one

	store *sessions.Store
	peer  *peer
	raw   int64 // bytes of all that was said
}

func main() {
	b := &bench{Bench: measure.Bench{Peer: "llm", Alone: true, Packages: []string{"llm"}}}
	flag.IntVar(&b.Rounds, "rounds", 5, "measure each side so many times")
	flag.IntVar(&b.conversations, "conversations", 10_000, "that there are")
	flag.IntVar(&b.exchanges, "exchanges", 5, "of each: a question and its answer")
	flag.IntVar(&b.kept, "kept", 500, "exchanges that are kept one by one")
	b.Main("sessions", []measure.Measurement{
		{Name: "size", Measure: b.size}, // while both sides have the same
		{Name: "list", Measure: b.list},
		{Name: "search", Measure: b.search},
		{Name: "keep", Measure: b.keep},
	}, b.check, b.run)
}

func (b *bench) check() error {
	if b.Rounds < 1 || b.conversations < 1 || b.exchanges < 1 || b.kept < 1 {
		return errors.New("there are no fewer of anything than 1")
	}
	if _, err := os.Stat(measure.Program); err != nil {
		return fmt.Errorf("%w; run this with make, or from the repository's root after 'make build'", err)
	}
	return nil
}

// run fills both sides and measures.
func (b *bench) run(ctx context.Context, chosen []measure.Measurement) error {
	var err error
	if b.peer, err = findPeer(b.Dir); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "keeping %d conversations of %d exchanges\n", b.conversations, b.exchanges)
	if err := b.fill(ctx); err != nil {
		return err
	}
	defer b.store.Close()
	return b.Run(ctx, chosen)
}
