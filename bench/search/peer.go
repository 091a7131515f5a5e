package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// peer is a process of Python that has the vectors in memory, as numpy likes them best.
type peer struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
}

func startPeer(ctx context.Context, path string, rows, dimensions int) (*peer, error) {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	if err := exec.CommandContext(ctx, python, "-c", "import numpy").Run(); err != nil {
		return nil, fmt.Errorf("numpy is not there for %s (%w): install it with pip, and name its interpreter with PYTHON", python, err)
	}
	p := &peer{cmd: exec.CommandContext(ctx, python, "bench/search/peers/product.py", path, strconv.Itoa(rows), strconv.Itoa(dimensions))}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	p.answers = bufio.NewScanner(out)
	return p, p.cmd.Start()
}

// cost is what a search took, and the rows that it found for the first query.
type cost struct {
	clock, processor time.Duration
	rows             []int
}

// multiply has the matrix of all vectors multiplied with queries. Finding the best of the
// products is not timed.
func (p *peer) multiply(queries [][]float32, k int) (c cost, err error) {
	var b []byte
	for _, q := range queries {
		for _, x := range q {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	if _, err := fmt.Fprintln(p.in, k, base64.StdEncoding.EncodeToString(b)); err != nil {
		return c, err
	}
	if !p.answers.Scan() {
		return c, errors.Join(p.answers.Err(), errors.New("numpy's process ended"))
	}
	fields := strings.Fields(p.answers.Text())
	numbers := make([]int, len(fields))
	for i, f := range fields {
		if numbers[i], err = strconv.Atoi(f); err != nil {
			return c, fmt.Errorf("numpy's process says %q: %w", p.answers.Text(), err)
		}
	}
	if len(numbers) != 2+k {
		return c, fmt.Errorf("numpy's process says %q", p.answers.Text())
	}
	return cost{time.Duration(numbers[0]), time.Duration(numbers[1]), numbers[2:]}, nil
}

func (p *peer) close() {
	p.in.Close()
	_ = p.cmd.Wait()
}
