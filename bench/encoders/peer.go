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
	"strings"
	"time"
)

// python is the interpreter that has the peer.
func python() string {
	if p := os.Getenv("PYTHON"); p != "" {
		return p
	}
	return "python3"
}

func runPython(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, python(), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s (pip install torch transformers pillow; $PYTHON names the interpreter): %w\n%s", args[0], err, out)
	}
	return nil
}

// makePictures makes so many pictures of a size, no two alike.
func (b *bench) makePictures(ctx context.Context, dir string, n, width, height int, ext string) ([]string, error) {
	err := runPython(ctx, "bench/encoders/peers/pictures.py", dir, fmt.Sprint(n), fmt.Sprint(width), fmt.Sprint(height), ext)
	if err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(dir, "*"+ext))
}

// session is the peer's process.
type session struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
}

func (b *bench) startPeer(ctx context.Context, folder string) (*session, error) {
	s := &session{cmd: exec.CommandContext(ctx, python(), "bench/encoders/peers/torchclip.py", folder, fmt.Sprint(b.Threads))}
	s.cmd.Env = append(os.Environ(), fmt.Sprintf("OMP_NUM_THREADS=%d", b.Threads))
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

// encode has pictures encoded and returns the time of the processor.
func (s *session) encode(what string, paths []string) (time.Duration, error) {
	if _, err := fmt.Fprintln(s.in, what, strings.Join(paths, " ")); err != nil {
		return 0, err
	}
	if !s.answers.Scan() {
		return 0, errors.Join(s.answers.Err(), errors.New("the peer ended (is transformers there for this python?)"))
	}
	var clock, processor time.Duration
	_, err := fmt.Sscan(s.answers.Text(), &clock, &processor)
	return processor, err
}

func (s *session) close() {
	s.in.Close()
	_ = s.cmd.Wait()
}
