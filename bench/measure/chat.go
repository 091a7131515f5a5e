package measure

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// What the chat's screen holds when it is painted, when its model is loaded, and
// when an answer is whole.
const (
	ComposerMark = "›"
	ReadyMark    = "ready"
	AnsweredMark = "TTFT"
)

// Chat is vlmchat's chat in a pseudo-terminal that answers no questions, as the
// plainest ones don't.
type Chat struct {
	cmd     *exec.Cmd
	cancel  context.CancelFunc
	screen  *os.File
	began   time.Time
	painted chan paint // closed when the chat has ended
	seen    bytes.Buffer
	last    time.Duration // when the last of seen came
}

// paint is something that the chat has drawn, and when.
type paint struct {
	text []byte
	at   time.Duration
}

// OpenChat starts a chat, which lives for some minutes at most.
func OpenChat(ctx context.Context, args ...string) (*Chat, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	c := &Chat{cmd: exec.CommandContext(ctx, Program, args...), cancel: cancel, painted: make(chan paint, 1<<10)}
	c.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor")
	c.began = time.Now()
	var err error
	if c.screen, err = pty.StartWithSize(c.cmd, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		cancel()
		return nil, err
	}
	go c.read()
	return c, nil
}

// read takes what the chat draws.
func (c *Chat) read() {
	defer close(c.painted)
	for {
		chunk := make([]byte, 32<<10)
		n, err := c.screen.Read(chunk)
		if n > 0 {
			c.painted <- paint{chunk[:n], time.Since(c.began)}
		}
		if err != nil { // the chat has ended
			return
		}
	}
}

// PID is the chat's process.
func (c *Chat) PID() int { return c.cmd.Process.Pid }

// Await returns when the chat has drawn all the marks since somebody typed last,
// and how long after the start of the process that was.
func (c *Chat) Await(marks ...string) (time.Duration, error) {
	for !c.holds(marks) {
		p, more := <-c.painted
		if !more {
			return 0, fmt.Errorf("the chat ended before it showed %q: %q", marks, c.seen.String())
		}
		c.seen.Write(p.text)
		c.last = p.at
	}
	return c.last, nil
}

func (c *Chat) holds(marks []string) bool {
	for _, m := range marks {
		if !bytes.Contains(c.seen.Bytes(), []byte(m)) {
			return false
		}
	}
	return true
}

// Type writes as a person would.
func (c *Chat) Type(keys string) error {
	c.seen.Reset()
	_, err := c.screen.WriteString(keys)
	return err
}

// End ends the chat and waits for it.
func (c *Chat) End() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	for range c.painted {
	}
	_ = c.cmd.Wait()
	c.screen.Close()
	c.cancel()
}
