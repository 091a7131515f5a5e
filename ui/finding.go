package ui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// finder is the dialog that finds words in the conversation. What it finds is marked
// while it is open.
type finder struct {
	input textinput.Model
	bound *Keys
	found *found
	from  spot // where the person was: there Esc goes back to
}

// spot is what a person sees of the transcript, and what is folded in it.
type spot struct {
	follow      bool
	top, offset int
	unfolded    *answer // for its thought's sake; nil if none was
}

// find looks for words in the conversation, as they are written or at once.
func (m *model) find(words string) tea.Cmd {
	t := m.transcript
	if m.plain {
		m.listFound(words)
		return nil
	}
	m.unselect()
	m.closeDialog()
	f := &finder{bound: m.keys, input: m.styles.newInput(prompt), found: &found{}, from: spot{follow: t.follow, top: t.top, offset: t.offset}}
	f.input.SetValue(termtext.Line(words))
	f.input.CursorEnd()
	t.found = f.found
	m.dialog = f
	f.look(m)
	return f.input.Focus()
}

func (f *finder) title() string { return "Find in the conversation" }

func (f *finder) hint() string {
	return hints(hint("others", f.bound.pickPrev, f.bound.pickNext), hint("stays", f.bound.pick), hint("goes back", f.bound.leave))
}

func (f *finder) draw(fr frame, _ int) panel {
	st := fr.styles
	count := f.found.count()
	f.input.SetWidth(max(1, fr.width-len(indent)-st.width(count)-2))
	p := panel{cursor: f.input.Cursor()}
	line := f.input.View()
	pad := spaces(fr.width - st.width(line) - st.width(count) - 1)
	style := st.faint
	if f.found.query != "" && f.found.total == 0 {
		style = st.warning
	}
	p.lines = []string{line + pad + style.Render(count)}
	return p
}

func (f *finder) press(m *model, msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.leave):
		m.closeDialog()
		f.back(m)
	case msg.Code == tea.KeyEnter && msg.Mod&tea.ModShift != 0, key.Matches(msg, m.keys.pickPrev):
		f.step(m, -1)
	case key.Matches(msg, m.keys.pickNext), key.Matches(msg, m.keys.find):
		f.step(m, 1)
	case key.Matches(msg, m.keys.pick):
		m.closeDialog()
		if b := f.found.block(); b != nil {
			if _, ok := b.(message); ok {
				m.selectMessage(b)
			}
		}
	case key.Matches(msg, m.keys.pickPageUp):
		m.transcript.scroll(-max(1, m.transcript.height-1))
	case key.Matches(msg, m.keys.pickPageDown):
		m.transcript.scroll(max(1, m.transcript.height-1))
	default:
		var cmd tea.Cmd
		f.input, cmd = f.input.Update(msg)
		f.look(m)
		return cmd
	}
	return nil
}

func (f *finder) paste(m *model, text string) tea.Cmd {
	var cmd tea.Cmd
	f.input, cmd = f.input.Update(tea.PasteMsg{Content: termtext.Line(text)})
	f.look(m)
	return cmd
}

func (f *finder) mouse(m *model, msg tea.MouseMsg, _ int) tea.Cmd {
	if wheel, ok := msg.(tea.MouseWheelMsg); ok {
		m.wheel(wheel)
	}
	return nil
}

// look looks for what is written, if that is another thing than before.
func (f *finder) look(m *model) {
	query := strings.TrimSpace(f.input.Value())
	if query == f.found.query {
		return
	}
	if query == "" {
		f.found.look(m.transcript, "", 0)
		f.back(m)
		return
	}
	from := f.from.top
	if f.from.follow {
		from, _ = m.transcript.end()
	}
	f.found.look(m.transcript, query, from)
	f.show(m)
}

// step goes to the next match, or the one before.
func (f *finder) step(m *model, by int) {
	f.found.step(by)
	f.show(m)
}

// show brings the match into view, and unfolds the thought that it is in.
func (f *finder) show(m *model) {
	f.fold()
	b := f.found.block()
	if b == nil {
		return
	}
	m.layout()
	if a, ok := b.(*answer); ok && f.found.inThought() && !a.thought.open(m.frame()) {
		a.turn(m.frame())
		f.from.unfolded = a
	}
	m.transcript.revealLine(b, f.found.line(m.transcript))
}

// fold folds again what was unfolded for a match.
func (f *finder) fold() {
	if a := f.from.unfolded; a != nil {
		a.thought.fold = asOthers
		a.changes++
		f.from.unfolded = nil
	}
}

// back goes to where the person was.
func (f *finder) back(m *model) {
	f.fold()
	m.transcript.follow, m.transcript.top, m.transcript.offset = f.from.follow, f.from.top, f.from.offset
}

// count says how many matches there are, and which of them this is.
func (f *found) count() string {
	switch {
	case f.query == "":
		return ""
	case f.total == 0:
		return "nothing found"
	}
	return fmt.Sprintf("%d of %d", f.at+1, f.total)
}

// mostListed is how many matches a list has.
const mostListed = 20

// listFound lists where words are, for a chat without dialogs.
func (m *model) listFound(words string) {
	if words == "" {
		m.say(&note{text: "Find what? /find WORDS."})
		return
	}
	f := &found{}
	f.look(m.transcript, strings.TrimSpace(termtext.Line(words)), 0)
	lines := []string{fmt.Sprintf("Found %s.", plural(f.total, "time"))}
	for _, in := range f.in {
		if len(lines) > mostListed {
			lines = append(lines, "And more: write more of it.")
			break
		}
		lines = append(lines, m.talk.whereIs(in.block)+": "+f.excerpt(in))
	}
	m.say(&note{text: strings.Join(lines, "\n")})
}

// whereIs names a block of the conversation: by the number of its message if it has one.
func (c *conversation) whereIs(b block) string {
	for _, ex := range c.path() {
		switch b {
		case ex.question:
			return fmt.Sprintf("message %d", ex.number)
		case ex.answer:
			return fmt.Sprintf("answer %d", ex.number)
		}
	}
	return "note"
}
