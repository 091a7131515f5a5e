package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// command measures a whole command on a cold machine (no worker, nothing on disk
// of the picture) and the same command again, on the worker that the first has
// left: from the start of the process to its first text, and to its end.
func (b *bench) command(ctx context.Context) ([]*measure.Figure, error) {
	first := &measure.Figure{Name: "the same -p on a warm worker, to its first text", Beside: "cold", Unit: "ms", Goal: measure.Goal{AtMost: 0.2}}
	whole := &measure.Figure{Name: "the same -p on a warm worker, to its end", Beside: "cold", Unit: "ms", Goal: measure.Goal{AtMost: 0.2}}
	other := &measure.Figure{Name: "-p about another picture on a warm worker, to its first text", Beside: "cold", Unit: "ms"}
	err := b.Repeat(ctx, func(int) error {
		defer func() { _ = b.WorkersGone() }()
		path, err := b.pictures.File(ctx, b.Dir)
		if err != nil {
			return err
		}
		another, err := b.pictures.File(ctx, b.Dir)
		if err != nil {
			return err
		}
		if err := os.RemoveAll(b.CacheDir()); err != nil {
			return err
		}
		cold, err := timed(ctx, b.vlmchat("1m", "-p", measure.Describe, path))
		if err != nil {
			return err
		}
		warm, err := timed(ctx, b.vlmchat("1m", "-p", measure.Describe, path))
		if err != nil {
			return err
		}
		// The last one ends the worker.
		fresh, err := timed(ctx, b.vlmchat("0s", "-p", measure.Describe, another))
		if err != nil {
			return err
		}
		first.Ours, first.Peer = append(first.Ours, warm.first), append(first.Peer, cold.first)
		whole.Ours, whole.Peer = append(whole.Ours, warm.whole), append(whole.Peer, cold.whole)
		other.Ours, other.Peer = append(other.Ours, fresh.first), append(other.Peer, cold.first)
		return nil
	}, first, whole, other)
	return []*measure.Figure{first, whole, other}, err
}

// vlmchat is a command that asks the model.
func (b *bench) vlmchat(keepAlive string, args ...string) []string {
	return append([]string{measure.Program, "-m", b.Model.Path, "--mmproj", b.Model.Projector, "--threads", strconv.Itoa(b.Threads),
		"--temperature", "0", "--max-tokens", strconv.Itoa(b.MaxTokens), "--ctx", "0", "--keep-alive", keepAlive}, args...)
}

// course is when a command gave its first text and when it ended, in
// milliseconds from its start.
type course struct{ first, whole float64 }

func timed(ctx context.Context, args []string) (course, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return course{}, err
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return course{}, err
	}
	_, readErr := io.ReadFull(out, make([]byte, 1))
	first := time.Since(start)
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		return course{}, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, complaint.String())
	}
	whole := time.Since(start)
	if readErr != nil {
		return course{}, fmt.Errorf("%s gave no answer", strings.Join(args, " "))
	}
	return course{measure.Milliseconds(first), measure.Milliseconds(whole)}, nil
}
