package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// composer is where the person writes: an editor of a few lines with the
// messages of this and earlier runs behind it.
type composer struct {
	box         *textbox
	placeholder string
	history     []string
	at          int            // in history; len(history) is the draft
	edited      map[int]string // what was being written at places of the history that were left since
}

const (
	prompt      = "› "
	placeholder = "Type a question"
	// maxComposerLines is how far the editor grows before it scrolls.
	maxComposerLines = 6
)

func newComposer(k *Keys) *composer {
	return &composer{box: newTextbox(k.forEditor()), placeholder: hints(placeholder, hint("for keys", k.help))}
}

// resize gives the composer a width and the height of the whole screen.
func (c *composer) resize(width, screen int, by measure) {
	// The last column is the cursor's behind a full row.
	c.box.resize(max(1, width-len(indent)-1), min(maxComposerLines, max(1, screen/3)), by)
}

func (c *composer) value() string { return c.box.text }

func (c *composer) empty() bool { return c.box.text == "" }

// set replaces what is written.
func (c *composer) set(text string) { c.box.replace(writable(text)) }

// writable is a text as the composer holds it, wherever it comes from.
func writable(text string) string { return strings.ReplaceAll(termtext.Sanitize(text), "\t", tab) }

// insert puts text at the cursor, and reports whether there was room for it.
func (c *composer) insert(text string) bool { return c.box.insert(termtext.Sanitize(text)) }

// around returns what is before the cursor and what is behind it.
func (c *composer) around() (before, behind string) {
	return c.box.text[:c.box.at], c.box.text[c.box.at:]
}

// giveBack puts a text that could not be used before whatever was written since.
func (c *composer) giveBack(text string) {
	if rest := c.value(); rest != "" {
		text += " " + rest
	}
	c.set(text)
}

// complete puts a text in the place of what was written from a place to the cursor.
func (c *composer) complete(from int, text string) {
	c.box.change(from, c.box.at, writable(text))
}

// take empties the composer and remembers what was in it.
func (c *composer) take() string {
	written := c.value()
	c.box.set("")
	c.box.forget()
	text := strings.TrimSpace(written)
	if n := len(c.history); text != "" && (n == 0 || c.history[n-1] != written) {
		c.history = append(c.history, written)
	}
	c.at = len(c.history)
	c.edited = nil
	return text
}

// recall puts messages of earlier runs behind those of this one.
func (c *composer) recall(earlier []string) {
	edited := map[int]string{}
	for i, text := range c.edited {
		edited[i+len(earlier)] = text
	}
	c.history = append(slices.Clip(earlier), c.history...)
	c.at, c.edited = c.at+len(earlier), edited
}

// turn shows another message of the history, or the draft, and keeps what is written
// at the place that is left.
func (c *composer) turn(to int) {
	if c.edited == nil {
		c.edited = map[int]string{}
	}
	c.edited[c.at] = c.value()
	c.at = to
	if text, was := c.edited[to]; was {
		c.set(text)
	} else {
		c.set(c.history[to])
	}
}

// press takes a key.
func (c *composer) press(msg tea.KeyPressMsg) { c.box.press(msg) }

// click moves the cursor to a cell of what is seen.
func (c *composer) click(column, row int) {
	c.box.anchor = -1
	c.box.at = c.box.place(min(c.box.top+row, c.box.rows-1), max(0, column-len(indent)))
}

// atTop reports whether the cursor is on the first line.
func (c *composer) atTop() bool { row, _ := c.box.locate(c.box.at); return row == 0 }

// older shows the message before, if the cursor is on the first line.
func (c *composer) older() bool {
	if !c.atTop() || c.at == 0 {
		return false
	}
	c.turn(c.at - 1)
	return true
}

// newer shows the message after, if the cursor is on the last line.
func (c *composer) newer() bool {
	if row, _ := c.box.locate(c.box.at); row < c.box.rows-1 || c.at == len(c.history) {
		return false
	}
	c.turn(c.at + 1)
	return true
}

func (c *composer) height() int { return c.box.seen() }

// view draws the lines that are seen.
func (c *composer) view(st *styles) []string {
	if c.empty() {
		return []string{st.bar.Render(prompt) + st.faint.Render(c.placeholder)}
	}
	var lines []string
	from, to := c.box.selection()
	for row := c.box.top; row < c.box.top+c.box.seen(); row++ {
		edge := indent
		if row == 0 {
			edge = st.bar.Render(prompt)
		}
		text, start := c.box.rowOf(row)
		in := func(at int) int { return max(0, min(len(text), at-start)) }
		if i, j := in(from), in(to); i < j {
			text = text[:i] + st.selected.Render(text[i:j]) + text[j:]
		}
		lines = append(lines, edge+text)
	}
	return lines
}

// cursor is where the next letter goes.
func (c *composer) cursor() *tea.Cursor {
	row, column := c.box.locate(c.box.at)
	cursor := tea.NewCursor(len(indent)+column, row-c.box.top)
	cursor.Shape = tea.CursorBar
	// Blinking, and not a block: Bubble Tea takes a blinking block for every terminal's
	// own cursor and would leave it behind.
	cursor.Blink = true
	return cursor
}
