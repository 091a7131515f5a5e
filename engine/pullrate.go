package engine

import "time"

// PullRate measures how fast bytes come, so that one slow second moves it little.
type PullRate struct {
	at    time.Time // of the last measurement
	done  int64     // bytes then
	speed float64   // bytes per second; 0 while it is not known
}

// Add notes how many bytes are there. What was there at the first look came
// earlier, and fewer than before are those of another file.
func (r *PullRate) Add(now time.Time, done int64) {
	span := now.Sub(r.at)
	switch {
	case r.at.IsZero() || r.done == 0 || done < r.done:
		r.at, r.done = now, done
		return
	case span < time.Second:
		return
	}
	speed := float64(done-r.done) / span.Seconds()
	if r.speed > 0 {
		const weight = 0.2 // of the latest second
		speed = weight*speed + (1-weight)*r.speed
	}
	r.at, r.done, r.speed = now, done, speed
}

// Speed is in bytes per second, 0 while it is not known.
func (r *PullRate) Speed() float64 {
	const least = 1
	if r.speed < least {
		return 0
	}
	return r.speed
}

// Left is how long the rest takes if all goes on like this, to the second. It is 0
// where that is not known, or so long that it is a guess.
func (r *PullRate) Left(p PullProgress) time.Duration {
	const longest = 100 * time.Hour
	if r.Speed() == 0 || p.Total <= p.Done {
		return 0
	}
	seconds := float64(p.Total-p.Done) / r.speed
	if seconds >= longest.Seconds() {
		return 0
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second)
}
