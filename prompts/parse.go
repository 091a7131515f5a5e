package prompts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"github.com/vlmchat/vlmchat/jsonschema"
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
}

// fence stands before and behind the header.
const fence = "+++"

// validName is what templates and fields are called.
var validName = lazyregexp.New(`^[a-z0-9][a-z0-9_-]*$`)

// Parse reads a template. Its name is the file's, without the extension. What is wrong
// is an *Error with the line.
func Parse(file string, data []byte) (*Template, error) {
	p := parser{file: file}
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	switch {
	case len(name) > maxName || !validName().MatchString(name):
		return nil, p.fail(0, "a prompt is called by small letters, digits, - and _, and so is its file")
	case len(data) > MaxBytes:
		return nil, p.fail(0, "it is larger than %d KiB, which is more than a prompt needs", MaxBytes>>10)
	case !utf8.ValidString(text):
		line := 1 + strings.Count(text[:firstInvalid(text)], "\n")
		return nil, p.fail(line, "this is not UTF-8")
	case strings.ContainsRune(text, 0):
		return nil, p.fail(1+strings.Count(text[:strings.IndexByte(text, 0)], "\n"), "there is a zero byte, which no text has")
	}
	var h header
	body := text
	if first, rest, _ := strings.Cut(text, "\n"); strings.TrimRight(first, " \t") == fence {
		var found bool
		if p.header, body, found = cutHeader(rest); !found {
			return nil, p.fail(1, "what begins with %s here has no end: a line of %s", fence, fence)
		}
		if err := p.decode(&h); err != nil {
			return nil, err
		}
	}
	p.bodyLine = 1 + strings.Count(text[:len(text)-len(body)], "\n")
	t := &Template{
		Name: name, Source: text, Description: strings.TrimSpace(h.Description), System: strings.TrimSpace(h.System),
		Text: strings.TrimSpace(body), Fields: h.Fields, Examples: h.Examples, Pictures: 1, Sampling: h.Sampling,
	}
	if h.Pictures != nil {
		t.Pictures = *h.Pictures
	}
	if s := strings.TrimSpace(h.Schema); s != "" {
		t.Schema = json.RawMessage(s)
	}
	if err := p.check(t, h.Name, body); err != nil {
		return nil, err
	}
	return t, nil
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
}

func (p *parser) fail(line int, format string, values ...any) error {
	return &Error{File: p.file, Line: line, Detail: fmt.Sprintf(format, values...)}
}

// decode reads the header.
func (p *parser) decode(h *header) error {
	d := toml.NewDecoder(strings.NewReader(p.header))
	d.DisallowUnknownFields()
	err := d.Decode(h)
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		row, _ := first.Position()
		return p.fail(1+row, "there is nothing called %s in a prompt", strings.Join(first.Key(), "."))
	}
	if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := bad.Position()
		return p.fail(1+row, "%s", strings.TrimPrefix(bad.Error(), "toml: "))
	}
	if err != nil {
		return p.fail(1, "%s", strings.TrimPrefix(err.Error(), "toml: "))
	}
	return nil
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

// check finds what can't be in a template.
func (p *parser) check(t *Template, name, body string) error {
	switch {
	case name != "" && name != t.Name:
		return p.fail(p.lineOf("name", 0), "it calls itself %q, and its file %q: the file's name is what counts", name, t.Name)
	case t.Text == "":
		return p.fail(p.bodyLine, "there is no text to ask")
	case t.Pictures < 0 || t.Pictures > maxPictures:
		return p.fail(p.lineOf("pictures", 0), "pictures is a number from 0 to %d", maxPictures)
	case len(t.Fields) > maxFields:
		return p.fail(p.lineOf("[[fields]]", maxFields), "there are more than %d fields", maxFields)
	case len(t.Examples) > maxExamples:
		return p.fail(p.lineOf("[[examples]]", maxExamples), "there are more than %d examples", maxExamples)
	case t.Schema != nil && !json.Valid(t.Schema):
		return p.fail(p.lineOf("schema", 0), "the schema is no JSON")
	}
	if t.Schema != nil {
		if err := jsonschema.Supported(t.Schema); err != nil {
			return p.fail(p.lineOf("schema", 0), "the schema can't be used: %v", err)
		}
	}
	for i, f := range t.Fields {
		if err := p.checkField(t, i, f); err != nil {
			return err
		}
	}
	for i, e := range t.Examples {
		line := p.lineOf("[[examples]]", i)
		t.Examples[i].Line = line
		if strings.TrimSpace(e.Answer) == "" {
			return p.fail(line, "example %d has no answer", i+1)
		}
		if len(e.Pictures) > maxPictures || slices.Contains(e.Pictures, "") {
			return p.fail(line, "the pictures of example %d are names of files, at most %d", i+1, maxPictures)
		}
		if at := slices.IndexFunc(e.Pictures, func(name string) bool { return strings.Contains(name, "://") }); at >= 0 {
			return p.fail(line, "example %d has the address %s: its pictures are files beside the template", i+1, e.Pictures[at])
		}
	}
	if err := p.checkSampling(t.Sampling); err != nil {
		return err
	}
	if err := p.checkPlaceholders(t, t.System, p.lineOf("system", 0)); err != nil {
		return err
	}
	line := p.bodyLine
	for text := range strings.Lines(body) {
		if err := p.checkPlaceholders(t, text, line); err != nil {
			return err
		}
		line++
	}
	return nil
}

func (p *parser) checkField(t *Template, i int, f Field) error {
	line := p.lineOf("[[fields]]", i)
	earlier := slices.ContainsFunc(t.Fields[:i], func(e Field) bool { return e.Name == f.Name })
	blank := slices.ContainsFunc(f.Choices, func(c string) bool { return strings.TrimSpace(c) != c || c == "" })
	switch {
	case !validName().MatchString(f.Name) || len(f.Name) > maxName:
		return p.fail(line, "field %d has the name %q: small letters, digits, - and _ make one", i+1, f.Name)
	case earlier:
		return p.fail(line, "there are two fields called %s", f.Name)
	case len(f.Choices) > maxChoices:
		return p.fail(line, "the field %s has more than %d choices", f.Name, maxChoices)
	case blank:
		return p.fail(line, "a choice of the field %s is empty, or has blanks around it", f.Name)
	case f.Default != "" && len(f.Choices) > 0 && !slices.Contains(f.Choices, f.Default):
		return p.fail(line, "the field %s is %q by default, which is none of its choices", f.Name, f.Default)
	}
	return nil
}

func (p *parser) checkSampling(s Sampling) error {
	within := func(v *float64, most float64) bool { return v == nil || *v >= 0 && *v <= most && !math.IsNaN(*v) }
	switch {
	case !within(s.Temperature, 100):
		return p.fail(p.lineOf("temperature", 0), "the temperature is a number from 0 to 100")
	case !within(s.TopP, 1):
		return p.fail(p.lineOf("top-p", 0), "top-p is a number from 0 to 1")
	case s.MaxTokens != nil && (*s.MaxTokens < 1 || *s.MaxTokens > math.MaxInt32):
		return p.fail(p.lineOf("max-tokens", 0), "max-tokens is a number of tokens from 1 up")
	}
	return nil
}

// checkPlaceholders makes sure that there is a field for each place of one.
func (p *parser) checkPlaceholders(t *Template, text string, line int) error {
	for _, found := range placeholder().FindAllStringSubmatch(text, -1) {
		if !slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == found[1] }) {
			return p.fail(line, "%s has no field: name = %q in a part [[fields]] makes one", found[0], found[1])
		}
	}
	return nil
}
