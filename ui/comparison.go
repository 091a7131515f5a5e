package ui

import (
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// leastColumn is how narrow a column may be; where there is less room the answers stand
// one above the other.
const leastColumn = 34

func (c *comparison) version() int {
	v := c.changes
	for _, col := range c.columns {
		v += col.exchange.answer.version() + col.doing.frame
	}
	return v
}

// tick has the time go on that the answers take.
func (c *comparison) tick(now time.Time) {
	for _, col := range c.columns {
		col.doing.tick(now)
		col.exchange.answer.tick(now)
	}
}

// draw puts the two answers side by side, each under its name.
func (c *comparison) draw(f frame) []string {
	const gap = 3
	each := (f.width - gap) / 2
	if each < leastColumn || f.plain {
		lines := c.columns[0].draw(f, 1)
		lines = append(append(lines, ""), c.columns[1].draw(f, 2)...)
		if f.plain {
			lines = append(lines, "", indent+"/compare 1 or /compare 2 chooses which one goes on.")
		}
		return lines
	}
	st, inner := f.styles, f
	inner.width = each
	left, right := c.columns[0].draw(inner, 1), c.columns[1].draw(inner, 2)
	edge := st.rule.Render(" │ ")
	var lines []string
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		lines = append(lines, l+spaces(each-st.width(l))+edge+r)
	}
	return lines
}

// draw returns a column: its number and name, its answer, and what goes on.
func (col *candidate) draw(f frame, number int) []string {
	st := f.styles
	lines := []string{indent + st.strong.Render(st.cut(fmt.Sprintf("%d %s", number, termtext.Line(col.name)), f.width-len(indent), "…"))}
	a := col.exchange.answer
	seen := a.drawn // where it stands in the conversation, too, as one that was there before
	lines = append(lines, a.draw(f)...)
	a.drawn = seen
	if col.underway() && col.doing.text != "" {
		lines = append(lines, indent+st.faint.Render(st.cut(col.doing.view(f.stop), f.width-len(indent), "…")))
	}
	return lines
}

// comparing is the dialog in which a person chooses between two answers.
type comparing struct {
	c    *comparison
	keys *Keys
}

func (d *comparing) title() string { return "Compare" }

func (d *comparing) draw(f frame, _ int) panel {
	text := "Which one goes on?"
	if d.c.grows() {
		text = "Two answers are on their way."
	}
	return panel{lines: []string{indent + f.styles.cut(text, f.width-len(indent), "…")}, cursor: tea.NewCursor(0, 0)}
}

func (d *comparing) hint() string {
	if d.c.grows() {
		return hints(hint("stops both", d.keys.stop), hint("scroll", d.keys.pageUp, d.keys.pageDown))
	}
	return hints("1 or 2 chooses", hint("leaves it as it was", d.keys.stop))
}

func (d *comparing) press(m *model, msg tea.KeyPressMsg) tea.Cmd {
	page := max(1, m.transcript.height-1)
	switch {
	case key.Matches(msg, m.keys.stop) && d.c.grows():
		m.stopColumns()
	case key.Matches(msg, m.keys.stop):
		m.endComparison()
	case key.Matches(msg, m.keys.pageUp):
		m.transcript.scroll(-page)
	case key.Matches(msg, m.keys.pageDown):
		m.transcript.scroll(page)
	case key.Matches(msg, m.keys.thoughts):
		m.turnThoughts()
	case msg.Text == "1" || msg.Text == "2":
		m.chooseColumn(int(msg.Text[0] - '1'))
	}
	return nil
}

func (d *comparing) paste(*model, string) tea.Cmd { return nil }

func (d *comparing) mouse(m *model, msg tea.MouseMsg, _ int) tea.Cmd {
	if wheel, ok := msg.(tea.MouseWheelMsg); ok {
		m.wheel(wheel)
	}
	return nil
}
