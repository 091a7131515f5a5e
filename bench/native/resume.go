package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// resume measures a conversation that goes on after its worker ended: what the
// next question takes that finds on disk what was computed, against the first
// one, which found nothing. Both start a worker.
func (b *bench) resume(ctx context.Context) ([]*measure.Figure, error) {
	loaded := &measure.Figure{Name: "follow-up of a resumed conversation, from the model's load to the first text; peer: first turn", Unit: "ms", Goal: measure.Goal{AtMost: 0.25}}
	whole := &measure.Figure{Name: "the same with the load; peer: first turn without", Unit: "ms", Goal: measure.Goal{AtMost: 0.25}}
	var cached, prompt int
	err := b.Repeat(ctx, func(int) error {
		if err := os.RemoveAll(b.CacheDir()); err != nil {
			return err
		}
		path, err := b.pictures.file(ctx, b.Dir)
		if err != nil {
			return err
		}
		first, err := b.askFresh(ctx, "-p", measure.Describe, path)
		if err != nil {
			return err
		}
		history, err := b.history(path, first.Answer)
		if err != nil {
			return err
		}
		next, err := b.askFresh(ctx, "--messages", history, "-p", followUp)
		if err != nil {
			return err
		}
		cached, prompt = next.Usage.Cached, next.Usage.Prompt
		loaded.Ours = append(loaded.Ours, next.Timings.TTFT-next.Timings.Load)
		loaded.Peer = append(loaded.Peer, first.Timings.TTFT-first.Timings.Load)
		whole.Ours = append(whole.Ours, next.Timings.TTFT)
		whole.Peer = append(whole.Peer, first.Timings.TTFT-first.Timings.Load)
		return nil
	}, loaded, whole)
	loaded.Name += fmt.Sprintf(" (%d of %d tokens not computed again)", cached, prompt)
	return []*measure.Figure{loaded, whole}, err
}

// report is what a command tells with --json.
type report struct {
	Answer string `json:"answer"`
	Usage  struct {
		Prompt int `json:"prompt_tokens"`
		Cached int `json:"cached_tokens"`
	} `json:"usage"`
	Timings struct {
		Load float64 `json:"load_ms"`
		TTFT float64 `json:"ttft_ms"`
	} `json:"timings"`
}

// askFresh asks on a worker that is started for the question and ends with it.
func (b *bench) askFresh(ctx context.Context, args ...string) (report, error) {
	all := b.vlmchat("0s", append([]string{"--json"}, args...)...)
	out, err := exec.CommandContext(ctx, all[0], all[1:]...).Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			err = fmt.Errorf("%w: %s", err, e.Stderr)
		}
		return report{}, fmt.Errorf("%s: %w", strings.Join(all, " "), err)
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		return report{}, err
	}
	return r, b.WorkersGone()
}

// history writes a conversation of one turn about a picture, for --messages.
func (b *bench) history(picture, answer string) (string, error) {
	type object = map[string]any
	text, err := json.Marshal([]object{
		{"role": "user", "content": []object{
			{"type": "image_url", "image_url": object{"url": filepath.Base(picture)}},
			{"type": "text", "text": measure.Describe},
		}},
		{"role": "assistant", "content": answer},
	})
	if err != nil {
		return "", err
	}
	path := picture + ".json"
	return path, os.WriteFile(path, text, 0o600)
}
