package ui

import (
	tea "charm.land/bubbletea/v2"
)

// dialog is something that a person answers before going on: a picker, a form. It
// stands where the composer does, which keeps what is in it, and takes all keys but
// Ctrl+C and Ctrl+Z. Above it the conversation is seen, and goes on. One dialog is open
// at a time, as the model's field of that name; closing it is setting that to nil.
type dialog interface {
	// title says in a few words what is asked for.
	title() string
	// draw returns what is seen, in at most so many lines.
	draw(f frame, height int) panel
	// hint says which keys there are, for the screen's last line.
	hint() string
	// press takes a key.
	press(m *model, key tea.KeyPressMsg) tea.Cmd
	// paste takes a text that was pasted.
	paste(m *model, text string) tea.Cmd
	// mouse takes what the mouse does; at is a line of the dialog, negative above it.
	mouse(m *model, msg tea.MouseMsg, at int) tea.Cmd
}

// panel is what a dialog draws.
type panel struct {
	lines  []string
	hung   []hanging   // the pictures, where they are in the lines
	cursor *tea.Cursor // where in the lines it is; nil if there is none
}

// closeDialog puts a dialog away, if it is open, and gives up what is looked for in it.
func (m *model) closeDialog() {
	if p, ok := m.dialog.(*picker); ok && p.left != nil {
		p.left()
	}
	m.dialog, m.transcript.found = nil, nil
	m.stopSearch()
}

// leaveTalk closes what is about the conversation, before another one takes its place.
func (m *model) leaveTalk() {
	m.zoom = nil
	switch d := m.dialog.(type) {
	case *finder, *comparing:
		m.closeDialog()
	case *picker:
		if d.ofTalk {
			m.closeDialog()
		}
	}
}

// leaveDialog puts a dialog away unless another one is open by now.
func (m *model) leaveDialog(d dialog) {
	if m.dialog == d {
		m.closeDialog()
	}
}

// mostOfScreen is how much of the screen's lines a dialog takes at most, so that
// the conversation is still seen where there is room for both.
func mostOfScreen(height int) int { return max(height-2, 0) * 2 / 3 }

// drawDialog has the dialog draw itself, in what room there is.
func (m *model) drawDialog() panel {
	room := max(mostOfScreen(m.height), min(m.height-2, leastDialog))
	p := m.dialog.draw(m.frame(), room)
	p.lines = p.lines[:min(len(p.lines), max(0, room))]
	return p
}

// leastDialog is how many lines a dialog has even if nothing else is then seen.
const leastDialog = 10
