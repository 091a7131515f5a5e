package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/models/hub/hubtest"
)

// A line as many have it: each connection gets a part, and each answer takes its time.
const (
	lineRate    = 48 << 20 // bytes per second of a connection
	lineLatency = 50 * time.Millisecond
)

// loopback measures a hub that is as fast as this machine: what fetching itself takes.
func (b *bench) loopback(ctx context.Context) ([]*measure.Figure, error) {
	return b.fetch(ctx, fmt.Sprintf("%d MiB from this machine", b.mib), func(*hubtest.Server) {})
}

// line measures a hub behind a line.
func (b *bench) line(ctx context.Context) ([]*measure.Figure, error) {
	what := fmt.Sprintf("%d MiB, %d MiB/s for each connection and %d ms for each answer", b.mib, lineRate>>20, lineLatency.Milliseconds())
	return b.fetch(ctx, what, func(s *hubtest.Server) {
		s.Rate = lineRate
		s.Before = func(http.ResponseWriter, *http.Request) bool {
			time.Sleep(lineLatency)
			return false
		}
	})
}

// fetch measures whole commands that fetch the model, of which nothing is there.
func (b *bench) fetch(ctx context.Context, what string, as func(*hubtest.Server)) ([]*measure.Figure, error) {
	s := hubtest.Start()
	defer s.Close()
	as(s)
	if _, err := s.AddFolder(repository, b.folder); err != nil {
		return nil, err
	}
	clock := &measure.Figure{Name: what, Headline: true, Unit: "s", Goal: measure.Goal{AtMost: 1}}
	beside := &measure.Figure{Name: what, Beside: "curl", Unit: "s"}
	processor := &measure.Figure{Name: "the same in CPU time of the command", Unit: "s"}
	peak := &measure.Figure{Name: "the same, peak memory of the command", Unit: "MiB"}
	figures := []*measure.Figure{clock, beside, processor, peak}
	return figures, b.Repeat(ctx, func(round int) error {
		var ours, theirs cost
		err := measure.InTurns(round, func() (err error) {
			ours, err = b.cold(ctx, s, vlmchat...)
			return err
		}, func() (err error) {
			theirs, err = b.cold(ctx, s, b.hf, "download", repository, file)
			return err
		})
		if err != nil {
			return err
		}
		curl, err := b.cold(ctx, s, "curl", "-sSfL", "-o", filepath.Join(b.Dir, "curl"), s.URL+"/"+repository+"/resolve/main/"+file)
		if err != nil {
			return err
		}
		clock.Ours, clock.Peer = append(clock.Ours, ours.clock), append(clock.Peer, theirs.clock)
		beside.Ours, beside.Peer = append(beside.Ours, ours.clock), append(beside.Peer, curl.clock)
		processor.Ours, processor.Peer = append(processor.Ours, ours.processor), append(processor.Peer, theirs.processor)
		peak.Ours, peak.Peer = append(peak.Ours, ours.peak), append(peak.Peer, theirs.peak)
		return nil
	}, figures...)
}

// again measures the commands when all is there already, and the hub is asked whether it is
// the newest.
func (b *bench) again(ctx context.Context) ([]*measure.Figure, error) {
	s := hubtest.Start()
	defer s.Close()
	if _, err := s.AddFolder(repository, b.folder); err != nil {
		return nil, err
	}
	ours, theirs := filepath.Join(b.Dir, "ours"), filepath.Join(b.Dir, "theirs")
	defer os.RemoveAll(ours)
	defer os.RemoveAll(theirs)
	f := &measure.Figure{Name: "the same once more, all of which is there", Unit: "ms", Goal: measure.Goal{AtMost: 1}}
	return []*measure.Figure{f}, b.Repeat(ctx, func(round int) error {
		return measure.InTurns(round, func() error {
			c, err := timed(ctx, s, ours, vlmchat...)
			f.Ours = append(f.Ours, c.clock*1000)
			return err
		}, func() error {
			c, err := timed(ctx, s, theirs, b.hf, "download", repository, file)
			f.Peer = append(f.Peer, c.clock*1000)
			return err
		})
	}, f)
}

// vlmchat is our command.
var vlmchat = []string{measure.Program, "models", "pull", "hf:" + repository}

// cost is what a command took: seconds, of the clock and of all processors, and MiB.
type cost struct{ clock, processor, peak float64 }

// cold runs a command that finds nothing in the hub's cache.
func (b *bench) cold(ctx context.Context, s *hubtest.Server, command ...string) (cost, error) {
	cache, err := os.MkdirTemp(b.Dir, "cache")
	if err != nil {
		return cost{}, err
	}
	defer os.RemoveAll(cache)
	sent := s.Sent()
	c, err := timed(ctx, s, cache, command...)
	if sent = s.Sent() - sent; err == nil && sent < int64(b.mib)<<20 {
		err = fmt.Errorf("%s has fetched %d bytes of %d MiB", command[0], sent, b.mib)
	}
	return c, err
}

// timed runs a command with a folder as the hub's cache.
func timed(ctx context.Context, s *hubtest.Server, cache string, command ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "HF_ENDPOINT="+s.URL, "HF_HOME="+cache, "HF_HUB_CACHE="+filepath.Join(cache, "hub"),
		"HF_HUB_DISABLE_PROGRESS_BARS=1", "HF_HUB_DISABLE_TELEMETRY=1", "HF_HUB_DISABLE_XET=1", "HF_TOKEN=")
	var said strings.Builder
	cmd.Stderr = &said
	spent, err := measure.Spend(cmd)
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, said.String())
	}
	return cost{spent.Clock.Seconds(), spent.Processor.Seconds(), float64(spent.Peak) / (1 << 20)}, err
}
