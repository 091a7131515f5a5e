package main

import (
	"fmt"
	"iter"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// outcome is what became of a batch.
type outcome struct {
	want   []string
	doomed *llamaserver.Server // is killed when half of the answers are there; nil if none is
	took   time.Duration

	mu       sync.Mutex
	answered int // whole, and as expected
	other    int // whole, and not as expected: near ties fall otherwise in a batch
	doubled  int // ended twice, or with an answer in front of it or behind it
	lost     int // failed, or without an end
	anew     int // begun once more after some text had come
}

// follow takes the answer to request i.
func (o *outcome) follow(i int, answer iter.Seq2[engine.Event, error]) {
	var text string
	var ends, anew int
	var failed error
	for ev, err := range answer {
		if err != nil {
			failed = err
			break
		}
		switch ev.Kind {
		case engine.Delta:
			text += ev.Text
		case engine.Restart:
			text = ""
			anew++
		case engine.Done:
			ends++
		}
	}
	want := o.want[i]
	o.mu.Lock()
	defer o.mu.Unlock()
	o.anew += anew
	switch {
	case failed != nil, ends == 0:
		o.lost++
		fmt.Fprintf(os.Stderr, "note: request %d is lost: %v\n", i, failed)
	case ends > 1, text != want && (strings.HasPrefix(text, want) || strings.HasSuffix(text, want)):
		o.doubled++
	case text != want:
		o.other++
	default:
		o.answered++
	}
	if o.doomed != nil && o.answered+o.other+o.doubled >= len(o.want)/2 {
		o.doomed.Kill()
		o.doomed = nil
	}
}

func (o *outcome) seconds() float64 { return o.took.Seconds() }

// counts are the outcomes of several batches.
type counts struct{ answered, other, doubled, lost, anew []float64 }

func (c *counts) add(o *outcome) {
	c.answered = append(c.answered, float64(o.answered))
	c.other = append(c.other, float64(o.other))
	c.doubled = append(c.doubled, float64(o.doubled))
	c.lost = append(c.lost, float64(o.lost))
	c.anew = append(c.anew, float64(o.anew))
}

// figures are those of all batches, the first one included, which only warms the
// clocks: a lost answer would be one there as well.
func (c *counts) figures(which string) []*measure.Figure {
	var all []*measure.Figure
	for _, f := range []struct {
		name string
		of   []float64
	}{
		{"answered, as by one server that is asked one by one", c.answered},
		{"answered otherwise (a near tie)", c.other},
		{"lost", c.lost},
		{"doubled", c.doubled},
		{"begun anew", c.anew},
	} {
		all = append(all, &measure.Figure{Name: which + ": " + f.name, Unit: fmt.Sprintf("of %d", batchRequests), Ours: f.of})
	}
	return all
}
