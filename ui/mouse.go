package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	// wheelLines is how far a notch of the wheel scrolls.
	wheelLines = 3
	// doubleClick is how soon a second click makes one with the first.
	doubleClick = 400 * time.Millisecond
)

// click is one of the mouse that may be followed by a second one.
type click struct {
	on     block
	number int
}

// secondClickMsg says that it is too late for a second click.
type secondClickMsg int

// mouse takes what the mouse does: it is for the view of a picture, for a dialog where
// that is, or for the conversation.
func (m *model) mouse(msg tea.MouseMsg) tea.Cmd {
	row := msg.Mouse().Y
	if m.zoom != nil {
		m.zoomMouse(msg)
		return nil
	}
	parts := m.arrange()
	if m.dialog != nil && row >= parts.transcript {
		return m.dialog.mouse(m, msg, row-parts.transcript-1)
	}
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		m.wheel(msg)
	case tea.MouseClickMsg:
		switch {
		case msg.Button != tea.MouseLeft || m.dialog != nil:
		case row < parts.transcript:
			return m.clickOn(m.transcript.at(row))
		case row == parts.transcript && parts.rule && !m.transcript.atEnd():
			m.transcript.toEnd() // the rule says how much there is
		default:
			m.clickBelow(parts, row, msg.X)
		}
	}
	return nil
}

// clickBelow takes a click below the rule: on a chip, or where the next letter is to go.
func (m *model) clickBelow(p parts, row, column int) {
	row -= p.transcript
	if p.rule {
		row--
	}
	if p.chips {
		if row == 0 {
			m.clickChip(column)
			return
		}
		row--
	}
	if row -= len(p.offer); row >= 0 && row < m.composer.height() {
		m.disarm()
		m.unselect()
		m.unselectChip()
		m.unsuggest()
		m.composer.click(column, row)
	}
}

func (m *model) wheel(msg tea.MouseWheelMsg) {
	switch msg.Button {
	case tea.MouseWheelUp:
		m.transcript.scroll(-wheelLines)
	case tea.MouseWheelDown:
		m.transcript.scroll(wheelLines)
	}
}

// clickOn takes a click on a line of a block: it selects a message, folds or unfolds a
// thought on the line that stands for it, and looks closer at a picture the second time.
func (m *model) clickOn(b block, line int) tea.Cmd {
	m.disarm()
	second := b != nil && b == m.clicked.on
	m.clicked = click{b, m.clicked.number + 1}
	if _, ok := b.(message); !ok {
		m.unselect()
		return nil
	}
	m.selectMessage(b)
	switch b := b.(type) {
	case *answer:
		if line == b.drawn.head {
			m.turnThought(b)
		}
	case *question:
		if s := b.shotAt(line); s != nil && second {
			m.clicked.on = nil
			return m.zoomOn(s)
		}
	}
	number := secondClickMsg(m.clicked.number)
	return tea.Tick(doubleClick, func(time.Time) tea.Msg { return number })
}

// endClick makes the next click a first one.
func (m *model) endClick(number secondClickMsg) {
	if int(number) == m.clicked.number {
		m.clicked.on = nil
	}
}

// shotAt returns the picture that is drawn at a line; nil if there is none.
func (q *question) shotAt(line int) *shot {
	for _, h := range q.hung {
		if line >= h.row && line <= h.row+len(h.lines) { // its caption too
			return h.shot
		}
	}
	return nil
}
