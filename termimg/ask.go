package termimg

import (
	"context"
	"errors"
	"image"
	"time"

	"github.com/vlmchat/vlmchat/console"
)

// How long a terminal may take: to answer at all, and, if it did not, until what it
// may still say is left to whoever reads next.
const (
	patience = time.Second
	lateness = 2 * time.Second
)

// Asked is a terminal that was asked. Close it when no more is to be drawn.
type Asked struct {
	Answers       Answers
	Cells, Pixels image.Point // size of the window, from the system

	console *console.Console
	rest    []byte // the beginning of an answer
}

// Ask asks the terminal of this process, whatever its streams are, and waits for its
// answers: some milliseconds, a second if there are none. It must not be used while
// somebody else reads the terminal. The error says why it can't be asked.
//
// Until Close nothing that is typed is shown, as it could be an answer.
func Ask(ctx context.Context, env func(string) string) (*Asked, error) {
	c, err := console.Open()
	if err != nil {
		return nil, err
	}
	a := &Asked{console: c}
	a.Cells, a.Pixels = c.Size()
	questions := Questions(env)
	if questions == "" {
		a.Answers.Attributes = []int{} // nothing to wait for
		return a, nil
	}
	if err := c.Send(questions); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	a.listen(ctx, patience)
	return a, nil
}

// Close gives the terminal back as it was. If it has not answered, it is given some
// more time: an answer that nobody takes would stand on the screen.
func (a *Asked) Close() error {
	a.listen(context.Background(), lateness)
	return a.console.Close()
}

// listen reads until all is answered.
func (a *Asked) listen(ctx context.Context, limit time.Duration) {
	buffer := make([]byte, 4096)
	for end := time.Now().Add(limit); !a.Answers.answered() && ctx.Err() == nil && time.Now().Before(end); {
		n, err := a.console.Read(buffer)
		if err != nil {
			return
		}
		a.rest = a.Answers.Read(append(a.rest, buffer[:n]...))
	}
}
