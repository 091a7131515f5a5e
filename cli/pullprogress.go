package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// pullPrinter shows how far a transfer is.
type pullPrinter struct {
	progressLine
	rate transferRate
}

func newPullPrinter(w io.Writer) *pullPrinter {
	return &pullPrinter{progressLine: newProgressLine(w)}
}

func (p *pullPrinter) report(r engine.PullProgress) {
	p.rate.add(p.now(), r.Done)
	p.show(r.Status, p.rate.describe(r), r.Total > 0 && r.Done >= r.Total)
}

// transferRate measures how fast bytes come, so that one slow second moves it
// little.
type transferRate struct {
	at    time.Time // of the last measurement
	done  int64     // bytes then
	speed float64   // bytes per second; 0 while it is not known
}

// add notes how many bytes are there. What was there at the first look came
// earlier, and fewer than before are those of another file.
func (t *transferRate) add(now time.Time, done int64) {
	span := now.Sub(t.at)
	switch {
	case t.at.IsZero() || t.done == 0 || done < t.done:
		t.at, t.done = now, done
		return
	case span < time.Second:
		return
	}
	speed := float64(done-t.done) / span.Seconds()
	if t.speed > 0 {
		const weight = 0.2 // of the latest second
		speed = weight*speed + (1-weight)*t.speed
	}
	t.at, t.done, t.speed = now, done, speed
}

// describe is the rest of the line: percentage, bytes, rate and time to go.
func (t *transferRate) describe(r engine.PullProgress) string {
	if r.Total <= 0 || r.Done < 0 {
		return ""
	}
	done := min(r.Done, r.Total)
	text := fmt.Sprintf("  %.0f%%  %s of %s", 100*float64(done)/float64(r.Total), size(uint64(done)), size(uint64(r.Total)))
	if t.speed < 1 || done == r.Total {
		return text
	}
	text += fmt.Sprintf("  %s/s", size(uint64(t.speed)))
	if left := float64(r.Total-done) / t.speed; left < 100*3600 { // longer ones are guesses
		text += fmt.Sprintf("  %s left", time.Duration(left*float64(time.Second)).Round(time.Second))
	}
	return text
}
