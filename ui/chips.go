package ui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// chips is the row of attachments above the composer. One of them can be selected, to be
// moved, looked at or removed; what is written goes to the composer nevertheless.
type chips struct {
	selected *attachment // nil if none is; one that is not there any more counts as none
	first    int         // the one that is drawn first
}

// seenChip is an attachment where the row has it.
type seenChip struct {
	of       *attachment
	text     string
	short    bool // there was no room for all of it
	from, to int  // its columns, with its brackets; behind them is what removes it
}

// removeSign stands behind a chip; a click on it removes that.
const removeSign = "×"

// shown are the attachments that have a chip: what may be no picture has none before it
// is read.
func (as attachments) shown() attachments {
	return slices.DeleteFunc(slices.Clone(as), func(a *attachment) bool { return a.shot == nil && a.perhaps })
}

// lay places chips from one on, as many as there is room for.
func (as attachments) lay(first, width int, st *styles) []seenChip {
	const (
		edges = 3 // brackets and removeSign
		least = 8 // of what is shown of an attachment

		unlimited = 1 << 20
	)
	var seen []seenChip
	col := len(indent) + st.width(moreBefore(first))
	for i, a := range as[first:] {
		room := width - col - edges - st.width(moreBehind(len(as)-first-i-1))
		text := a.chip(max(room, least), st)
		if i > 0 && st.width(text) > room {
			break
		}
		to := col + st.width(text) + edges - 1
		seen = append(seen, seenChip{a, text, text != a.chip(unlimited, st), col, to})
		col = to + 2
	}
	return seen
}

// moreBefore and moreBehind say how many chips there are that are not seen.
func moreBefore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("‹%d ", n)
}

func moreBehind(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" +%d", n)
}

// row returns the chips that are seen, the one that is selected among them, whole if
// there is room for that.
func (c *chips) row(as attachments, width int, st *styles) []seenChip {
	at := slices.Index(as, c.selected)
	c.first = max(0, min(c.first, at))
	seen := as.lay(c.first, width, st)
	fits := func(seen []seenChip, first int) bool { return at-first < len(seen) && !seen[at-first].short }
	for c.first < at && !fits(seen, c.first) {
		c.first++
		seen = as.lay(c.first, width, st)
	}
	for c.first > 0 && c.first+len(seen) == len(as) {
		wider := as.lay(c.first-1, width, st)
		if c.first-1+len(wider) < len(as) || !fits(wider, c.first-1) {
			break
		}
		c.first--
		seen = wider
	}
	return seen
}

// draw draws the chips on one line, and how many there are besides.
func (c *chips) draw(as attachments, width int, st *styles) string {
	seen := c.row(as, width, st)
	line := indent + st.faint.Render(moreBefore(c.first))
	for i, chip := range seen {
		if i > 0 {
			line += " "
		}
		if chip.of == c.selected {
			line += st.bar.Render("▐") + st.selected.Render(chip.text) + st.bar.Render("▌")
		} else {
			line += st.chip.Render("[" + chip.text + "]")
		}
		line += st.faint.Render(removeSign)
	}
	return line + st.faint.Render(moreBehind(len(as)-c.first-len(seen)))
}

// chip writes what an attachment is in so many cells. What tells it from others goes
// last: of a region where that is, of a file's picture its number behind the #.
func (a *attachment) chip(room int, st *styles) string {
	const recognisable = 6
	if a.shot == nil {
		name := shortName(a.source)
		return st.cut("reading "+name+"…", room, "…")
	}
	caption := a.shot.caption()
	if st.width(caption) <= room {
		return caption
	}
	name, rest := a.shot.name, a.shot.about()
	if a.shot.whole() {
		name, rest = splitChoice(a.shot.name)
	}
	name = st.cut(name, max(recognisable, room-st.width(rest)), "…")
	return st.cut(name+rest, room, "…")
}

// splitChoice parts a name from what chooses one of a file's pictures: "#3".
func splitChoice(name string) (file, chosen string) {
	if i := strings.LastIndexByte(name, '#'); i > 0 && choice().FindString(name[i:]) == name[i:] {
		return name[:i], name[i:]
	}
	return name, ""
}

// chipSelected returns the chips and which of them is selected, -1 for none.
func (m *model) chipSelected() (all attachments, at int) {
	all = m.attachments.shown()
	return all, slices.Index(all, m.chips.selected)
}

// selectChip selects a chip, the last one for -1. It reports whether there is any.
func (m *model) selectChip(at int) bool {
	all := m.attachments.shown()
	if len(all) == 0 {
		return false
	}
	if at < 0 {
		at = len(all) - 1
	}
	m.unselect()
	m.unsuggest()
	m.chips.selected = all[min(at, len(all)-1)]
	return true
}

func (m *model) unselectChip() { m.chips.selected = nil }

// pressChip takes a key while a chip is selected, and reports whether it was one for it.
// Any other one is for whom it would be otherwise, and ends the selection.
func (m *model) pressChip(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	all, at := m.chipSelected()
	k := &m.keys.onChip
	switch {
	case at < 0:
		m.unselectChip()
		return nil, false
	case key.Matches(msg, k.previous):
		m.selectChip(max(0, at-1))
	case key.Matches(msg, k.next) && at == len(all)-1, key.Matches(msg, k.leave):
		m.unselectChip() // behind the last one is the composer
	case key.Matches(msg, k.next):
		m.selectChip(at + 1)
	case key.Matches(msg, k.first):
		m.selectChip(0)
	case key.Matches(msg, k.last):
		m.selectChip(-1)
	case key.Matches(msg, k.earlier):
		m.swapChips(all, at, at-1)
	case key.Matches(msg, k.later):
		m.swapChips(all, at, at+1)
	case key.Matches(msg, k.remove):
		m.removeChip(all[at])
	case key.Matches(msg, k.zoom):
		if s := all[at].shot; s != nil {
			return m.zoomOn(s), true
		}
		m.status.flash = "it is being read"
	default:
		m.unselectChip()
		return nil, false
	}
	return nil, true
}

// chipHint says which keys act on the chip that is selected.
func (m *model) chipHint() string {
	k := &m.keys.onChip
	return hints(hint("others", k.previous, k.next), hint("removes", k.remove), hint("looks closer", k.zoom),
		hint("moves it", k.earlier, k.later), hint("leaves", k.leave))
}

// swapChips puts a chip in the place of its neighbour, in which order the model is sent
// the pictures, too.
func (m *model) swapChips(all attachments, at, other int) {
	if other < 0 || other >= len(all) {
		return
	}
	i, j := slices.Index(m.attachments, all[at]), slices.Index(m.attachments, all[other])
	m.attachments[i], m.attachments[j] = m.attachments[j], m.attachments[i]
	m.redraft()
}

// removeChip takes back an attachment. Its neighbour is selected in its place.
func (m *model) removeChip(a *attachment) {
	all := m.attachments.shown()
	at, selected := slices.Index(all, a), m.chips.selected == a
	if m.outbox != nil {
		m.unsend() // without this picture it is another message
	}
	a.drop()
	m.attachments = slices.DeleteFunc(m.attachments, func(o *attachment) bool { return o == a })
	m.redraft()
	m.unselectChip()
	if selected {
		m.selectChip(at)
	}
}

// clickChip takes a click on the row of chips.
func (m *model) clickChip(column int) {
	m.disarm()
	all := m.attachments.shown()
	seen := m.chips.row(all, m.width, m.styles)
	first := m.chips.first
	if len(seen) == 0 {
		return
	}
	switch {
	case column < seen[0].from && first > 0:
		m.selectChip(first - 1)
		return
	case column > seen[len(seen)-1].to && first+len(seen) < len(all):
		m.selectChip(first + len(seen))
		return
	}
	for i, c := range seen {
		switch {
		case column == c.to:
			m.removeChip(c.of)
		case column >= c.from && column < c.to:
			m.selectChip(first + i)
		}
	}
}
