package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// composer is where the person writes: an editor of a few lines with the
// messages of this and earlier runs behind it.
type composer struct {
	area    textarea.Model
	history []string
	at      int            // in history; len(history) is the draft
	edited  map[int]string // what was being written at places of the history that were left since
}

const (
	prompt      = "› "
	placeholder = "Type a question"
	// maxComposerLines is how far the editor grows before it scrolls.
	maxComposerLines = 6
	// maxMessageLines is a limit of the editor itself, on what it holds.
	maxMessageLines = 5000
)

func newComposer(k *Keys) *composer {
	area := textarea.New()
	area.ShowLineNumbers = false
	area.SetPromptFunc(len(indent), func(p textarea.PromptInfo) string {
		if p.LineNumber == 0 {
			return prompt
		}
		return indent
	})
	area.KeyMap = k.forEditor()
	area.Placeholder = hints(placeholder, hint("for keys", k.help))
	area.DynamicHeight = true
	area.MaxWidth = 0 // as wide as it is told to be
	area.MaxContentHeight = maxMessageLines
	area.SetVirtualCursor(false)
	area.Focus()
	return &composer{area: area}
}

// resize gives the composer a width and the height of the whole screen.
func (c *composer) resize(width, screen int) {
	c.area.MaxHeight = min(maxComposerLines, max(1, screen/3))
	c.area.SetWidth(max(width, len(indent)+1))
	c.update(nil) // brings the cursor back into view
}

func (c *composer) value() string { return c.area.Value() }

func (c *composer) empty() bool { return c.area.Value() == "" }

// set replaces what is written.
func (c *composer) set(text string) {
	c.area.SetValue(text)
	c.area.MoveToEnd()
}

// insert puts text at the cursor.
func (c *composer) insert(text string) {
	c.update(tea.PasteMsg{Content: termtext.Sanitize(text)})
}

// giveBack puts a text that could not be used before whatever was written since.
func (c *composer) giveBack(text string) {
	if rest := c.value(); rest != "" {
		text += " " + rest
	}
	c.set(text)
}

// take empties the composer and remembers what was in it.
func (c *composer) take() string {
	written := c.value()
	c.area.Reset()
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

// update passes a key or a paste to the editor.
func (c *composer) update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	c.area, cmd = c.area.Update(msg)
	return cmd
}

// atTop reports whether the cursor is on the first line.
func (c *composer) atTop() bool { return c.area.Line() == 0 && c.area.LineInfo().RowOffset == 0 }

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
	info := c.area.LineInfo()
	if c.area.Line() < c.area.LineCount()-1 || info.RowOffset < info.Height-1 || c.at == len(c.history) {
		return false
	}
	c.turn(c.at + 1)
	return true
}

func (c *composer) height() int { return c.area.Height() }

func (c *composer) view() []string { return strings.Split(c.area.View(), "\n") }

func (c *composer) cursor() *tea.Cursor { return c.area.Cursor() }
