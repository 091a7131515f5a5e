package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// decoder is a way to decode photos that we are compared with.
type decoder struct {
	name    string
	command []string
}

// decoders are those that are there.
func (b *bench) decoders(ctx context.Context) []decoder {
	all := []decoder{{"Pillow", []string{python(), "bench/pictures/peers/pillow.py"}}}
	stb := filepath.Join(b.Dir, "stb")
	if err := measure.Compile(ctx, "bench/pictures/peers/stb.c", stb, "-O3", "-lm"); err != nil {
		fmt.Fprintln(os.Stderr, "stb_image is not measured:", err)
		return all
	}
	return append(all, decoder{"stb_image", []string{stb}})
}

// session is a decoder's process.
type session struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
}

// start starts a decoder.
func (d decoder) start(ctx context.Context) (*session, error) {
	s := &session{cmd: exec.CommandContext(ctx, d.command[0], d.command[1:]...)}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	s.answers = bufio.NewScanner(out)
	return s, s.cmd.Start()
}

// cost is what decoding a photo took.
type cost struct {
	clock, processor time.Duration
	memory           int64  // bytes by which the process grew at most
	pixels           string // their SHA-256, if it is told
}

// decode has a photo decoded.
func (s *session) decode(p photo) (c cost, err error) {
	if _, err := fmt.Fprintln(s.in, p.orientation, p.path); err != nil {
		return c, err
	}
	if !s.answers.Scan() {
		return c, errors.Join(s.answers.Err(), fmt.Errorf("%s ended", s.cmd.Path))
	}
	if _, err := fmt.Sscan(s.answers.Text(), &c.clock, &c.processor, &c.memory, &c.pixels); err != nil {
		return c, fmt.Errorf("%s says %q: %w", s.cmd.Path, s.answers.Text(), err)
	}
	c.memory <<= 10
	return c, nil
}

func (s *session) close() {
	s.in.Close()
	_ = s.cmd.Wait()
}
