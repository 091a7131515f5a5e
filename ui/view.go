package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// View draws the screen: the transcript, a rule, the pictures that wait to be
// sent, the composer, the status line. What there is no room for is left out in
// that order, the composer last.
func (m *model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	if m.width <= 0 || m.height <= 0 {
		return v
	}
	if m.zoom != nil {
		m.viewZoom(&v)
		return v
	}
	parts := m.arrange()
	lines := m.transcript.view()
	for len(lines) < parts.transcript {
		lines = append(lines, "")
	}
	if parts.rule {
		lines = append(lines, m.rule())
	}
	if parts.chips {
		lines = append(lines, m.attachments.view(m.width, m.styles))
	}
	at := len(lines)
	lines = append(lines, m.composer.view()...)
	lines[at] = m.canvas.prepare(m.scene()) + lines[at]
	if parts.status {
		lines = append(lines, m.status.view(m.width, m.styles))
	}
	for i, line := range lines {
		lines[i] = m.styles.cut(line, m.width, "")
	}
	v.SetContent(strings.Join(lines[:min(len(lines), m.height)], "\n"))
	if c := m.composer.cursor(); c != nil {
		c.X, c.Y = min(c.X, m.width-1), min(c.Y+at, m.height-1)
		v.Cursor = c
	}
	return v
}

// parts says which parts of the screen there is room for.
type parts struct {
	transcript          int // lines
	rule, chips, status bool
}

// arrange shares out the screen's lines: the composer comes first.
func (m *model) arrange() parts {
	room := m.height - m.composer.height()
	take := func(wanted bool) bool {
		if !wanted || room < 1 {
			return false
		}
		room--
		return true
	}
	var p parts
	p.status = take(true)
	p.chips = take(len(m.attachments) > 0)
	p.rule = take(true)
	p.transcript = max(0, room)
	return p
}

// layout tells the transcript how large it is.
func (m *model) layout() {
	m.look = m.terminal.shows(m.profile, m.dark)
	m.transcript.resize(frame{
		width: m.width,
		// The screen's height alone decides, so that pictures keep their size
		// while the composer grows.
		pictureRows: max(1, min(20, m.height/2)),
		terminal:    m.look,
		styles:      m.styles,
	}, m.arrange().transcript)
}

// rule parts the transcript from the composer, and says so when there is more to
// see below.
func (m *model) rule() string {
	if m.transcript.atEnd() {
		return m.styles.rule.Render(strings.Repeat("─", m.width))
	}
	text := m.styles.cut(" ↓ more below ", m.width, "")
	left := max(0, (m.width-m.styles.width(text))/2)
	right := max(0, m.width-left-m.styles.width(text))
	return m.styles.rule.Render(strings.Repeat("─", left)) +
		m.styles.warning.Render(text) +
		m.styles.rule.Render(strings.Repeat("─", right))
}

// scene says where on the screen the pictures are that View has drawn.
func (m *model) scene() scene {
	if !graphical(m.look) {
		return scene{} // they are text like any other
	}
	if m.zoom != nil {
		return scene{terminal: m.look, height: m.height, pictures: m.zoom.hung, kept: append(m.transcript.shots(), m.zoom.screen)}
	}
	return scene{terminal: m.look, height: m.height, pictures: m.transcript.hung, kept: m.transcript.shots()}
}
