package ui

import (
	"context"
	"image"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/termimg"
)

// terminal is what the chat knows of the terminal it runs in. It is asked while the
// chat is there already, which begins with what every terminal can draw; what it
// answers comes as messages, in the same stream as keys.
type terminal struct {
	facts   termimg.Facts
	forced  termimg.Method
	sent    int     // sets of questions
	came    int     // last answers to a set, or what stands for one that never comes
	leaving tea.Msg // how the chat is to end once all answers are there
}

const (
	// silence is after how long nothing more is expected of a terminal.
	silence = 2 * time.Second
	// farewell is for how long a person who leaves waits for answers that are on
	// their way: they would stand in the shell's next line.
	farewell = silence / 4
)

type (
	silentMsg   struct{ set int } // the time for the answers to a set is over
	tmuxMsg     struct{ termimg.Tmux }
	leaveMsg    struct{ how tea.Msg }
	farewellMsg struct{ how tea.Msg }
)

// ask asks the terminal what it can draw.
func (t *terminal) ask(ctx context.Context) tea.Cmd {
	questions := termimg.Questions(t.facts.Env)
	if questions == "" {
		return nil
	}
	commands := []tea.Cmd{t.send(questions)}
	if t.facts.Env("TMUX") != "" {
		commands = append(commands, func() tea.Msg {
			facts, err := termimg.AskTmux(ctx)
			if err != nil {
				return nil // then it is not known whether pictures get through
			}
			return tmuxMsg{facts}
		})
	}
	return tea.Batch(commands...)
}

// measured takes the size of the window as the system knows it. There are terminals
// that don't tell: xterm is set so, unless its configuration allows it.
func (t *terminal) measured(cells, pixels image.Point) {
	if pixels != (image.Point{}) {
		t.facts.Cells, t.facts.Pixels = cells, pixels
	}
}

// askCell asks for the size of a cell anew, if it was told before: the window has
// another size, perhaps because its font has.
func (t *terminal) askCell() tea.Cmd {
	if answers := t.facts.Answers; answers.Cell == (image.Point{}) && answers.Window == (image.Point{}) {
		return nil
	}
	return t.send("\x1b[16t\x1b[14t" + ansi.RequestPrimaryDeviceAttributes)
}

// send sends a set of questions. The last of them is one that every terminal
// answers.
func (t *terminal) send(questions string) tea.Cmd {
	t.sent++
	set := t.sent
	return tea.Batch(tea.Raw(questions), tea.Tick(silence, func(time.Time) tea.Msg { return silentMsg{set} }))
}

// hear takes a message that is an answer, or that concerns them. The window has so
// many cells.
func (t *terminal) hear(msg tea.Msg, cells image.Point) tea.Cmd {
	answers := &t.facts.Answers
	switch msg := msg.(type) {
	case tea.TerminalVersionMsg:
		answers.Name = msg.Name
	case uv.KittyGraphicsEvent:
		answers.Kitty = answers.Kitty || string(msg.Payload) == "OK"
	case uv.CellSizeEvent:
		answers.Cell = image.Pt(msg.Width, msg.Height)
	case uv.PixelSizeEvent:
		answers.Window, t.facts.Cells = image.Pt(msg.Width, msg.Height), cells
	case uv.UnknownCsiEvent:
		answers.Read([]byte(msg))
	case uv.PrimaryDeviceAttributesEvent:
		answers.Attributes = append([]int{}, msg...)
		t.came = min(t.came+1, t.sent)
	case tmuxMsg:
		t.facts.Tmux = &msg.Tmux
	case silentMsg:
		t.came = max(t.came, msg.set)
	case leaveMsg:
		t.leaving = msg.how
		return tea.Tick(farewell, func(time.Time) tea.Msg { return farewellMsg(msg) })
	case farewellMsg:
		t.came = t.sent
	case tea.ResumeMsg:
		return t.askCell()
	}
	if t.leaving != nil && t.came == t.sent {
		how := t.leaving
		t.leaving = nil
		return func() tea.Msg { return how }
	}
	return nil
}

// hold keeps the chat from ending while answers are on their way.
func (t *terminal) hold(msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.QuitMsg, tea.InterruptMsg, tea.SuspendMsg:
		if t.came < t.sent {
			return leaveMsg{msg}
		}
	}
	return msg
}

// shows says how pictures are drawn, with so many colours.
func (t *terminal) shows(profile colorprofile.Profile, dark bool) termimg.Terminal {
	t.facts.Profile = profile
	look, _ := termimg.Choose(t.facts, t.forced)
	look.Light = !dark
	switch {
	case t.forced != "" && !graphical(look):
	case !graphical(look), t.sent > 0 && t.came == 0:
		// Like all text here, whatever the locale says.
		look.Method = termimg.Plain(profile)
	}
	return look
}

// graphical reports whether pictures are drawn with pixels.
func graphical(t termimg.Terminal) bool {
	return t.Placed() || t.Method == termimg.Placeholders
}

// calm is for how long a picture has to be still before its pixels are sent: over
// a network a little longer, where they may take as long themselves.
func calm(env func(string) string) time.Duration {
	if env("SSH_CONNECTION") != "" || env("SSH_TTY") != "" {
		return 400 * time.Millisecond
	}
	return 100 * time.Millisecond
}
