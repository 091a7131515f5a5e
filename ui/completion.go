package ui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// suggestion is something that could stand where the person writes.
type suggestion struct {
	name   string // as it is shown
	about  string
	text   string // what it puts there
	goesOn bool   // more of it is to be written: a folder, a command with arguments
	file   string // in place of text: what can't be written, and is attached at once
}

// completion is what is offered to the person who writes, in lines above the composer.
// None of it is chosen at first, so that Enter sends.
type completion struct {
	from  int // where in the text what it replaces begins
	all   []suggestion
	at    int // the one that is chosen; -1 if none is
	first int // that is drawn
}

// completing is what the chat knows for completing.
type completing struct {
	offer   *completion
	refused int // behind where what the person wants nothing offered for begins; 0 for nothing

	folder  *folder // that was read last, for as long as something is offered
	reading string  // the folder that is being read
	wanted  bool    // the person asked for what is in it
	names   map[kind][]suggestion
	asked   map[kind]int // for which turn the names were asked for
}

type (
	folderMsg struct {
		dir    string
		folder *folder
	}
	namesMsg struct {
		kind  kind
		turn  int
		names []suggestion
	}
)

// mostOffered is how many suggestions are seen at once.
const mostOffered = 6

// suggest offers what fits what was written. Something that the person refused is not
// offered again, unless they ask.
func (m *model) suggest(asked bool) tea.Cmd {
	c := &m.completing
	if m.plain || m.dialog != nil {
		return nil
	}
	before, _ := m.composer.around()
	from, all, cmd := m.suggestions(before, asked)
	if cmd != nil {
		c.wanted = asked
	}
	if asked || from+1 != c.refused {
		c.refused = 0
	}
	if len(all) == 0 || c.refused > 0 || len(all) == 1 && strings.TrimSpace(all[0].text) == before[from:] {
		c.offer = nil
		if cmd == nil {
			c.folder = nil // it may be another one the next time
		}
		return cmd
	}
	c.offer = &completion{from: from, all: all, at: -1}
	return cmd
}

// unsuggest takes the offer away.
func (m *model) unsuggest() {
	c := &m.completing
	c.offer, c.folder = nil, nil
	delete(c.asked, promptNames) // either may be another one the next time
	delete(c.asked, titles)
}

// completeKey takes a key that is about the offer, or asks for one.
func (m *model) completeKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	c := &m.completing
	if c.offer == nil {
		if !key.Matches(msg, m.keys.complete) || m.composer.empty() {
			return nil, false
		}
		cmd := m.suggest(true)
		if c.offer == nil {
			return cmd, true
		}
		return tea.Batch(cmd, m.tab()), true
	}
	n := len(c.offer.all)
	switch {
	case key.Matches(msg, m.keys.complete):
		return m.tab(), true
	case key.Matches(msg, m.keys.historyPrev):
		if c.offer.at--; c.offer.at < -1 {
			c.offer.at = n - 1
		}
	case key.Matches(msg, m.keys.historyNext):
		if c.offer.at++; c.offer.at == n {
			c.offer.at = -1
		}
	case key.Matches(msg, m.keys.stop):
		c.refused = c.offer.from + 1
		m.unsuggest()
	case key.Matches(msg, m.keys.send) && c.offer.at >= 0:
		return m.accept(c.offer.all[c.offer.at]), true
	default:
		return nil, false
	}
	return nil, true
}

// tab is what Tab does: it writes what all suggestions begin with, or else chooses
// the first, or else takes the one that is chosen.
func (m *model) tab() tea.Cmd {
	o := m.completing.offer
	if o.at >= 0 {
		return m.accept(o.all[o.at])
	}
	before, _ := m.composer.around()
	written := before[o.from:]
	begin := slices.DeleteFunc(slices.Clone(o.all), func(s suggestion) bool { return !strings.HasPrefix(s.text, written) })
	switch {
	case len(o.all) == 1:
		return m.accept(o.all[0])
	case len(begin) == 1:
		return m.accept(begin[0])
	case len(begin) > 1:
		if common := commonText(begin); len(common) > len(written) {
			m.composer.complete(o.from, common)
			return m.suggest(true)
		}
	}
	o.at = 0
	return nil
}

// commonText is what the texts of all suggestions begin with.
func commonText(all []suggestion) string {
	common := all[0].text
	for _, s := range all[1:] {
		n := 0
		for _, r := range common {
			if !strings.HasPrefix(s.text[n:], string(r)) {
				break
			}
			n += len(string(r))
		}
		common = common[:n]
	}
	return common
}

// accept writes a suggestion, or attaches the file that it is.
func (m *model) accept(s suggestion) tea.Cmd {
	from := m.completing.offer.from
	m.unsuggest()
	if s.file != "" {
		m.composer.complete(from, "")
		return m.attach([]name{just(s.file)}, &request{})
	}
	text := s.text
	if _, behind := m.composer.around(); !s.goesOn && !strings.HasPrefix(behind, " ") {
		text += " "
	}
	m.composer.complete(from, text)
	if s.goesOn {
		return m.suggest(true)
	}
	return nil
}

// offered returns the lines of the offer, in at most so many.
func (m *model) offered(height int) []string {
	o := m.completing.offer
	height = min(height, mostOffered)
	if o == nil || height < 1 || m.dialog != nil {
		return nil
	}
	st, width := m.styles, m.width-len(indent)
	rows := min(height, len(o.all))
	more := len(o.all) > height && height > 1
	if more {
		rows = height - 1
	}
	o.first = max(min(o.first, o.at), o.at-rows+1, 0)
	seen := o.all[o.first:min(o.first+rows, len(o.all))]
	column := 0
	for _, s := range seen {
		column = max(column, st.width(termtext.Line(s.name)))
	}
	column = min(column, max(1, width*2/3))
	var lines []string
	for i, s := range seen {
		name := st.cut(termtext.Line(s.name), column, "…")
		pad := spaces(column - st.width(name) + 2)
		mark := indent
		if o.first+i == o.at {
			mark, name = st.bar.Render(prompt), st.strong.Render(name)
		}
		lines = append(lines, mark+name+pad+st.faint.Render(st.cut(termtext.Line(s.about), max(0, width-column-2), "…")))
	}
	if more {
		text := fmt.Sprintf("%d of them", len(o.all))
		if len(o.all) == mostFound {
			text = fmt.Sprintf("%d and more: write more of it", len(o.all))
		}
		text = hints(text, hint("completes", m.keys.complete), hint("choose", m.keys.historyPrev, m.keys.historyNext))
		lines = append(lines, indent+st.faint.Render(st.cut(text, width, "…")))
	}
	return lines
}

// knowFolder takes a folder that was read.
func (m *model) knowFolder(msg folderMsg) tea.Cmd {
	c := &m.completing
	if msg.dir != c.reading {
		return nil
	}
	c.reading = ""
	if c.folder = msg.folder; c.folder == nil {
		c.folder = &folder{dir: msg.dir} // of which nothing can be offered
	}
	return m.suggest(c.wanted)
}

// knowNames takes the names that a command takes.
func (m *model) knowNames(msg namesMsg) tea.Cmd {
	if msg.turn != m.turn {
		return nil
	}
	m.completing.names[msg.kind] = msg.names
	return m.suggest(false)
}
