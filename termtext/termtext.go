// Package termtext makes foreign text safe to draw in a terminal: what a model, a server or
// a file name says can't move the cursor, set the clipboard, ask the terminal questions, or
// be read in another order than it is written.
package termtext

import "strings"

// Sanitize returns s as it may be drawn: without terminal control sequences,
// control characters other than newline and tab, and characters that change the
// direction of text. Everything that the program did not write itself (answers,
// thoughts, errors, file names, a server's or model's name, what is pasted) goes
// through here on its way to the screen, so that none of it can move the cursor,
// set the clipboard, ask the terminal questions or show a name backwards.
func Sanitize(s string) string {
	var c Cleaner
	return c.Clean(s)
}

// Line is Sanitize for what must stay on one line.
func Line(s string) string {
	return strings.Join(strings.Fields(Sanitize(s)), " ")
}

// Cleaner sanitizes a text that comes in pieces: a sequence may begin in one and
// end in another. Each piece is valid UTF-8 by itself.
type Cleaner struct {
	state  cleanerState
	length int // of the control string being swallowed
}

type cleanerState int

const (
	plain         cleanerState = iota
	escape                     // after ESC
	intermediate               // after ESC and intermediates, as in ESC ( B
	control                    // in a control sequence, CSI … final
	controlString              // in OSC, DCS, SOS, PM or APC, up to ST or BEL
	stringEscape               // in such a string, after ESC
)

// maxControlString bounds what a control string may swallow, so that one that is
// never ended costs some text and not the rest of the answer. A line's end ends
// it too. What then comes through is text without its introducer: harmless.
const maxControlString = 4096

// Clean returns what of the next piece may be drawn.
func (c *Cleaner) Clean(s string) string {
	if c.state == plain && !needsCleaning(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if c.keep(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// needsCleaning is false for most text, which then costs no copy.
func needsCleaning(s string) bool {
	for _, r := range s {
		if unsafe(r) || r == 0xFFFD {
			return true
		}
	}
	return false
}

// keep takes the next character and reports whether it is drawn.
func (c *Cleaner) keep(r rune) bool {
	switch c.state {
	case escape:
		return c.afterEscape(r)
	case intermediate:
		if r >= ' ' && r <= '/' {
			return false
		}
		c.state = plain
		if r >= '0' && r <= '~' {
			return false
		}
	case control:
		if r >= ' ' && r <= '?' { // parameters and intermediates
			return false
		}
		c.state = plain
		if r >= '@' && r <= '~' {
			return false
		}
	case controlString, stringEscape:
		return c.inString(r)
	}
	return c.inText(r)
}

// inText takes a character outside any sequence.
func (c *Cleaner) inText(r rune) bool {
	switch r {
	case 0x1B:
		c.state = escape
	case 0x9B: // CSI as one character; the next four likewise
		c.state = control
	case 0x90, 0x98, 0x9D, 0x9E, 0x9F:
		c.state, c.length = controlString, 0
	}
	return !unsafe(r)
}

// afterEscape takes the character that says what kind of sequence begins.
func (c *Cleaner) afterEscape(r rune) bool {
	switch {
	case r == '[':
		c.state = control
	case r == ']' || r == 'P' || r == 'X' || r == '^' || r == '_':
		c.state, c.length = controlString, 0
	case r >= ' ' && r <= '/':
		c.state = intermediate
	case r >= '0' && r <= '~':
		c.state = plain
	default: // no sequence after all: the escape alone was dropped
		c.state = plain
		return c.inText(r)
	}
	return false
}

// inString takes a character of a control string.
func (c *Cleaner) inString(r rune) bool {
	afterEscape := c.state == stringEscape
	c.state = controlString
	c.length++
	switch {
	case r == '\n' || c.length > maxControlString:
		c.state = plain
		return c.inText(r)
	case r == 0x07 || r == 0x9C || afterEscape && r == '\\':
		c.state = plain
	case afterEscape: // ESC and anything else aborts the string and begins anew
		return c.afterEscape(r)
	case r == 0x1B:
		c.state = stringEscape
	}
	return false
}

// unsafe reports whether a character must never reach the terminal.
func unsafe(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < ' ' || r >= 0x7F && r <= 0x9F: // C0, DEL, C1
		return true
	case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069: // bidi embeddings, overrides, isolates
		return true
	case r == 0x2028 || r == 0x2029: // line and paragraph separators, which some terminals obey
		return true
	}
	return false
}
