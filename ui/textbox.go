package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/charmbracelet/x/ansi"
)

// textbox is a text that is being written, of any number of lines, with the keys that a
// shell's line has. What is taken for a character is what a person takes for one, and
// places are offsets of bytes between them. Only lines that change are wrapped anew, so
// that a long message is written as quickly as a short one.
type textbox struct {
	keys   writingKeys
	text   string
	at     int // the cursor
	anchor int // the other end of the selection; -1 if there is none

	past, future []moment // what undoing and doing again lead to
	typing       bool     // the last change was a letter: the next one belongs to it
	killed       string   // what was cut by the keys of a line editor, to be put back
	killing      int      // above 0 if the last key did so
	column       int      // where, in cells, going up and down leads to; -1 before it begins

	textLayout
	height int // of what is seen, in rows
	top    int // the first row of that
}

// moment is a text as it was, and where the cursor was in it.
type moment struct {
	text string
	at   int
}

// writingKeys are the keys with which one writes.
type writingKeys struct {
	left, right, up, down, wordLeft, wordRight               key.Binding
	lineStart, lineEnd, textStart, textEnd                   key.Binding
	selectLeft, selectRight, selectUp, selectDown            key.Binding
	selectWordLeft, selectWordRight                          key.Binding
	deleteLeft, deleteRight, deleteWordLeft, deleteWordRight key.Binding
	deleteToStart, deleteToEnd, undo, redo, yank             key.Binding
	newline, capitalise, lowerCase, upperCase                key.Binding
}

const (
	// mostMessage is how many bytes a message can have. What is longer is a file.
	mostMessage = 200_000
	// mostMoments is how many changes can be undone.
	mostMoments = 200
)

func newTextbox(keys writingKeys) *textbox {
	b := &textbox{keys: keys}
	b.set("")
	return b
}

// set replaces the text; the cursor is at its end.
func (b *textbox) set(text string) {
	b.text, b.at, b.anchor, b.column = text, len(text), -1, -1
	b.typing, b.killing = false, 0
	b.lay(b.text)
	b.show()
}

// replace is set for a text that is not what the person wrote, who can undo it.
func (b *textbox) replace(text string) {
	if text != b.text {
		b.change(0, len(b.text), text)
	}
	b.set(text)
}

// forget makes what was written before beyond undoing.
func (b *textbox) forget() { b.past, b.future = nil, nil }

// room is how many bytes more there may be.
func (b *textbox) room() int { return mostMessage - len(b.text) }

// change replaces what is between two places, and goes behind what is there then.
func (b *textbox) change(from, to int, text string) {
	if from == to && text == "" {
		return
	}
	letter := from == to && utf8.RuneCountInString(text) == 1 && text != "\n"
	if !b.typing || !letter || text == " " {
		b.past = append(b.past[max(0, len(b.past)-mostMoments):], moment{b.text, b.at})
	}
	b.future = nil
	b.text = b.text[:from] + text + b.text[to:]
	b.at, b.anchor, b.typing = from+len(text), -1, letter
	b.lay(b.text)
	b.show()
}

// insert puts text at the cursor, in place of what is selected. What there is no room
// for is left out, and that is reported.
func (b *textbox) insert(text string) bool {
	text = strings.ReplaceAll(text, "\t", tab)
	from, to := b.selection()
	if len(text) > b.room()+to-from {
		return false
	}
	b.change(from, to, text)
	return true
}

// selection returns what is selected: nothing, at the cursor, if anchor is -1.
func (b *textbox) selection() (from, to int) {
	if b.anchor < 0 {
		return b.at, b.at
	}
	return min(b.at, b.anchor), max(b.at, b.anchor)
}

// undo goes back to what was there before the last change.
func (b *textbox) undo() { b.travel(&b.past, &b.future) }

// redo takes back an undo.
func (b *textbox) redo() { b.travel(&b.future, &b.past) }

func (b *textbox) travel(from, to *[]moment) {
	if n := len(*from); n > 0 {
		*to = append(*to, moment{b.text, b.at})
		m := (*from)[n-1]
		*from = (*from)[:n-1]
		b.set(m.text)
		b.at = m.at
		b.show()
	}
}

// yank puts back what was cut last.
func (b *textbox) yank() { b.insert(b.killed) }

// kill cuts what is between the cursor and another place. What is cut by several keys
// in a row is one text.
func (b *textbox) kill(to int) {
	from, direction := b.at, 1
	if to < from {
		from, to, direction = to, from, -1
	}
	if from == to {
		return
	}
	switch cut := b.text[from:to]; {
	case b.killing == 0:
		b.killed = cut
	case direction > 0:
		b.killed += cut
	default:
		b.killed = cut + b.killed
	}
	b.change(from, to, "")
	b.killing = 2 // keys, of which this is the first: see press
}

// press takes a key, and reports whether it was one for it.
func (b *textbox) press(msg tea.KeyPressMsg) bool {
	k := &b.keys
	defer b.show()
	b.killing = max(0, b.killing-1)
	column := b.column
	b.column = -1
	switch {
	case b.selects(msg):
	case b.moves(msg, column):
		b.anchor, b.typing = -1, false
	case b.deletes(msg):
	case key.Matches(msg, k.undo):
		b.undo()
	case key.Matches(msg, k.redo):
		b.redo()
	case key.Matches(msg, k.yank):
		b.yank()
	case key.Matches(msg, k.newline):
		b.insert("\n")
	case key.Matches(msg, k.upperCase):
		b.recase(strings.ToUpper)
	case key.Matches(msg, k.lowerCase):
		b.recase(strings.ToLower)
	case key.Matches(msg, k.capitalise):
		b.recase(func(word string) string {
			first := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsSpace(r) })
			if first < 0 {
				return word
			}
			_, size := utf8.DecodeRuneInString(word[first:])
			return word[:first] + strings.ToUpper(word[first:first+size]) + strings.ToLower(word[first+size:])
		})
	case msg.Text != "":
		b.insert(msg.Text)
	default:
		return false
	}
	return true
}

// selects takes a key that extends the selection.
func (b *textbox) selects(msg tea.KeyPressMsg) bool {
	k := &b.keys
	var to int
	switch {
	case key.Matches(msg, k.selectRight):
		to = b.after(b.at)
	case key.Matches(msg, k.selectLeft):
		to = b.before(b.at)
	case key.Matches(msg, k.selectWordRight):
		to = b.wordAfter(b.at)
	case key.Matches(msg, k.selectWordLeft):
		to = b.wordBefore(b.at)
	case key.Matches(msg, k.selectUp):
		to = b.vertically(b.at, -1, -1)
	case key.Matches(msg, k.selectDown):
		to = b.vertically(b.at, 1, -1)
	default:
		return false
	}
	if b.anchor < 0 {
		b.anchor = b.at
	}
	b.at, b.typing = to, false
	return true
}

// moves takes a key that moves the cursor.
func (b *textbox) moves(msg tea.KeyPressMsg, column int) bool {
	k := &b.keys
	switch {
	case key.Matches(msg, k.right):
		b.at = b.after(b.at)
	case key.Matches(msg, k.left):
		b.at = b.before(b.at)
	case key.Matches(msg, k.wordRight):
		b.at = b.wordAfter(b.at)
	case key.Matches(msg, k.wordLeft):
		b.at = b.wordBefore(b.at)
	case key.Matches(msg, k.lineStart):
		b.at = b.lineStart()
	case key.Matches(msg, k.lineEnd):
		b.at = b.lineEnd()
	case key.Matches(msg, k.textStart):
		b.at = 0
	case key.Matches(msg, k.textEnd):
		b.at = len(b.text)
	case key.Matches(msg, k.up):
		b.goVertically(-1, column)
	case key.Matches(msg, k.down):
		b.goVertically(1, column)
	default:
		return false
	}
	return true
}

// deletes takes a key that removes something.
func (b *textbox) deletes(msg tea.KeyPressMsg) bool {
	k := &b.keys
	from, to := b.selection()
	character := key.Matches(msg, k.deleteLeft, k.deleteRight, k.deleteWordLeft, k.deleteWordRight)
	switch {
	case character && from < to:
		b.change(from, to, "")
	case key.Matches(msg, k.deleteLeft):
		b.change(b.before(b.at), b.at, "")
	case key.Matches(msg, k.deleteRight):
		b.change(b.at, b.after(b.at), "")
	case key.Matches(msg, k.deleteWordLeft):
		b.kill(b.wordBefore(b.at))
	case key.Matches(msg, k.deleteWordRight):
		b.kill(b.wordAfter(b.at))
	case key.Matches(msg, k.deleteToStart):
		b.kill(orBeyond(b.lineStart(), b.at, b.before(b.at)))
	case key.Matches(msg, k.deleteToEnd):
		b.kill(orBeyond(b.lineEnd(), b.at, b.after(b.at)))
	default:
		return false
	}
	return true
}

// orBeyond is a line's edge, or the place beyond it for a cursor that is there.
func orBeyond(edge, at, beyond int) int {
	if edge == at {
		return beyond
	}
	return edge
}

// recase writes the next word in another way.
func (b *textbox) recase(how func(string) string) {
	to := b.wordAfter(b.at)
	b.change(b.at, to, how(b.text[b.at:to]))
}

// after is the place behind the character at a place, before that of the one before it.
func (b *textbox) after(at int) int {
	first, _ := character(b.text[at:], ansi.GraphemeWidth)
	return at + len(first)
}

func (b *textbox) before(at int) int {
	// A character may begin long before its end: the line's beginning surely is one.
	start := strings.LastIndexByte(b.text[:max(0, at-1)], '\n') + 1
	for i := start; i < at; {
		next := b.after(i)
		if next >= at {
			return i
		}
		i = next
	}
	return max(0, at-1) // behind a newline
}

func (b *textbox) wordAfter(at int) int {
	inWord := false
	for i, r := range b.text[at:] {
		blank := unicode.IsSpace(r)
		if blank && inWord {
			return at + i
		}
		inWord = inWord || !blank
	}
	return len(b.text)
}

func (b *textbox) wordBefore(at int) int {
	text := strings.TrimRightFunc(b.text[:at], unicode.IsSpace)
	i := strings.LastIndexFunc(text, unicode.IsSpace)
	if i < 0 {
		return 0
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return i + size
}

func (b *textbox) lineStart() int { return strings.LastIndexByte(b.text[:b.at], '\n') + 1 }

func (b *textbox) lineEnd() int {
	if i := strings.IndexByte(b.text[b.at:], '\n'); i >= 0 {
		return b.at + i
	}
	return len(b.text)
}

// goVertically moves by a row of the screen, in the column where such moves began.
func (b *textbox) goVertically(by, column int) {
	if column < 0 {
		_, column = b.locate(b.at)
	}
	b.at, b.column = b.vertically(b.at, by, column), column
}

// vertically is the place a row above or below another, in its column or in the one
// given.
func (b *textbox) vertically(at, by, column int) int {
	row, own := b.locate(at)
	if column < 0 {
		column = own
	}
	switch row += by; {
	case row < 0:
		return 0
	case row >= b.rows:
		return len(b.text)
	}
	return b.place(row, column)
}

// resize takes a width, and how many rows are seen at most.
func (b *textbox) resize(width, height int, by measure) {
	b.fit(width, by, b.text)
	b.height = height
	b.show()
}

// show scrolls to where the cursor is.
func (b *textbox) show() {
	row, _ := b.locate(b.at)
	seen := b.seen()
	b.top = max(min(b.top, row, b.rows-seen), row-seen+1, 0)
}

// seen is how many rows are.
func (b *textbox) seen() int { return max(1, min(b.rows, b.height)) }
