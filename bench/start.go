package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// What the chat's screen holds when it is painted, and when the model is loaded.
const (
	startPicture = "scene-12.png"
	composerMark = "›"
	readyMark    = "ready"
)

// start measures cold starts: of the chat until its first paint and until its
// model is loaded, and of llama-server until it says that it is healthy, its
// first sign of use. It says nothing before its model is loaded.
func (b *bench) start(ctx context.Context) ([]*figure, error) {
	paint := &figure{name: "process start to first paint; peer: to /health", unit: "ms"}
	ready := &figure{name: "process start to model loaded; peer: to /health", unit: "ms"}
	err := b.repeat(ctx, func(int) error {
		painted, loaded, err := b.startChat(ctx)
		if err != nil {
			return err
		}
		paint.ours = append(paint.ours, milliseconds(painted))
		ready.ours = append(ready.ours, milliseconds(loaded))

		began := time.Now()
		server, err := b.startPeer()
		if err != nil {
			return err
		}
		took := time.Since(began)
		server.Kill()
		paint.peer = append(paint.peer, milliseconds(took))
		ready.peer = append(ready.peer, milliseconds(took))
		return nil
	}, paint, ready)
	return []*figure{paint, ready}, err
}

// startChat opens the chat in a pseudo-terminal, waits for what it is to show
// and leaves no process behind. The terminal answers no questions, as the
// plainest ones don't.
func (b *bench) startChat(ctx context.Context) (painted, loaded time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--keep-alive", "0s", filepath.Join(samples, startPicture))
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor")
	began := time.Now()
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return 0, 0, err
	}
	defer screen.Close()
	var seen bytes.Buffer
	chunk := make([]byte, 32<<10)
	for {
		n, err := screen.Read(chunk)
		at := time.Since(began)
		seen.Write(chunk[:n])
		if painted == 0 && holds(&seen, startPicture) && holds(&seen, composerMark) {
			painted = at
		}
		if painted > 0 && loaded == 0 && holds(&seen, readyMark) {
			loaded = at
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
		if err != nil { // the chat has ended
			break
		}
	}
	_ = cmd.Wait()
	if err := b.workersGone(); err != nil {
		return 0, 0, err
	}
	if loaded == 0 {
		return 0, 0, fmt.Errorf("the chat did not show %q, %q and %q: %q", startPicture, composerMark, readyMark, seen.String())
	}
	return painted, loaded, nil
}

func holds(b *bytes.Buffer, s string) bool { return bytes.Contains(b.Bytes(), []byte(s)) }
