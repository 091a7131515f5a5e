package ui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// entry is something that can be picked.
type entry struct {
	lead    string // is drawn before the name, where the entries stand in their order, and not searched
	name    string // what the person writes to find it
	about   string // more of it, fainter
	section string // the heading under which it stands, with its neighbours that have the same one
	current bool   // it is what is chosen now
	unfit   bool   // it is of no use now, for a reason that about or the section says
	alike   string // further words by which it is found
	path    bool   // of a name that is too long the end is shown, which tells it from its neighbours
	value   any    // for whoever opened the picker

	low     []rune // the name in small letters, and what is searched besides: made by clean
	lowRest string
}

// picker is a dialog in which one of many is chosen, by moving to it or by writing
// some of its name. Where nothing but lines is shown (plain), it is a numbered list
// in the conversation, and the command with a number picks.
type picker struct {
	heading string
	command string // that opens it: /command N picks in a plain chat
	entries []entry
	empty   string // said in place of entries if there are none
	does    string // what Enter does, "chooses" if it is empty

	// fetch finds the entries, or more of them, outside the chat's goroutine, and
	// hands them over as they come. It may be nil.
	fetch fetch
	// fetched is called when fetch has ended, in the chat's goroutine. May be nil.
	fetched func(m *model)
	// doing says what fetch does, for a person who waits: "listing the models".
	doing string

	// pick is called with what was chosen, when the picker is closed already.
	pick func(m *model, e entry) tea.Cmd
	// write is called with what was written where it is no entry's name, when the
	// picker is closed already; writes says what comes of it: "pulls". May be nil.
	write  func(m *model, text string) tea.Cmd
	writes string
	// preview draws more of the entry that would be picked, in a frame of its own:
	// beside the entries, or below them on a narrow screen. May be nil.
	preview func(e entry, f frame, height int) panel
	// moved is called when another entry would be picked, so that what its preview
	// shows can be read. May be nil.
	moved func(m *model, e entry) tea.Cmd
	// sought is called when something else is written, so that it can be looked for
	// where the entries don't tell. May be nil.
	sought func(m *model, p *picker, written string) tea.Cmd
	// ofTalk says that the entries are of the conversation, and go with it.
	ofTalk bool
	// keys are further ones that are about an entry.
	keys []pickerKey
	// marked tells which entries are chosen already, of several. May be nil.
	marked func(e entry) bool
	// left is called when the picker is closed, whether something was picked or not. May
	// be nil.
	left func()
	// back is called when the picker is left with nothing picked, to go back to where it was
	// opened. May be nil.
	back func(m *model) tea.Cmd
	// begin is the name of the entry at which one is at first; none if it is empty.
	begin string
	// begun is what is written at first.
	begun string
	// names is how many cells of a line names take at most; what suits them if it is 0.
	names int

	bound   *Keys
	filter  textinput.Model
	matches []match
	at      int   // index of the match that would be picked
	first   int   // index of the row that is drawn first
	rows    []int // what the rows are that were drawn: indexes of matches, -1 for others
	above   int   // the lines above the rows
	tall    int   // the most rows that were drawn
	column  int   // of a wide screen: where the rows end
	looked  any   // value of the entry that moved was called with
	touched bool  // the person has moved
	search  *search
	failure error // of fetch
}

// pickerKey is a key that does something with the entry that would be picked, while
// the picker stays.
type pickerKey struct {
	binding   key.Binding
	does      func(m *model, p *picker, e entry) tea.Cmd
	unwritten bool // it does so as long as nothing is written, in which it moves otherwise
}

// openPicker opens a picker, or lists its entries in a plain chat.
func (m *model) openPicker(p *picker) tea.Cmd {
	for i := range p.entries {
		p.entries[i].clean()
	}
	p.bound = m.keys
	p.filter = m.styles.newInput(prompt)
	p.filter.SetValue(p.begun)
	p.filter.CursorEnd()
	p.update()
	p.toCurrent()
	if p.command != "" {
		m.shown[p.command] = p
	}
	if m.plain {
		return m.openList(p)
	}
	m.closeDialog()
	m.dialog = p
	return tea.Batch(p.filter.Focus(), m.startSearch(p), p.look(m))
}

// toCurrent goes to what is chosen now, of a path to its end, or to where one is to begin.
func (p *picker) toCurrent() {
	p.at = 0
	for i, f := range p.matches {
		switch {
		case p.begin != "" && f.entry.name == p.begin:
			p.at = i
			return
		case f.entry.current:
			p.at = i
		}
	}
}

// clean makes what is shown of an entry safe, and as long as what is found in it. It is
// done once, as there may be ten thousand.
func (e *entry) clean() {
	e.name, e.about, e.section = termtext.Line(e.name), termtext.Line(e.about), termtext.Line(e.section)
	e.low, e.lowRest = lower(e.name), string(lower(e.section+" "+e.about+" "+e.alike))
}

func (p *picker) title() string { return p.heading }

func (p *picker) hint() string {
	does := p.does
	if does == "" {
		does = "chooses"
	}
	if written := p.written(); written != "" && p.write != nil && len(p.matches) == 0 {
		does = p.writes + " " + written
	}
	all := []string{hint(does, p.bound.pick), hint("leaves", p.bound.leave)}
	for _, k := range p.keys {
		if k.unwritten && p.filter.Value() != "" {
			continue
		}
		all = append(all, hint(k.binding.Help().Desc, k.binding))
	}
	return hints(all...)
}

// written is what the person wrote.
func (p *picker) written() string { return strings.TrimSpace(p.filter.Value()) }

// update finds the entries that have every word of the filter, the best first. Without
// one they stay in their order.
func (p *picker) update() {
	words := strings.Fields(p.filter.Value())
	p.matches = p.matches[:0]
	for _, e := range p.entries {
		if found, ok := matching(words, e); ok {
			p.matches = append(p.matches, found)
		}
	}
	if len(words) > 0 {
		slices.SortStableFunc(p.matches, func(a, b match) int { return a.rank - b.rank })
	}
	p.at = max(0, min(p.at, len(p.matches)-1))
}

// move goes so many entries down.
func (p *picker) move(n int) {
	p.at = max(0, min(p.at+n, len(p.matches)-1))
	p.touched = true
}

// beside is the name of the entry below the one that would be picked, or above it.
func (p *picker) beside() string {
	switch {
	case p.at+1 < len(p.matches):
		return p.matches[p.at+1].entry.name
	case p.at > 0 && p.at <= len(p.matches):
		return p.matches[p.at-1].entry.name
	}
	return ""
}

// look tells whoever wants to know which entry would be picked now.
func (p *picker) look(m *model) tea.Cmd {
	if p.moved == nil || len(p.matches) == 0 {
		return nil
	}
	e := p.matches[p.at].entry
	if p.looked == e.value {
		return nil
	}
	p.looked = e.value
	return p.moved(m, e)
}

// choose closes the picker and takes what would be picked.
func (p *picker) choose(m *model) tea.Cmd {
	if len(p.matches) > 0 {
		m.closeDialog()
		return p.pick(m, p.matches[p.at].entry)
	}
	if written := p.written(); written != "" && p.write != nil {
		m.closeDialog()
		return p.write(m, written)
	}
	return nil
}

func (p *picker) press(m *model, msg tea.KeyPressMsg) tea.Cmd {
	page := max(1, len(p.rows)-1)
	for _, k := range p.keys {
		if key.Matches(msg, k.binding) && len(p.matches) > 0 && (!k.unwritten || p.filter.Value() == "") {
			return k.does(m, p, p.matches[p.at].entry)
		}
	}
	switch {
	case key.Matches(msg, m.keys.leave):
		m.closeDialog()
		if p.back != nil {
			return p.back(m)
		}
	case key.Matches(msg, m.keys.pick):
		return p.choose(m)
	case key.Matches(msg, m.keys.pickPrev):
		p.move(-1)
	case key.Matches(msg, m.keys.pickNext):
		p.move(1)
	case key.Matches(msg, m.keys.pickPageUp):
		p.move(-page)
	case key.Matches(msg, m.keys.pickPageDown):
		p.move(page)
	case key.Matches(msg, m.keys.pickFirst):
		p.move(-len(p.matches))
	case key.Matches(msg, m.keys.pickLast):
		p.move(len(p.matches))
	default:
		return p.edit(m, msg)
	}
	return p.look(m)
}

func (p *picker) paste(m *model, text string) tea.Cmd {
	return p.edit(m, tea.PasteMsg{Content: termtext.Line(text)})
}

// edit passes a key or a paste to the filter.
func (p *picker) edit(m *model, msg tea.Msg) tea.Cmd {
	before := p.filter.Value()
	var cmd tea.Cmd
	p.filter, cmd = p.filter.Update(msg)
	if p.filter.Value() != before {
		p.at, p.first = 0, 0
		p.update()
		if p.sought != nil {
			cmd = tea.Batch(cmd, p.sought(m, p, p.written()))
		}
	}
	return tea.Batch(cmd, p.look(m))
}

func (p *picker) mouse(m *model, msg tea.MouseMsg, at int) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			p.move(-1)
		case tea.MouseWheelDown:
			p.move(1)
		}
	case tea.MouseClickMsg:
		row := at - p.above
		if row < 0 || row >= len(p.rows) || p.rows[row] < 0 || p.column > 0 && msg.X >= p.column {
			return nil
		}
		p.at = p.rows[row]
		return p.choose(m)
	}
	return p.look(m)
}

// nothing says why there is nothing to pick, nil if there is no reason to.
func (p *picker) nothing() *note {
	switch {
	case p.failure != nil:
		text, hint := explain(p.failure)
		return &note{text: text, hint: hint, bad: true}
	case len(p.matches) > 0 || p.search != nil:
		return nil
	case p.written() != "" && p.write != nil:
		return &note{text: fmt.Sprintf("Nothing here is called %s. %s it.", p.written(), hint(p.writes, p.bound.pick))}
	case len(p.entries) > 0:
		return &note{text: fmt.Sprintf("Nothing here matches %q.", p.written())}
	}
	return &note{text: p.empty}
}
