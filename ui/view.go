package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// View draws the screen: the transcript, a rule, the pictures that wait to be
// sent, the composer, the status line. What there is no room for is left out in
// that order, the composer last.
func (m *model) View() (v tea.View) {
	defer func() {
		if value := recover(); value != nil {
			// A view can't end the program, nor is it called where it could wait.
			if m.send == nil {
				panic(value) // nobody would know
			}
			go m.send(faultMsg{caught(value)})
		}
	}()
	v = tea.NewView("")
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
		lines = append(lines, m.chips.draw(m.attachments.shown(), m.width, m.styles))
	}
	lines = append(lines, parts.offer...)
	at := len(lines)
	var cursor *tea.Cursor
	var hung []hanging
	if m.dialog != nil {
		p := parts.dialog
		lines, cursor = append(lines, p.lines...), p.cursor
		for _, h := range p.hung {
			h.row += at
			hung = append(hung, h)
		}
	} else {
		lines, cursor = append(lines, m.composer.view(m.styles)...), m.composer.cursor()
	}
	if parts.status {
		lines = append(lines, m.lastLine())
	}
	for i, line := range lines {
		lines[i] = m.styles.cut(line, m.width, "")
	}
	lines = lines[:min(len(lines), m.height)]
	if at < len(lines) {
		lines[at] = m.canvas.prepare(m.scene(hung)) + lines[at]
	}
	v.SetContent(strings.Join(lines, "\n"))
	if cursor != nil {
		cursor.X, cursor.Y = min(cursor.X, m.width-1), min(cursor.Y+at, m.height-1)
		v.Cursor = cursor
	}
	return v
}

// lastLine is the screen's: what goes on, or which keys a dialog has, or what is
// selected or edited.
func (m *model) lastLine() string {
	hint := ""
	switch {
	case m.dialog != nil:
		hint = m.dialog.hint()
	case m.transcript.selected != nil:
		hint = m.selectionHint()
	case slices.Contains(m.attachments, m.chips.selected):
		hint = m.chipHint()
	}
	if hint != "" && m.status.flash == "" {
		return " " + m.styles.faint.Render(m.styles.cut(hint, m.width-2, "…"))
	}
	if m.edit != nil && m.status.quiet() {
		return " " + m.styles.faint.Render(m.styles.cut(m.editHint(), m.width-2, "…"))
	}
	return m.status.view(m.width, m.styles)
}

// parts says which parts of the screen there is room for.
type parts struct {
	transcript          int // lines
	rule, chips, status bool
	offer               []string // to complete what is written
	dialog              panel
}

// arrange shares out the screen's lines: the composer comes first, or the dialog that
// stands in its place.
func (m *model) arrange() parts {
	var p parts
	room := m.height - m.composer.height()
	if m.dialog != nil {
		p.dialog = m.drawDialog()
		room = m.height - len(p.dialog.lines)
	}
	take := func(wanted bool) bool {
		if !wanted || room < 1 {
			return false
		}
		room--
		return true
	}
	p.status = take(true)
	p.offer = m.offered(min(room-1, m.height/3))
	room -= len(p.offer)
	p.chips = take(len(m.attachments) > 0 && m.dialog == nil)
	p.rule = take(true)
	p.transcript = max(0, room)
	return p
}

// layout tells the transcript how large it is.
func (m *model) layout() {
	m.look = m.terminal.shows(m.profile, m.dark)
	m.transcript.resize(m.frame(), m.arrange().transcript)
}

// frame is what blocks and dialogs draw themselves in.
func (m *model) frame() frame {
	return frame{
		width: m.width,
		// The screen's height alone decides, so that pictures keep their size
		// while the composer grows.
		pictureRows: max(1, min(20, m.height/2)),
		terminal:    m.look,
		styles:      m.styles,
		unfolded:    m.unfolded,
		stop:        m.status.stop,
		noFooter:    m.options.NoFooter,
		plain:       m.plain,
	}
}

// rule parts the transcript from the composer, and says so when there is more to
// see below. Above a dialog it has its title.
func (m *model) rule() string {
	switch {
	case m.dialog != nil:
		return m.ruleWith(" "+termtext.Line(m.dialog.title())+" ", m.styles.strong)
	case m.edit != nil:
		return m.ruleWith(fmt.Sprintf(" editing message %d ", m.edit.of.number), m.styles.strong)
	case m.transcript.atEnd():
		return m.styles.rule.Render(strings.Repeat("─", m.width))
	}
	return m.ruleWith(" "+m.belowSign()+" ", m.styles.warning)
}

// belowSign says how much there is below, and which key goes there.
func (m *model) belowSign() string {
	key := m.keys.bottom
	if m.composer.empty() && m.keys.end.Enabled() {
		key = m.keys.end
	}
	goes := ""
	if key.Enabled() {
		goes = dot + shownKeys(key.Keys()[:1])
	}
	lines, blocks := m.transcript.below()
	if blocks > 0 {
		return fmt.Sprintf("↓ %s%s", plural(blocks, "message"), goes)
	}
	return fmt.Sprintf("↓ %s%s", plural(lines, "line"), goes)
}

func (m *model) ruleWith(text string, style lipgloss.Style) string {
	text = m.styles.cut(text, m.width, "")
	left := max(0, (m.width-m.styles.width(text))/2)
	right := max(0, m.width-left-m.styles.width(text))
	return m.styles.rule.Render(strings.Repeat("─", left)) +
		style.Render(text) +
		m.styles.rule.Render(strings.Repeat("─", right))
}

// scene says where on the screen the pictures are that View has drawn, those of a
// dialog besides the transcript's.
func (m *model) scene(ofDialog []hanging) scene {
	if !graphical(m.look) {
		return scene{} // they are text like any other
	}
	if m.zoom != nil {
		return scene{terminal: m.look, height: m.height, pictures: m.zoom.hung, kept: append(m.transcript.shots(), m.zoom.screen)}
	}
	pictures, kept := m.transcript.hung, m.transcript.shots()
	for _, h := range ofDialog {
		pictures, kept = append(pictures, h), append(kept, h.shot)
	}
	return scene{terminal: m.look, height: m.height, pictures: pictures, kept: kept}
}
