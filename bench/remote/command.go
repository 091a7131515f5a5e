package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// command measures whole commands that ask a server one question about a picture: ours and
// llm's, with the same server, which computes each prompt from the beginning.
func (b *bench) command(ctx context.Context) ([]*measure.Figure, error) {
	server, err := b.StartPeer(1, "--no-cache-prompt", "--cache-ram", "0")
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	python, err := exec.LookPath(measure.Python())
	if err != nil {
		return nil, err
	}
	// The server as one of llm's models.
	settings := filepath.Join(b.Dir, "llm")
	if err := os.Mkdir(settings, 0o700); err != nil {
		return nil, err
	}
	model := fmt.Sprintf("- {model_id: served, model_name: %q, api_base: %q, vision: true}\n", b.Model.Name, server.URL+"/v1")
	if err := os.WriteFile(filepath.Join(settings, "extra-openai-models.yaml"), []byte(model), 0o600); err != nil {
		return nil, err
	}
	tokens := strconv.Itoa(b.MaxTokens)
	clock := &measure.Figure{Name: "-b openai -p, a whole command", Beside: "llm", Headline: true, Unit: "ms", Goal: measure.Goal{AtMost: 1}}
	processor := &measure.Figure{Name: "the same in CPU time of the command", Beside: "llm", Unit: "ms"}
	peak := &measure.Figure{Name: "the same, peak memory of the command", Beside: "llm", Unit: "MiB"}
	err = b.Repeat(ctx, func(round int) error {
		path, err := b.pictures.File(ctx, b.Dir)
		if err != nil {
			return err
		}
		ours := exec.CommandContext(ctx, measure.Program, "-b", "openai", "--base-url", server.URL, "-m", b.Model.Name,
			"--temperature", "0", "--max-tokens", tokens, "-p", measure.Describe, path)
		theirs := exec.CommandContext(ctx, filepath.Join(filepath.Dir(python), "llm"), "-m", "served", "-n",
			"-o", "temperature", "0", "-o", "max_tokens", tokens, "-a", path, measure.Describe)
		theirs.Env = append(os.Environ(), "LLM_USER_PATH="+settings)
		spend := func(cmd *exec.Cmd, side func(*measure.Figure) *[]float64) error {
			var answer, complaint strings.Builder
			cmd.Stdout, cmd.Stderr = &answer, &complaint
			spent, err := measure.Spend(cmd)
			if err == nil && answer.Len() == 0 {
				err = errors.New("it gave no answer")
			}
			if err != nil {
				return fmt.Errorf("%s: %w: %s", cmd.Path, err, complaint.String())
			}
			for f, x := range map[*measure.Figure]float64{
				clock: measure.Milliseconds(spent.Clock), processor: measure.Milliseconds(spent.Processor), peak: float64(spent.Peak) / (1 << 20),
			} {
				*side(f) = append(*side(f), x)
			}
			return nil
		}
		return measure.InTurns(round, func() error {
			return spend(ours, func(f *measure.Figure) *[]float64 { return &f.Ours })
		}, func() error {
			return spend(theirs, func(f *measure.Figure) *[]float64 { return &f.Peer })
		})
	}, clock, processor, peak)
	return []*measure.Figure{clock, processor, peak}, err
}
