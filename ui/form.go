package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// form is a dialog of fields that are filled in and sent together.
type form struct {
	heading string
	about   string // what it is for, above the fields; may be empty
	does    string // what sending it does: "asks"
	fields  []*formField
	bound   *Keys // which key does what
	at      int   // index of the field that is written in
	first   int   // of the lines, the one that is drawn first
	rows    []int // the fields that the lines drawn are of, -1 for none

	// send is called with what was filled in. What it finds wrong, by the names of the
	// fields, stands beside them, and the form stays; with nothing wrong it is closed.
	send func(m *model, values map[string]string) (tea.Cmd, map[string]string)
	// back is called when the form is left without sending it, to go back to where it was
	// opened. May be nil.
	back func(m *model) tea.Cmd
}

// formField is one of a form's fields.
type formField struct {
	name     string
	about    string   // fainter, behind the name
	value    string   // at first
	choices  []string // it is one of these; nil leaves it free
	required bool
	problem  string // why it can't be sent so

	input  textinput.Model
	choice int // index of the choice, -1 for none
}

// openForm opens a form. Its first field with a problem, or the first of all, is the one
// to write in.
func (m *model) openForm(f *form) tea.Cmd {
	for _, field := range f.fields {
		field.choice = slices.Index(field.choices, field.value)
		field.input = m.styles.newInput("")
		field.input.SetValue(field.value)
	}
	f.bound = m.keys
	m.closeDialog()
	m.dialog = f
	return f.goTo(max(0, f.firstProblem()))
}

func (f *form) firstProblem() int {
	return slices.IndexFunc(f.fields, func(field *formField) bool { return field.problem != "" })
}

// goTo makes a field the one that is written in.
func (f *form) goTo(at int) tea.Cmd {
	f.fields[f.at].input.Blur()
	f.at = (at + len(f.fields)) % len(f.fields)
	return f.fields[f.at].input.Focus()
}

func (f *form) title() string { return f.heading }

func (f *form) hint() string {
	send := "goes on"
	if f.at == len(f.fields)-1 {
		send = f.does
	}
	choose := ""
	if f.fields[f.at].choices != nil {
		choose = hint("choose", f.bound.choicePrev, f.bound.choiceNext)
	}
	return hints(hint(send, f.bound.pick), choose, hint("next field", f.bound.fieldNext), hint("leaves", f.bound.leave))
}

func (f *form) draw(fr frame, height int) panel {
	st := fr.styles
	var lines []string
	var cursor *tea.Cursor
	var rows []int
	from, to := 0, 0 // the lines of the field that is written in
	if f.about != "" {
		lines = append(lines, (&note{text: f.about}).lines(fr.width, st)...)
		rows = slices.Repeat([]int{-1}, len(lines))
	}
	for i, field := range f.fields {
		if i == f.at {
			from = len(lines)
		}
		lines = append(lines, field.label(i == f.at, fr.width, st))
		value, at := field.draw(max(1, fr.width-len(deeper)), st)
		if i == f.at && at != nil {
			at.X, at.Y = min(at.X+len(deeper), fr.width-1), len(lines)
			cursor = at
		}
		lines = append(lines, st.cut(deeper+value, fr.width, ""))
		if field.problem != "" {
			wrong := note{text: field.problem, bad: true}
			lines = append(lines, indented(wrong.lines(max(1, fr.width-len(indent)), st))...)
		}
		if i == f.at {
			to = len(lines)
		}
		for len(rows) < len(lines) {
			rows = append(rows, i)
		}
	}
	if f.at == 0 {
		from = 0 // with what stands above it, if there is room
	}
	f.first = max(min(f.first, from), to-height, 0)
	shown := min(len(lines), f.first+height)
	lines, f.rows = lines[f.first:shown], rows[f.first:shown]
	if cursor == nil {
		cursor = tea.NewCursor(min(len(deeper), fr.width-1), to-1)
	}
	cursor.Y = max(0, min(cursor.Y-f.first, len(lines)-1))
	return panel{lines: lines, cursor: cursor}
}

// deeper stands before what is filled in.
const deeper = indent + indent

// label is the line above a field.
func (field *formField) label(active bool, width int, st *styles) string {
	mark, name := indent, field.name
	if active {
		mark, name = st.bar.Render(prompt), st.strong.Render(name)
	}
	about := field.about
	if field.required {
		about = strings.TrimSuffix("needed"+dot+about, dot)
	}
	return st.cut(mark+name+indent+st.faint.Render(about), width, "…")
}

// draw is what is filled in, and where the cursor is in it.
func (field *formField) draw(width int, st *styles) (string, *tea.Cursor) {
	if field.choices == nil {
		field.input.SetWidth(max(1, width-1))
		return st.cut(field.input.View(), width, ""), field.input.Cursor()
	}
	chosen := "–"
	if field.choice >= 0 {
		chosen = field.choices[field.choice]
	}
	return st.cut("‹ "+termtext.Line(chosen)+" ›", width, "…"), nil
}

// filled is what the field has.
func (field *formField) filled() string {
	if field.choices == nil {
		return field.input.Value()
	}
	if field.choice < 0 {
		return ""
	}
	return field.choices[field.choice]
}

func (f *form) press(m *model, msg tea.KeyPressMsg) tea.Cmd {
	field := f.fields[f.at]
	switch {
	case key.Matches(msg, m.keys.leave):
		m.closeDialog()
		if f.back != nil {
			return f.back(m)
		}
	case key.Matches(msg, m.keys.pick):
		if f.at < len(f.fields)-1 {
			return f.goTo(f.at + 1)
		}
		return f.submit(m)
	case key.Matches(msg, m.keys.fieldNext), key.Matches(msg, m.keys.pickNext):
		return f.goTo(f.at + 1)
	case key.Matches(msg, m.keys.fieldPrev), key.Matches(msg, m.keys.pickPrev):
		return f.goTo(f.at - 1)
	case field.choices == nil:
		return field.edit(msg)
	case key.Matches(msg, m.keys.choiceNext):
		field.choose(field.choice + 1)
	case key.Matches(msg, m.keys.choicePrev):
		field.choose(max(field.choice, 0) - 1)
	}
	return nil
}

// submit sends the form, or shows what is wrong.
func (f *form) submit(m *model) tea.Cmd {
	values := map[string]string{}
	for _, field := range f.fields {
		values[field.name] = field.filled()
	}
	m.closeDialog()
	cmd, wrong := f.send(m, values)
	if len(wrong) == 0 {
		return cmd
	}
	m.dialog = f
	for _, field := range f.fields {
		field.problem = wrong[field.name]
	}
	return f.goTo(max(0, f.firstProblem()))
}

// edit passes a key or a paste to what is written.
func (field *formField) edit(msg tea.Msg) tea.Cmd {
	before := field.input.Value()
	var cmd tea.Cmd
	field.input, cmd = field.input.Update(msg)
	if field.input.Value() != before {
		field.problem = ""
	}
	return cmd
}

func (field *formField) choose(i int) {
	n := len(field.choices)
	field.choice = (i + n) % n
	field.problem = ""
}

func (f *form) paste(_ *model, text string) tea.Cmd {
	field := f.fields[f.at]
	if field.choices != nil {
		return nil
	}
	return field.edit(tea.PasteMsg{Content: termtext.Line(text)})
}

func (f *form) mouse(_ *model, msg tea.MouseMsg, at int) tea.Cmd {
	if _, ok := msg.(tea.MouseClickMsg); !ok || at < 0 || at >= len(f.rows) || f.rows[at] < 0 {
		return nil
	}
	return f.goTo(f.rows[at])
}
