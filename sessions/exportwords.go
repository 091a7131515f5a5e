package sessions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// Speaker is who says a message, as exports and lists call them: on one line, without
// control characters.
func (m *Message) Speaker() string {
	switch {
	case m.Role == User:
		return "You"
	case m.Model != "":
		return plain(m.Model)
	}
	return "Answer"
}

// Remark says how an answer ended that is not whole; empty otherwise.
func (m *Message) Remark() string {
	if m.Role != Assistant {
		return ""
	}
	switch m.State {
	case Failed:
		return strings.TrimSpace("failed: " + plain(m.Error))
	case Stopped, Partial, Asked:
		return "stopped"
	}
	if m.Finish == "length" {
		return "cut at the token limit"
	}
	return ""
}

// plain is a text on one line without control characters.
func plain(text string) string {
	return strings.Join(strings.Fields(cleaned(text)), " ")
}

// cleaned takes out what would do something where the file is shown: in a terminal, or to
// the order of letters, which then is not the one in which they are copied.
func cleaned(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029': // line and paragraph separators
			return '\n'
		case acts(r):
			return -1
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

// acts tells characters that do something in place of being seen: control characters but
// for newlines and tabs, and those that turn the direction of text around.
func acts(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// numbered writes those characters in a JSON document by their numbers, so that it is as
// harmless in a terminal as it is to programs, and loses none.
func numbered(document []byte) []byte {
	text := string(document)
	if !strings.ContainsFunc(text, acts) {
		return document
	}
	var b strings.Builder
	for _, r := range text {
		if acts(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return []byte(b.String())
}

// indented writes a value as JSON for people and programs.
func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return numbered(b.Bytes()), err
}
