package cli

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/termimg"
)

// previewMethod is what --preview says, "" for auto.
func (a *app) previewMethod() (termimg.Method, error) {
	m, err := termimg.ParseMethod(a.config.String(config.Preview))
	if err != nil {
		return "", a.config.Reject(config.Preview, strings.TrimPrefix(err.Error(), "has to be "))
	}
	return m, nil
}

// surface is where pictures are drawn one below the other: the terminal, or a stream
// that has no screen.
type surface struct {
	termimg.Terminal
	why    string      // its method was chosen
	window image.Point // in cells; zero if there is none
	out    io.Writer
	asked  *termimg.Asked
}

// openSurface asks the terminal that out is how it shows pictures. Close gives it
// back.
func (a *app) openSurface(ctx context.Context, out io.Writer) (*surface, error) {
	forced, err := a.previewMethod()
	if err != nil {
		return nil, err
	}
	s := &surface{out: out}
	file, ok := out.(*os.File)
	if !ok || !isTerminal(file) {
		// Nobody sees it as it is, so nothing is drawn that was not asked for.
		s.Terminal = termimg.Terminal{Method: cmp.Or(forced, termimg.Off), Profile: colorprofile.TrueColor}
		return s, nil
	}
	facts := termimg.Facts{Env: os.Getenv, Profile: textColours(file)}
	if s.asked, err = termimg.Ask(ctx, os.Getenv); err == nil {
		facts.Answers, facts.Cells, facts.Pixels = s.asked.Answers, s.asked.Cells, s.asked.Pixels
	}
	if os.Getenv("TMUX") != "" {
		if tmux, err := termimg.AskTmux(ctx); err == nil {
			facts.Tmux = &tmux
		}
	}
	s.Terminal, s.why = termimg.Choose(facts, forced)
	s.window = facts.Cells
	return s, ctx.Err()
}

// Close gives the terminal back as it was.
func (s *surface) Close() error {
	if s.asked == nil {
		return nil
	}
	return s.asked.Close()
}

// draw puts a picture on the surface, of at most so many cells, and a caption below
// it. The cursor is at the beginning of a line before and afterwards.
func (s *surface) draw(m *termimg.Image, cols, rows int, caption string) error {
	c, r := m.Size(cols, rows, s.Terminal)
	if r > 0 {
		id := termimg.NewID(s.Terminal)
		text := m.Transmit(c, r, s.Terminal, id)
		if s.Placed() {
			// Room is made first: what is drawn into the last lines of a screen
			// scrolls in ways of which each terminal has its own.
			text += strings.Repeat("\n", r) + fmt.Sprintf("\x1b[%dA", r) +
				m.Draw(c, r, termimg.Rows{To: r}, s.Terminal, id) +
				fmt.Sprintf("\x1b[%dB", r)
		} else {
			text += strings.Join(m.Lines(c, r, s.Terminal, id), "\n") + "\n"
		}
		if _, err := io.WriteString(s.out, text); err != nil {
			return err
		}
	}
	if s.Profile >= colorprofile.ANSI && s.window.X > 0 {
		caption = "\x1b[2m" + caption + "\x1b[m"
	}
	_, err := fmt.Fprintln(s.out, caption)
	return err
}
