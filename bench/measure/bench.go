// Package measure is what the benchmarks share: measuring two sides in turns, the
// table of what came out, the machine that it came out on, and the peer that a
// question is put to, llama-server.
//
// Nothing is asserted: machines differ and are busy. What can be compared is the
// ratio of two measurements made one after the other, so the two sides take
// turns, and each pair gives a ratio.
package measure

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

const (
	// Program is the vlmchat that is measured where a whole process is.
	Program = "bin/vlmchat"
	// Samples is the folder of the pictures that questions are about.
	Samples = "testdata/tinyvlm/samples"
)

// Bench is what all measurements of a run share.
type Bench struct {
	Rounds    int // measure each side so many times
	MaxTokens int // of an answer
	Threads   int // of both sides
	Model     models.Model
	Runtime   runtimes.Runtime
	Dir       string // of this run alone: its workers' sockets, its disk cache
	Peer      string // what vlmchat is compared with
	Alone     bool   // neither a model nor a runtime is needed
	Table     string // its name, which is the benchmark's if nothing else is said

	Packages []string // of Python, which the peers need
	Commands []string // programs that they need

	model, projector string   // as the flags name them
	results          string   // a folder for the table
	versions         []string // of the packages
}

// Open finds the peers, the runtime and the model, and keeps this run's workers, cache and
// settings apart from those of the person who runs it.
func (b *Bench) Open(ctx context.Context) (err error) {
	if err := b.findPeers(ctx); err != nil {
		return err
	}
	if b.Alone {
		b.Dir, err = os.MkdirTemp("", "vb")
		return err
	}
	if _, err := os.Stat(Program); err != nil {
		return fmt.Errorf("%w; run this with make, or from the repository's root after 'make build'", err)
	}
	if err := useInstalled(); err != nil {
		return err
	}
	if b.Runtime, err = runtimes.Use(os.Getenv("VLMCHAT_RUNTIME")); err != nil {
		return fmt.Errorf("%w (run 'make runtime')", err)
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "VLMCHAT_") && name != "VLMCHAT_DATA_DIR" {
			os.Unsetenv(name)
		}
	}
	if err := b.findModel(); err != nil {
		return err
	}
	// A socket's path has to be short.
	if b.Dir, err = os.MkdirTemp("", "vb"); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"XDG_RUNTIME_DIR":   b.Dir,
		"VLMCHAT_CACHE_DIR": b.CacheDir(),
		"VLMCHAT_CONFIG":    filepath.Join(b.Dir, "none.toml"),
		"VLMCHAT_RUNTIME":   b.Runtime.Dir,
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// useInstalled takes the runtime that 'make runtime' has installed, where nobody
// names another place.
func useInstalled() error {
	const variable = "VLMCHAT_DATA_DIR"
	dir, err := filepath.Abs(".cache/data")
	if err != nil || os.Getenv(variable) != "" {
		return err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	return os.Setenv(variable, dir)
}

// Close removes what the run has left.
func (b *Bench) Close() { os.RemoveAll(b.Dir) }

// CacheDir is where this run's workers keep what shall outlive them.
func (b *Bench) CacheDir() string { return filepath.Join(b.Dir, "cache") }

// Repeat measures pairs: ours and the peer's, which add their samples to the
// figures. The first pair warms the machine's caches and is thrown away.
func (b *Bench) Repeat(ctx context.Context, pair func(round int) error, figures ...*Figure) error {
	return repeat(ctx, b.Rounds, pair, figures)
}

// RepeatSeldom is Repeat with half as many pairs, for those that take long.
func (b *Bench) RepeatSeldom(ctx context.Context, pair func(round int) error, figures ...*Figure) error {
	return repeat(ctx, (b.Rounds+1)/2, pair, figures)
}

func repeat(ctx context.Context, rounds int, pair func(round int) error, figures []*Figure) error {
	for round := range rounds + 1 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := pair(round); err != nil {
			return err
		}
		if round == 0 {
			for _, f := range figures {
				f.Ours, f.Peer = nil, nil
			}
		}
	}
	return nil
}

// Milliseconds is the unit of most figures.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
