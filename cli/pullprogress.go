package cli

import (
	"fmt"
	"io"

	"github.com/vlmchat/vlmchat/engine"
)

// pullPrinter shows how far a transfer is.
type pullPrinter struct {
	progressLine
	rate engine.PullRate
}

func newPullPrinter(w io.Writer) *pullPrinter {
	return &pullPrinter{progressLine: newProgressLine(w)}
}

func (p *pullPrinter) report(r engine.PullProgress) {
	p.rate.Add(p.now(), r.Done)
	p.show(r.Status, far(r, &p.rate), r.Total > 0 && r.Done >= r.Total)
}

// far is the rest of the line: percentage, bytes, rate and time to go.
func far(r engine.PullProgress, rate *engine.PullRate) string {
	if r.Total <= 0 || r.Done < 0 {
		return ""
	}
	done := min(r.Done, r.Total)
	text := fmt.Sprintf("  %.0f%%  %s of %s", 100*float64(done)/float64(r.Total), size(uint64(done)), size(uint64(r.Total)))
	if rate.Speed() == 0 || done == r.Total {
		return text
	}
	text += fmt.Sprintf("  %s/s", size(uint64(rate.Speed())))
	if left := rate.Left(r); left > 0 {
		text += fmt.Sprintf("  %s left", left)
	}
	return text
}
