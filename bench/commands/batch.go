package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// batchSlots is how many pictures are worked on at once, by either side.
const batchSlots = 8

// batch measures what it takes to describe a folder of pictures that neither side has
// seen: 'vlmchat batch' with its start, its reading of the pictures and its records, and
// as many clients as llama-server has slots, each with the next picture that nobody has
// taken. Both models are loaded before.
func (b *bench) batch(ctx context.Context) ([]*measure.Figure, error) {
	f := &measure.Figure{
		Name: fmt.Sprintf("%d pictures described, %d at once", b.batchPictures, batchSlots), Beside: "as many clients", Headline: true, Unit: "pictures/s",
		Goal: measure.Goal{AtLeast: 1},
	}
	var pictures measure.Pictures
	return b.besideServer(ctx, f, func(round int, url string) error {
		dir, err := os.MkdirTemp(b.Dir, "batch")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		var files []string
		for range b.batchPictures {
			file, err := pictures.File(ctx, dir)
			if err != nil {
				return err
			}
			files = append(files, file)
		}
		if err := b.warm(ctx); err != nil {
			return err
		}
		speed := func(took time.Duration) float64 { return float64(len(files)) / took.Seconds() }
		return measure.InTurns(round, func() error {
			took, err := b.ourBatch(ctx, dir)
			f.Ours = append(f.Ours, speed(took))
			return err
		}, func() error {
			took, err := b.peersBatch(ctx, url, files)
			f.Peer = append(f.Peer, speed(took))
			return err
		})
	})
}

// besideServer measures pairs in which the peer is a llama-server with a slot for each of what is
// worked on at once. The workers that were warm for them are gone afterwards.
func (b *bench) besideServer(ctx context.Context, f *measure.Figure, pair func(round int, url string) error) ([]*measure.Figure, error) {
	server, err := b.StartPeer(batchSlots)
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	defer func() {
		_ = exec.Command(measure.Program, "stop", "--all").Run()
		_ = b.WorkersGone()
	}()
	err = b.RepeatSeldom(ctx, func(round int) error { return pair(round, server.URL) }, f)
	return []*measure.Figure{f}, err
}

// forBatch are the flags by which a command and a batch share a worker.
func (b *bench) forBatch(args ...string) []string {
	return append(args, "-m", b.Model.Path, "--mmproj", b.Model.Projector, "--threads", strconv.Itoa(b.Threads), "--temperature", "0",
		"--max-tokens", strconv.Itoa(b.MaxTokens), "--parallel", strconv.Itoa(batchSlots), "--disk-cache", "0", "--keep-alive", "5m")
}

// warm has the worker of the batch loaded.
func (b *bench) warm(ctx context.Context) error {
	_, err := timed(ctx, append([]string{measure.Program}, b.forBatch("-p", "Hello.")...))
	return err
}

func (b *bench) ourBatch(ctx context.Context, dir string) (time.Duration, error) {
	out := dir + ".jsonl"
	defer os.Remove(out)
	cmd := exec.CommandContext(ctx, measure.Program, b.forBatch("batch", "-p", measure.Describe, dir, "-o", out, "--jobs", strconv.Itoa(batchSlots))...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("the batch: %w: %s", err, complaint.String())
	}
	records, err := os.ReadFile(out)
	if n := strings.Count(string(records), "\n"); err == nil && n != b.batchPictures {
		err = fmt.Errorf("the batch has %d records of %d pictures", n, b.batchPictures)
	}
	return took, err
}

// peersBatch has clients ask llama-server about the files.
func (b *bench) peersBatch(ctx context.Context, url string, files []string) (time.Duration, error) {
	return byClients(files, func(file string) error { return b.askAboutFile(ctx, url, file) })
}

// byClients has as many clients as there are slots do something about all of a list, each the
// next one that nobody has taken.
func byClients[T any](all []T, do func(T) error) (time.Duration, error) {
	waiting := make(chan T, len(all))
	for _, one := range all {
		waiting <- one
	}
	close(waiting)
	var clients sync.WaitGroup
	failed := make([]error, batchSlots)
	start := time.Now()
	for i := range batchSlots {
		clients.Go(func() {
			for one := range waiting {
				if err := do(one); err != nil {
					failed[i] = err
					return
				}
			}
		})
	}
	clients.Wait()
	return time.Since(start), errors.Join(failed...)
}

// askAboutFile sends a file as it is.
func (b *bench) askAboutFile(ctx context.Context, url, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	p := &images.Picture{Source: filepath.Base(file), Format: "png", Data: data}
	answer, err := b.AskPeer(ctx, url, []engine.Message{engine.Ask(measure.Describe, p)}, true)
	if err == nil && answer.Own.Tokens == 0 {
		err = fmt.Errorf("llama-server: %w", io.ErrUnexpectedEOF)
	}
	return err
}
