package clipboard

import (
	"context"
	"errors"
	"runtime"

	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/console"
)

// FromConsole asks the terminal of this process, whose programs have this environment.
// It must not be used while somebody else reads the terminal.
func FromConsole(ctx context.Context, env func(string) string) (Content, error) {
	if runtime.GOOS == "windows" {
		return Content{}, &NoAccess{"over ssh to Windows the terminal can't be asked for it"}
	}
	c, err := console.Open()
	if err != nil {
		return Content{}, &NoAccess{"the terminal can't be asked for it: " + err.Error()}
	}
	ctx, cancel := context.WithCancel(ctx)
	answers, ended := make(chan string), make(chan struct{})
	go func() {
		defer close(ended)
		listen(ctx, c, answers)
	}()
	content, err := Terminal{Ask: c.Send, Answers: answers}.Read(ctx, env)
	cancel()
	<-ended
	return content, errors.Join(err, c.Close())
}

// maxSequence is more than any part of an answer has.
const maxSequence = 8 << 20

// listen passes on the control sequences that come from a terminal. What somebody
// types meanwhile is lost.
func listen(ctx context.Context, c *console.Console, answers chan<- string) {
	defer close(answers)
	var came []byte
	buffer := make([]byte, 64<<10)
	for ctx.Err() == nil {
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		came = append(came, buffer[:n]...)
		var all []string
		if all, came = sequences(came); len(came) > maxSequence {
			return
		}
		for _, s := range all {
			select {
			case answers <- s:
			case <-ctx.Done():
			}
		}
	}
}

// sequences takes the whole control sequences off the front of what came, and
// leaves the beginning of another one.
func sequences(came []byte) (all []string, rest []byte) {
	for len(came) > 0 {
		_, _, n, state := ansi.DecodeSequence(came, ansi.NormalState, nil)
		if n == 0 || state != ansi.NormalState && n == len(came) || n == len(came)-1 && came[n] == ansi.ESC {
			break // its end may begin with an escape
		}
		if came[0] == ansi.ESC && n > 1 {
			all = append(all, string(came[:n]))
		}
		came = came[n:]
	}
	return all, came
}
