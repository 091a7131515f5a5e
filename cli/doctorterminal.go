package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// terminalFacts is what is known of the terminal, if there is one.
type terminalFacts struct {
	there         bool
	width, height int // in cells
	profile       colorprofile.Profile
	unicode       bool
	env           func(string) string
	pictures      []string // how they are drawn, in lines
	wrong         error    // --preview can't be read
}

// checkTerminal looks at the terminal that one of the streams is: the output may
// be on its way into a file.
func (d *doctor) checkTerminal(ctx context.Context) []check {
	t := terminalFacts{unicode: termimg.UTF8(os.Getenv), env: os.Getenv}
	for _, stream := range []any{d.stdout, d.stderr, d.stdin} {
		f, ok := stream.(*os.File)
		if !ok || !isTerminal(f) {
			continue
		}
		t.there = true
		t.width, t.height, _ = term.GetSize(f.Fd())
		t.profile = textColours(f)
		t.pictures, t.wrong = d.previewFacts(ctx, f)
		break
	}
	return []check{judgeTerminal(t)}
}

// previewFacts asks the terminal how it shows pictures, and tells what came of it.
func (d *doctor) previewFacts(ctx context.Context, f *os.File) ([]string, error) {
	s, err := d.openSurface(ctx, f)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	facts := []string{fmt.Sprintf("pictures are drawn as %s: %s", s.Method, s.why)}
	if s.asked != nil && s.asked.Answers.Name != "" {
		facts = append(facts, "it calls itself "+termtext.Line(s.asked.Answers.Name))
	}
	if s.Cell.X > 0 {
		facts = append(facts, fmt.Sprintf("a cell is %d×%d pixels", s.Cell.X, s.Cell.Y))
	}
	return facts, nil
}

func judgeTerminal(t terminalFacts) check {
	kind := t.env("TERM")
	if program := t.env("TERM_PROGRAM"); program != "" {
		kind = joined([]string{kind, strings.TrimSpace(program + " " + t.env("TERM_PROGRAM_VERSION"))})
	}
	if !t.there {
		return note("terminal", "%s", joined([]string{"none: input and output are redirected", kind}))
	}
	locale := "UTF-8"
	if !t.unicode {
		locale = "not UTF-8"
	}
	c := fine("terminal", "%s", joined([]string{kind, fmt.Sprintf("%dx%d", t.width, t.height), profileName(t.profile), locale}))
	c.Details = t.pictures
	if t.env("NO_COLOR") != "" {
		c.Details = append(c.Details, "NO_COLOR is set")
	}
	switch {
	case t.wrong != nil:
		c.Status, c.Hint = statusWarning, t.wrong.Error()
	case t.env("TERM") == "dumb":
		c.Status, c.Hint = statusWarning, "TERM=dumb can only show the chat line by line: open another terminal for pictures and keys"
	case !t.unicode:
		c.Status, c.Hint = statusWarning, "characters may come out wrong: set LANG to a locale with UTF-8, such as C.UTF-8"
	}
	return c
}

func profileName(p colorprofile.Profile) string {
	switch p {
	case colorprofile.TrueColor:
		return "true colours"
	case colorprofile.ANSI256:
		return "256 colours"
	case colorprofile.ANSI:
		return "16 colours"
	}
	return "no colours"
}
