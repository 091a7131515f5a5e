package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// message is a block that somebody said, and that can be selected.
type message interface {
	block
	// source is the text as it was said, without control sequences.
	source() string
}

func (q *question) source() string { return strings.TrimSpace(termtext.Sanitize(q.text)) }

func (a *answer) source() string { return strings.TrimSpace(a.said()) }

// pressSelected takes a key while a message is selected, and reports whether it was one
// for it. A key that writes something goes to the composer, and ends the selection.
func (m *model) pressSelected(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	b, k := m.transcript.selected, &m.keys.onMessage
	switch {
	case key.Matches(msg, k.leave):
		m.unselect()
	case key.Matches(msg, k.previous):
		m.selectNext(-1)
	case key.Matches(msg, k.next):
		m.selectNext(1)
	case key.Matches(msg, k.first):
		m.goToMessage(m.transcript.message(0, 1))
	case key.Matches(msg, k.last):
		m.goToMessage(m.transcript.message(len(m.transcript.items)-1, -1))
	case key.Matches(msg, k.most):
		return m.mostWanted(b), true
	default:
		for _, d := range deeds {
			if key.Matches(msg, d.key(k)) && d.can(m, b) {
				return d.run(m, b), true
			}
		}
		if msg.Text != "" || key.Matches(msg, m.keys.dropChip) {
			m.unselect()
		}
		return nil, false
	}
	return nil, true
}

// selectNext selects the message before (-1) or after (1) the one that is selected, or
// the nearest one in view. After the last one comes the composer.
func (m *model) selectNext(step int) {
	t := m.transcript
	from := t.index(t.selected)
	switch {
	case from >= 0:
		from += step
	case step < 0:
		from = t.lastInView()
	default:
		from = t.top
	}
	next := t.message(from, step)
	switch {
	case next != nil:
		m.goToMessage(next)
	case step > 0:
		m.unselect()
		t.toEnd()
	}
}

// goToMessage selects a message and brings it into view; nil changes nothing.
func (m *model) goToMessage(b block) {
	if b != nil {
		m.selectMessage(b)
		m.transcript.reveal(b)
	}
}

// selectMessage selects a message where it is.
func (m *model) selectMessage(b block) {
	if m.transcript.selected != b {
		m.codes = 0
	}
	m.transcript.selected = b
	m.unselectChip()
}

func (m *model) unselect() { m.transcript.selected = nil }

// message returns the first message from an item on in a direction; nil if there is none.
func (t *transcript) message(from, step int) block {
	for i := from; i >= 0 && i < len(t.items); i += step {
		if b, ok := t.items[i].block.(message); ok {
			return b
		}
	}
	return nil
}

// lastInView is the index of the last item that begins in view.
func (t *transcript) lastInView() int {
	t.settle()
	last := t.top
	for i, row := t.top, -t.offset; i < len(t.items) && row+t.above(i) < t.height; i++ {
		last = i
		row += len(t.lines(i))
	}
	return last
}

// selectedBar stands beside the message that is selected, in place of indent or bar.
const selectedBar = "▌ "

// dressed returns an item's lines with what is put over them: what was found in it, and
// the mark of the selection.
func (t *transcript) dressed(it *item, lines []string) []string {
	if t.found != nil {
		lines = t.found.mark(it, lines, t.frame)
	}
	if it.block != t.selected || t.selected == nil {
		return lines
	}
	edge, selected := t.frame.styles.bar.Render(bar), t.frame.styles.bar.Render(selectedBar)
	lines = slices.Clone(lines)
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, edge); ok {
			lines[i] = selected + rest
		} else if rest, ok := strings.CutPrefix(line, indent); ok {
			lines[i] = selected + rest
		}
	}
	return lines
}

// turnThoughts folds or unfolds what models think, in all answers.
func (m *model) turnThoughts() {
	m.transcript.steady(func() {
		m.unfolded = !m.unfolded
		for _, it := range m.transcript.items {
			if a, ok := it.block.(*answer); ok && a.thought.fold != asOthers {
				a.thought.fold = asOthers
				a.changes++
			}
		}
		m.layout()
	})
	m.status.flash = "what models think is folded"
	if m.unfolded {
		m.status.flash = "what models think is shown whole"
	}
}

// turnThought folds or unfolds what one answer was preceded by.
func (m *model) turnThought(a *answer) {
	m.transcript.steady(func() { a.turn(m.frame()) })
	if a.thought.open(m.frame()) {
		m.transcript.reveal(a)
	}
}

func (m *model) turnThoughtOf(b block) tea.Cmd {
	m.turnThought(b.(*answer))
	return nil
}

func (m *model) zoomOnMessage(b block) tea.Cmd { return m.zoomOn(b.(*question).shots[0]) }

// zoomOn looks closer at a picture.
func (m *model) zoomOn(s *shot) tea.Cmd { return m.openZoom(m.numberOf(s)) }
