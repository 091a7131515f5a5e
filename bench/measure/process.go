package measure

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Process is a peer that answers each line with one, and keeps what it has loaded.
type Process struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
}

// StartProcess starts a peer, with environment variables beside those of this process.
func StartProcess(ctx context.Context, environment []string, command ...string) (*Process, error) {
	p := &Process{cmd: exec.CommandContext(ctx, command[0], command[1:]...)}
	p.cmd.Env = append(os.Environ(), environment...)
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

// Ask sends a line and returns the answer.
func (p *Process) Ask(line string) (string, error) {
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return "", err
	}
	if !p.answers.Scan() {
		return "", errors.Join(p.answers.Err(), fmt.Errorf("%s ended", p.cmd))
	}
	return p.answers.Text(), nil
}

// Close ends the peer.
func (p *Process) Close() {
	p.in.Close()
	_ = p.cmd.Wait()
}
