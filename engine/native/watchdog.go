package native

import (
	"fmt"
	"time"
)

// hangLimit is how long a call into C may do nothing at all.
var hangLimit = 2 * time.Minute

// pulse is how the computation gets on.
type pulse interface {
	// progress returns since when something runs in C, zero for nothing, and a
	// number that changes with every step that is done there.
	progress() (busySince time.Time, ticks uint64)
}

type pulseFunc func() (time.Time, uint64)

func (f pulseFunc) progress() (time.Time, uint64) { return f() }

// effort is what the process did so far.
type effort struct {
	computing time.Duration // of all its threads
	reads     int64         // of files, as far as the system counts them
}

// watchdog ends a process that is stuck in C: in a lock, in a driver, in a read
// that never returns. A computation that is merely slow takes time of the
// processor, or reads.
type watchdog struct {
	pulse    pulse
	exertion func() effort
	limit    time.Duration
	bark     func(reason string)
}

// looks is how often the watchdog looks within its limit. It counts looks, not
// time: a process that was suspended for an hour was not stuck for one.
const looks = 24

// run watches until done is closed.
func (d watchdog) run(done <-chan struct{}) {
	ticker := time.NewTicker(d.limit / looks)
	defer ticker.Stop()
	still := 0
	_, ticks := d.pulse.progress()
	before := d.exertion()
	for {
		select {
		case <-ticker.C:
		case <-done:
			return
		}
		busySince, now := d.pulse.progress()
		did := d.exertion()
		// What this process does besides is far below a twentieth.
		moved := did.computing-before.computing > d.limit/looks/20 || did.reads > before.reads
		if busySince.IsZero() || now != ticks || moved {
			still = 0
		} else {
			still++
		}
		ticks, before = now, did
		if still == looks {
			d.bark(fmt.Sprintf("nothing had moved in llama.cpp for %v, and the watchdog ended it", d.limit))
			return
		}
	}
}
