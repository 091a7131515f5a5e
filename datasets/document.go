package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// document reads a JSON document from one end to the other, an element of its lists at a time.
type document struct {
	r    *reader
	text *text
	dec  *json.Decoder
}

func (r *reader) document(t *text) *document {
	return &document{r, t, json.NewDecoder(&checked{from: t})}
}

// members hands on the names of an object's members; each reads or skips the value.
func (d *document) members(each func(name string) error) error {
	if err := d.delim('{'); err != nil {
		return err
	}
	for d.dec.More() {
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
	for number := 1; d.dec.More(); number++ {
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
		return &Error{Place: d.place(wrong.Offset), Message: "this is no JSON: " + wrong.Error(), Err: err}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Place: d.text.path, Message: "its JSON has no end: the file was cut off", Hint: "fetch it again", Err: err}
	}
	return d.text.unreadable(err)
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
	rest []byte // the begin of a character of which the end is to come
}

// notUTF8 says which byte of a document is wrong, from 1.
type notUTF8 struct{ at int64 }

func (e *notUTF8) Error() string { return "not UTF-8" }

// Read reads on.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
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
