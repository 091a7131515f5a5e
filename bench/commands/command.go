package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
)

// curl posts what a peer of a command asks, as people do it in scripts.
const curl = "curl"

// command measures a whole process that asks one question of a model that is
// loaded already, about a picture that the model has not just seen and about
// the same picture again.
func (b *bench) command(ctx context.Context) ([]*measure.Figure, error) {
	paths, err := measure.SamplePaths()
	if err != nil {
		return nil, err
	}
	bodies, err := b.requestFiles(ctx, paths)
	if err != nil {
		return nil, err
	}
	server, err := b.StartPeer(1)
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	// The last command ends the worker.
	defer func() {
		_, _ = timed(ctx, vlmchat(paths[0], "0s"))
		_ = b.WorkersGone()
	}()

	post := func(file string) []string {
		return []string{curl, "-sSf", "-H", "Content-Type: application/json", "-d", "@" + file, server.URL + "/v1/chat/completions"}
	}
	fresh := &measure.Figure{Name: "-p on a warm worker, new picture", Beside: curl, Headline: true, Unit: "ms", Goal: measure.Goal{AtMost: 1.2}}
	again := &measure.Figure{Name: "-p on a warm worker, same picture again", Beside: curl, Headline: true, Unit: "ms", Goal: measure.Goal{AtMost: 1.2}}
	err = b.Repeat(ctx, func(round int) error {
		path, body := paths[round%len(paths)], bodies[round%len(paths)]
		if err := timeBoth(ctx, vlmchat(path, "1m"), vlmchat(path, "1m"), &fresh.Ours, &again.Ours); err != nil {
			return err
		}
		return timeBoth(ctx, post(body.fresh), post(body.again), &fresh.Peer, &again.Peer)
	}, fresh, again)
	return []*measure.Figure{fresh, again}, err
}

// timeBoth times two commands one after the other.
func timeBoth(ctx context.Context, first, second []string, a, b *[]float64) error {
	for _, c := range []struct {
		args []string
		to   *[]float64
	}{{first, a}, {second, b}} {
		took, err := timed(ctx, c.args)
		if err != nil {
			return err
		}
		*c.to = append(*c.to, measure.Milliseconds(took))
	}
	return nil
}

func vlmchat(picture, keepAlive string) []string {
	return []string{measure.Program, "--threads", "1", "--temperature", "0", "--keep-alive", keepAlive, "-p", measure.Describe, picture}
}

// timed runs a command, from the start of the process to its end.
func timed(ctx context.Context, args []string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	start := time.Now()
	out, err := cmd.Output()
	took := time.Since(start)
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			return 0, fmt.Errorf("%s: %w: %s", args[0], err, e.Stderr)
		}
		return 0, err
	}
	if len(out) == 0 {
		return 0, fmt.Errorf("%s gave no answer", args[0])
	}
	return took, nil
}

// requestFile is one question as llama-server wants it, in files: without and
// with leave to use what it holds of the prompt.
type requestFile struct{ fresh, again string }

func (b *bench) requestFiles(ctx context.Context, paths []string) ([]requestFile, error) {
	pics, err := measure.SamplePictures(ctx)
	if err != nil {
		return nil, err
	}
	var files []requestFile
	for i, p := range pics {
		var names [2]string
		for j, cache := range []bool{false, true} {
			body, err := b.PeerRequest([]engine.Message{engine.Ask(measure.Describe, p)}, false, cache)
			if err != nil {
				return nil, err
			}
			names[j] = filepath.Join(b.Dir, fmt.Sprintf("%s-%t.json", filepath.Base(paths[i]), cache))
			if err := os.WriteFile(names[j], body, 0o600); err != nil {
				return nil, err
			}
		}
		files = append(files, requestFile{names[0], names[1]})
	}
	return files, nil
}
