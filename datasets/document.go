package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// document reads a JSON document from one end to the other, an element of its lists at a time.
type document struct {
	r    *reader
	text *text
	from *checked
	dec  *json.Decoder
}

func (r *reader) document(t *text) *document {
	from := &checked{from: t, left: longestElement}
	return &document{r, t, from, json.NewDecoder(from)}
}

// longestElement is as much as is read for one element of a list, or another value.
const longestElement = 16 << 20

// more tells whether a list or an object goes on. What comes next may be as long as it may.
func (d *document) more() bool {
	d.from.left = longestElement
	return d.dec.More()
}

// members hands on the names of an object's members; each reads or skips the value.
func (d *document) members(each func(name string) error) error {
	if err := d.delim('{'); err != nil {
		return err
	}
	for d.more() {
		name, err := d.dec.Token()
		if err != nil {
			return d.broken(err)
		}
		if err := each(name.(string)); err != nil {
			return err
		}
	}
	if _, err := d.dec.Token(); err != nil {
		return d.broken(err)
	}
	return d.over()
}

// over says whether the document is all that there is.
func (d *document) over() error {
	switch _, err := d.dec.Token(); {
	case err == nil:
		return &Error{Place: d.place(d.dec.InputOffset()), Message: "something follows the end of the JSON document", Hint: "a file with several objects has one on each line"}
	case !errors.Is(err, io.EOF):
		return d.broken(err)
	}
	return nil
}

func (d *document) delim(want json.Delim) error {
	got, err := d.dec.Token()
	if err != nil {
		return d.broken(err)
	}
	if got != want {
		return &Error{Place: d.place(d.dec.InputOffset()), Message: fmt.Sprintf("there is %v where %v would begin", got, want)}
	}
	return nil
}

// elements reads the elements of a list, each into what next returns, and hands on their
// numbers, from 1. What has another form than it should is a problem of the element's.
func elements[T any](d *document, what string, each func(e *T, number int)) error {
	if err := d.delim('['); err != nil {
		return err
	}
	for number := 1; d.more(); number++ {
		var e T
		if err := d.dec.Decode(&e); err != nil {
			problem := formOf(err)
			if problem == nil {
				return d.broken(err)
			}
			d.r.broken(d.number(what, number), problem.Error())
			continue
		}
		each(&e, number)
	}
	_, err := d.dec.Token()
	if err != nil {
		return d.broken(err)
	}
	return nil
}

// number is the place of an element.
func (d *document) number(what string, n int) string {
	return fmt.Sprintf("%s: %s %d", d.text.path, what, n)
}

// formOf says what is wrong with an element whose JSON is sound, nil if it isn't.
func formOf(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return errors.New("this is no JSON object")
		}
		return fmt.Errorf("its %s can't be this: %s", wrong.Field, wrong.Value)
	}
	if _, ok := errors.AsType[*badForm](err); ok {
		return err
	}
	return nil
}

// badForm says that a member is something else than it has to be.
type badForm struct{ is string }

func (e *badForm) Error() string { return e.is }

// skip reads on behind a value, without keeping it.
func (d *document) skip() error {
	first, err := d.dec.Token()
	for depth := 0; err == nil; first, err = d.dec.Token() {
		d.from.left = longestElement
		switch first {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
	return d.broken(err)
}

// broken says where a document is broken.
func (d *document) broken(err error) error {
	if wrong, ok := errors.AsType[*notUTF8](err); ok {
		return &Error{Place: d.place(wrong.at), Message: "this is not UTF-8, as JSON is", Hint: "convert the file, for instance with iconv", Err: err}
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &Error{Place: d.place(d.wrongAt()), Message: "this is no JSON: " + wrong.Error(), Err: err}
	}
	if errors.Is(err, errLong) {
		return &Error{Place: d.place(d.dec.InputOffset()), Message: "what follows is longer than any item is", Err: err}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Place: d.text.path, Message: "its JSON has no end: the file was cut off", Hint: "fetch it again", Err: err}
	}
	return d.text.unreadable(err)
}

// wrongAt is the byte, from 1, at which a document is no JSON. The decoder's errors don't tell
// it: what it reads as tokens they don't count. So the value behind the last good one is read
// once more, by itself.
func (d *document) wrongAt() int64 {
	at := d.dec.InputOffset()
	t, err := openText(d.r.ctx, d.text.path)
	if err != nil {
		return at
	}
	defer t.Close()
	if _, err := io.CopyN(io.Discard, t, at); err != nil {
		return at
	}
	for {
		b, err := t.ReadByte()
		if err != nil {
			return at
		}
		at++
		if !strings.ContainsRune(" \t\r\n,:", rune(b)) {
			break
		}
	}
	if t.UnreadByte() != nil {
		return at
	}
	var value json.RawMessage
	if wrong, ok := errors.AsType[*json.SyntaxError](json.NewDecoder(t).Decode(&value)); ok {
		return at - 1 + wrong.Offset
	}
	return at
}

// place is the line and the column of a byte of the document, behind its byte order mark.
func (d *document) place(at int64) string {
	t, err := openText(d.r.ctx, d.text.path)
	if err != nil {
		return d.text.path
	}
	defer t.Close()
	line, column := 1, 1
	for ; at > 1; at-- {
		b, err := t.ReadByte()
		switch {
		case err != nil:
			return d.text.path
		case b == '\n':
			line, column = line+1, 1
		case b&0xc0 != 0x80:
			column++
		}
	}
	return fmt.Sprintf("%s:%d:%d", d.text.path, line, column)
}

// checked reads UTF-8 and nothing else, which encoding/json would take, and change.
type checked struct {
	from io.Reader
	at   int64  // bytes that were looked at
	left int    // bytes that may be read until somebody sets it anew
	rest []byte // the begin of a character of which the end is to come
}

// errLong says that a value is longer than longestElement.
var errLong = errors.New("a value is too long")

// notUTF8 says which byte of a document is wrong, from 1.
type notUTF8 struct{ at int64 }

func (e *notUTF8) Error() string { return "not UTF-8" }

// Read reads on.
func (c *checked) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errLong
	}
	n, err := c.from.Read(p[:min(len(p), c.left)])
	c.left -= n
	b := append(c.rest, p[:n]...)
	for len(b) > 0 {
		if whole := len(b) - tail(b); whole > 0 && utf8.Valid(b[:whole]) {
			c.at, b = c.at+int64(whole), b[whole:]
			break
		}
		char, size := utf8.DecodeRune(b)
		if char == utf8.RuneError && size <= 1 {
			if utf8.FullRune(b) || errors.Is(err, io.EOF) {
				return 0, &notUTF8{c.at + 1}
			}
			break
		}
		c.at, b = c.at+int64(size), b[size:]
	}
	c.rest = append(c.rest[:0], b...)
	return n, err
}

// tail is how many bytes at the end begin a character of which the end is missing.
func tail(b []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(b)); n++ {
		if start := b[len(b)-n:]; utf8.RuneStart(start[0]) {
			if utf8.FullRune(start) {
				return 0
			}
			return n
		}
	}
	return 0
}
