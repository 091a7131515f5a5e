// Command chat measures what the chat's screen takes: a frame of a long session while an
// answer streams and while a person moves in it, opening a long session, and choosing among
// many. It runs the Go benchmarks of package ui; nothing compares. What has a goal says
// whether it is met; that is printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-chat
//	make bench-chat BENCH="-frames 20000 frames"
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// frame is the time to the next frame of a screen with 60 of them a second.
const frame = 16

// bench is what all measurements share.
type bench struct {
	measure.Bench
	frames int
}

func main() {
	b := &bench{Bench: measure.Bench{Alone: true}}
	flag.IntVar(&b.Rounds, "rounds", 3, "measure all so many times")
	flag.IntVar(&b.frames, "frames", 5000, "of a round")
	b.Main("chat", []measure.Measurement{
		{Name: "frames", Measure: b.longSession},
		{Name: "opening", Measure: b.opening},
	}, func() error {
		if b.Rounds < 1 || b.frames < 100 {
			return errors.New("there are no fewer rounds than 1, and no fewer frames than 100")
		}
		return nil
	}, b.Run)
}

// longSession measures frames in a session of 2,000 messages.
func (b *bench) longSession(ctx context.Context) ([]*measure.Figure, error) {
	all, err := measure.GoBench(ctx, "./ui", "^BenchmarkLongSession", b.Rounds, "-benchtime", strconv.Itoa(b.frames)+"x")
	if err != nil {
		return nil, err
	}
	var figures []*measure.Figure
	for _, part := range []struct{ name, benchmark string }{
		{"an answer streams", "BenchmarkLongSession"},
		{"scrolling, ends, sizes", "BenchmarkLongSessionMoves"},
	} {
		of := all[part.benchmark]
		figures = append(figures,
			&measure.Figure{Name: part.name + ": median of the frames", Unit: "ms", Ours: of["p50-ms"]},
			&measure.Figure{Name: part.name + ": 99 of 100 frames", Headline: true, Unit: "ms", Goal: measure.Goal{AtMost: frame, Ours: true}, Ours: of["p99-ms"]},
			&measure.Figure{Name: part.name + fmt.Sprintf(": slowest of %d", b.frames), Unit: "ms", Ours: of["max-ms"]})
	}
	return figures, nil
}

// opening measures what comes before the first frame of a session, and the choice among many.
func (b *bench) opening(ctx context.Context) ([]*measure.Figure, error) {
	all, err := measure.GoBench(ctx, "./ui", "^Benchmark(Opening|Choosing)$", b.Rounds, "-benchtime", "20x")
	if err != nil {
		return nil, err
	}
	var figures []*measure.Figure
	for _, part := range []struct {
		name, benchmark string
		goal            float64
	}{
		{"opening a session of 2,000 messages, to the first screen", "BenchmarkOpening", 100},
		{"the choice among 10,000 sessions: opening", "BenchmarkChoosing/opening", 0},
		{"the choice: a line down", "BenchmarkChoosing/moving", frame},
		{"the choice: a letter more", "BenchmarkChoosing/writing", frame},
		{"the choice: what was found in messages", "BenchmarkChoosing/found", frame},
	} {
		f := &measure.Figure{Name: part.name, Unit: "ms", Goal: measure.Goal{AtMost: part.goal, Ours: part.goal > 0}}
		for _, ns := range all[part.benchmark]["ns/op"] {
			f.Ours = append(f.Ours, ns/float64(time.Millisecond))
		}
		figures = append(figures, f)
	}
	return figures, nil
}
