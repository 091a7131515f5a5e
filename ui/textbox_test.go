package ui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// keyNamed makes the key that a person would name so: "ctrl+left", "a".
func keyNamed(name string) tea.KeyPressMsg {
	var msg tea.KeyPressMsg
	for _, mod := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}} {
		if rest, ok := strings.CutPrefix(name, mod.prefix); ok {
			name, msg.Mod = rest, msg.Mod|mod.mod
		}
	}
	codes := map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown, "home": tea.KeyHome,
		"end": tea.KeyEnd, "enter": tea.KeyEnter, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "tab": tea.KeyTab, "esc": tea.KeyEscape, "space": ' '}
	if code, ok := codes[name]; ok {
		msg.Code = code
	} else {
		msg.Code, _ = utf8.DecodeRuneInString(name)
	}
	if msg.Mod == 0 && msg.Code >= ' ' && msg.Code < tea.KeyExtended && msg.Code != tea.KeyBackspace {
		msg.Text = string(msg.Code)
	}
	return msg
}

func TestTextboxKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		begin string // the cursor is at |
		keys  string
		want  string
	}{
		{"|", "a b space c", "ab c|"},
		{"one two|", "ctrl+a x", "x|one two"},
		{"one\ntwo|", "ctrl+a ctrl+u", "one|two"},
		{"o|ne two", "ctrl+e x", "one twox|"},
		{"one t|wo", "ctrl+k", "one t|"},
		{"one|\ntwo", "ctrl+k", "one|two"},
		{"one t|wo", "ctrl+u", "|wo"},
		{"one two  |", "ctrl+w", "one |"},
		{"one two|", "alt+backspace ctrl+w", "|"},
		{"one |two three", "alt+d", "one | three"},
		{"one two|", "ctrl+w ctrl+w alt+y", "one two|"},
		{"one |two", "ctrl+k ctrl+a alt+y", "two|one "},
		{"on|e", "backspace delete", "o|"},
		{"one| two", "alt+right", "one two|"},
		{"one two|", "alt+left alt+left x", "x|one two"},
		{"one two|", "ctrl+left x", "one x|two"},
		{"a👨‍👩‍👧b|", "left left x", "ax|👨‍👩‍👧b"},
		{"a👨‍👩‍👧|b", "backspace", "a|b"},
		{"e\u0301|", "backspace", "|"},
		{"红色|", "left delete", "红|"},
		{"one|", "enter", "one|"},
		{"one|", "alt+enter x", "one\nx|"},
		{"one|", "ctrl+j shift+enter", "one\n\n|"},
		{"abc\nd\nefg|", "up up x", "abcx|\nd\nefg"},
		{"abc|\nd\nefg", "down down x", "abc\nd\nefgx|"},
		{"|one two", "alt+u", "ONE| two"},
		{"ONE| TWO", "alt+l alt+c", "ONE two|"},
		{"|éLAN", "alt+c", "Élan|"},
		{"one two|", "shift+left shift+left x", "one tx|"},
		{"one two|", "ctrl+shift+left backspace", "one |"},
		{"|one two", "shift+right left x", "x|one two"},
		{"one\ntwo|", "shift+up x", "onex|"},
		{"one|", "x y ctrl+_", "one|"},
		{"one|", "space x space y ctrl+_", "one x|"},
		{"one|", "x ctrl+_ alt+_", "onex|"},
		{"one|", "x ctrl+_ y ctrl+_ ctrl+_ ctrl+_ alt+_ alt+_", "oney|"},
		{"one two|", "ctrl+u ctrl+_", "one two|"},
	}
	for _, test := range tests {
		c := newComposer(defaultKeys())
		c.resize(40, 24, ansi.WcWidth)
		before, behind, _ := strings.Cut(test.begin, "|")
		c.box.set(before + behind)
		c.box.at = len(before)
		for name := range strings.FieldsSeq(test.keys) {
			c.press(keyNamed(name))
		}
		before, behind = c.around()
		if got := before + "|" + behind; got != test.want {
			t.Errorf("%q, %s: %q, want %q", test.begin, test.keys, got, test.want)
		}
	}
}

// By whatever keys: the cursor is between two characters, on the screen and where its
// row says, and all rows together are the text.
func TestTextboxAlwaysHolds(t *testing.T) {
	t.Parallel()
	names := strings.Fields("left right up down home end enter alt+enter backspace delete alt+left alt+right ctrl+w ctrl+k ctrl+u alt+y " +
		"alt+d ctrl+_ alt+_ shift+left shift+right shift+up shift+down a b 红 é 👋 space space alt+< alt+>")
	random := rand.New(rand.NewPCG(1, 2))
	for _, by := range []measure{ansi.WcWidth, ansi.GraphemeWidth} {
		c := newComposer(defaultKeys())
		width := 20
		c.resize(width, 24, by)
		for step := range 20_000 {
			switch random.IntN(200) {
			case 0:
				width = 1 + random.IntN(50)
				c.resize(width, 1+random.IntN(30), by)
			case 1:
				c.insert("👨‍👩‍👧 and some words\nof two lines ")
			case 2:
				c.set("")
			default:
				c.press(keyNamed(names[random.IntN(len(names))]))
			}
			b := c.box
			fresh := textLayout{width: b.width, by: by}
			fresh.lay(b.text)
			if !slices.EqualFunc(fresh.lines, b.lines, func(x, y textLine) bool {
				return x.text == y.text && x.start == y.start && x.row == y.row && slices.Equal(x.breaks, y.breaks)
			}) {
				t.Fatalf("step %d: laid out otherwise than anew: %q", step, b.text)
			}
			row, column := b.locate(b.at)
			if row < b.top || row >= b.top+b.seen() || b.at < 0 || b.at > len(b.text) || b.before(b.after(b.at)) > b.at {
				t.Fatalf("step %d: %q at %d, row %d of %d from %d", step, b.text, b.at, row, b.seen(), b.top)
			}
			if b.place(row, column) > b.at {
				t.Fatalf("step %d: %q at %d is found at %d", step, b.text, b.at, b.place(row, column))
			}
			for row := range b.rows {
				text, _ := b.rowOf(row)
				first, _ := character(text, by)
				if text = strings.TrimRight(text, " "); by.StringWidth(text) > b.width && text != first {
					t.Fatalf("step %d: a row of %d cells: %q", step, by.StringWidth(text), text)
				}
			}
		}
	}
}

// The cursor is at the cell where the next letter will be.
func TestCursor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "2,0",
		"ab":                          "4,0",
		"红色":                          "6,0",
		"ab\n":                        "2,1",
		"a\tb":                        "8,0",
		strings.Repeat("x", 17):       "19,0",
		strings.Repeat("x", 18):       "3,1",
		"fifteen letters":             "17,0",
		"fifteen letters and":         "5,1",
		strings.Repeat("红", 9) + "a":  "5,1",
		strings.Repeat("x", 17) + " ": "20,0",
	} {
		c := newComposer(defaultKeys())
		c.resize(20, 24, ansi.WcWidth)
		c.insert(text)
		if at := c.cursor(); fmt.Sprintf("%d,%d", at.X, at.Y) != want {
			t.Errorf("%q: the cursor is at %d,%d, want %s", text, at.X, at.Y, want)
		}
	}
}

// A message has an end, and what goes beyond is left out whole.
func TestTextboxIsBounded(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.write("before ")
	p.send(tea.PasteMsg{Content: strings.Repeat("word\n", mostMessage/5)})
	p.sees("What was pasted is too long for a message, which can have 0.2 MB")
	if got := p.m.composer.value(); got != "before " {
		t.Errorf("the composer holds %d bytes", len(got))
	}
	p.send(tea.PasteMsg{Content: strings.Repeat("word\n", mostMessage/10)})
	if got := p.m.composer.value(); len(got) != 7+mostMessage/10*5 {
		t.Errorf("the composer holds %d bytes", len(got))
	}
}

// A click puts the cursor where it is.
func TestComposerClick(t *testing.T) {
	t.Parallel()
	c := newComposer(defaultKeys())
	c.resize(20, 24, ansi.WcWidth)
	c.insert("one two\n红色\nlast")
	for _, click := range []struct {
		x, y int
		want string
	}{{2, 0, "|one two"}, {5, 0, "one| two"}, {19, 0, "one two|"}, {4, 1, "红|"}, {5, 1, "红|"}, {0, 2, "|last"}, {9, 7, "last|"}} {
		c.click(click.x, click.y)
		before, behind := c.around()
		before = before[strings.LastIndexByte(before, '\n')+1:]
		behind, _, _ = strings.Cut(behind, "\n")
		if got := before + "|" + behind; !strings.HasPrefix(got, click.want) {
			t.Errorf("%d,%d: %q", click.x, click.y, got)
		}
	}
}

func BenchmarkTextbox(b *testing.B) {
	for _, lines := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("%d lines", lines), func(b *testing.B) {
			c := newComposer(defaultKeys())
			c.resize(80, 24, ansi.WcWidth)
			st := newStyles(true, 0, ansi.WcWidth)
			c.insert(strings.Repeat("a line of it, 红色\n", lines)[:min(mostMessage, lines*20)-8])
			c.box.at = len(c.box.text) / 2
			for b.Loop() {
				c.press(keyNamed("x"))
				c.press(keyNamed("backspace"))
				c.view(st)
			}
		})
	}
}
