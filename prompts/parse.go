package prompts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// Limits of a template. They are far above what a prompt needs, so that a file that is
// something else is refused.
const (
	MaxBytes    = 256 << 10
	maxFields   = 32
	maxChoices  = 100
	maxExamples = 16
	maxPictures = 64
	maxName     = 64
)

// Error is what is wrong in a template.
type Error struct {
	File   string
	Line   int    // from 1; 0 for the file as a whole
	Detail string // a phrase
	Err    error  // the cause, if there is one
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Detail
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Detail)
}

// header is what stands before the text.
type header struct {
	Name        string    `toml:"name"`
	Description string    `toml:"description"`
	System      string    `toml:"system"`
	Pictures    *int      `toml:"pictures"`
	Schema      string    `toml:"schema"`
	Fields      []Field   `toml:"fields"`
	Examples    []Example `toml:"examples"`
	Sampling    Sampling  `toml:"sampling"`
	Hidden      bool      `toml:"hidden"`
}

// fence stands before and behind the header.
const fence = "+++"

// validName is what templates and fields are called.
var validName = lazyregexp.New(`^[a-z0-9][a-z0-9_-]*$`)

// Parse reads a template. Its name is the file's, without the extension. What is wrong
// is an *Error with the line, of several the first.
func Parse(file string, data []byte) (*Template, error) {
	t, p := parse(file, data)
	if len(p.problems) > 0 {
		return nil, p.problems[0]
	}
	return t, nil
}

// ValidName tells whether a prompt can be called so.
func ValidName(name string) bool { return len(name) <= maxName && validName().MatchString(name) }

// nameOf is what the prompt of a file is called.
func nameOf(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

// plain returns the text of a file, or what it is that no text has.
func (p *parser) plain(data []byte) string {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	switch {
	case len(data) > MaxBytes:
		p.fail(0, "it is larger than %d KiB, which is more than a prompt needs", MaxBytes>>10)
	case !utf8.ValidString(text):
		p.fail(1+strings.Count(text[:firstInvalid(text)], "\n"), "this is not UTF-8")
	case strings.ContainsRune(text, 0):
		p.fail(1+strings.Count(text[:strings.IndexByte(text, 0)], "\n"), "there is a zero byte, which no text has")
	}
	return text
}

// parse reads a template, and all that is wrong with it.
func parse(file string, data []byte) (*Template, *parser) {
	p := &parser{file: file}
	name := nameOf(file)
	if !ValidName(name) {
		p.fail(0, "a prompt is called by small letters, digits, - and _, and so is its file")
	}
	text := p.plain(data)
	if len(p.problems) > 0 {
		return nil, p
	}
	var h header
	body := p.cut(text)
	if len(p.problems) == 0 {
		p.decode(&h)
	}
	if len(p.problems) > 0 {
		return nil, p
	}
	p.bodyLine = 1 + strings.Count(text[:len(text)-len(body)], "\n")
	t := &Template{
		Name: name, Source: text, Description: strings.TrimSpace(h.Description), System: strings.TrimSpace(h.System),
		Text: strings.TrimSpace(body), Fields: h.Fields, Examples: h.Examples, Pictures: 1, Sampling: h.Sampling, Hidden: h.Hidden,
	}
	if h.Pictures != nil {
		t.Pictures = *h.Pictures
	}
	if s := strings.TrimSpace(h.Schema); s != "" {
		t.Schema = json.RawMessage(s)
	}
	p.check(t, h.Name, body)
	p.sort()
	return t, p
}

// cut takes the header off a text, and returns the rest.
func (p *parser) cut(text string) (body string) {
	first, rest, _ := strings.Cut(text, "\n")
	switch strings.TrimRight(first, " \t") {
	case fence:
		var found bool
		if p.header, body, found = cutHeader(rest); !found {
			p.fail(1, "what begins with %s here has no end: a line of %s", fence, fence)
		}
		return body
	case "---":
		p.fail(1, "what stands before the text is not YAML between lines of --- but TOML between lines of %s: key = \"text\" in place of key: text", fence)
	}
	return text
}

// cutHeader cuts what follows the first fence at the second.
func cutHeader(rest string) (header, body string, found bool) {
	at := 0
	for line := range strings.Lines(rest) {
		if strings.TrimRight(line, " \t\n") == fence {
			return rest[:at], rest[at+len(line):], true
		}
		at += len(line)
	}
	return "", "", false
}

func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return 0
}

// parser knows where in the file things are.
type parser struct {
	file     string
	header   string // begins on line 2
	bodyLine int
	problems []error // *Error
}

func (p *parser) fail(line int, format string, values ...any) {
	p.problems = append(p.problems, &Error{File: p.file, Line: line, Detail: fmt.Sprintf(format, values...)})
}

// sort puts the problems in the order of their lines.
func (p *parser) sort() {
	line := func(err error) int { return err.(*Error).Line }
	slices.SortStableFunc(p.problems, func(a, b error) int { return line(a) - line(b) })
}

// decode reads the header.
func (p *parser) decode(h *header) {
	d := toml.NewDecoder(strings.NewReader(p.header))
	d.DisallowUnknownFields()
	err := d.Decode(h)
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		for _, one := range unknown.Errors {
			row, _ := one.Position()
			p.fail(1+row, "there is nothing called %s in a prompt", strings.Join(one.Key(), "."))
		}
	} else if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := bad.Position()
		p.fail(1+row, "%s", strings.TrimPrefix(bad.Error(), "toml: "))
	} else if err != nil {
		p.fail(1, "%s", strings.TrimPrefix(err.Error(), "toml: "))
	}
}

// lineOf returns the line of the nth line of the header that begins with a text, 0 if
// there is none.
func (p *parser) lineOf(begins string, nth int) int {
	number := 2
	for line := range strings.Lines(p.header) {
		if strings.HasPrefix(strings.TrimSpace(line), begins) {
			if nth--; nth < 0 {
				return number
			}
		}
		number++
	}
	return 0
}
