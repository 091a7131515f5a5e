package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// peer is llm, with a log of its own.
type peer struct {
	python, program string
	log             string // its database
}

// findPeer finds llm beside the interpreter that has it.
func findPeer(dir string) (*peer, error) {
	python, err := exec.LookPath(measure.Python())
	return &peer{python: python, program: filepath.Join(filepath.Dir(python), "llm"), log: filepath.Join(dir, "logs.db")}, err
}

// fill has llm keep conversations, whose exchanges come as lines.
func (p *peer) fill(ctx context.Context, conversations, exchanges int, lines io.Reader) error {
	cmd := p.run(ctx, "fill", strconv.Itoa(conversations), strconv.Itoa(exchanges))
	cmd.Stdin = lines
	return cmd.Run()
}

// keep has llm keep exchanges one by one, and returns what each took in ms.
func (p *peer) keep(ctx context.Context, n int) ([]float64, error) {
	var lines bytes.Buffer
	t := newTalker()
	for range n {
		question, answer := t.exchange()
		fmt.Fprintf(&lines, "%s\n%s\n", question, answer)
	}
	cmd := p.run(ctx, "keep", strconv.Itoa(n))
	cmd.Stdin = &lines
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var took []float64
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		ms, err := strconv.ParseFloat(s.Text(), 64)
		if err != nil {
			return nil, err
		}
		took = append(took, ms)
	}
	return took, nil
}

func (p *peer) run(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.python, append([]string{"bench/sessions/peers/logs.py", p.log}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd
}
