package datasets

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Read reads a dataset for a task, whose layout is recognised by what is in it. What is wrong
// with single items is in the set's Problems; the error says why there is none that can be
// asked, and is an *Error unless the context has ended.
func Read(ctx context.Context, task Task, path string, o Options) (*Set, error) {
	r := &reader{
		ctx: ctx, task: task, path: path, o: o,
		set:     &Set{Name: filepath.Base(path)},
		byImage: map[string]int{}, unknown: map[string]*unknownField{}, words: map[string]string{},
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, absent(path, err)
	}
	if info.IsDir() {
		err = r.folder()
	} else {
		err = r.file()
	}
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return nil, err
	}
	return r.set, nil
}

// file reads a file.
func (r *reader) file() error {
	t, err := openText(r.ctx, r.path)
	if err != nil {
		return err
	}
	defer t.Close()
	head, err := t.head()
	if err != nil {
		return err
	}
	r.look(r.path, r.o.Images)
	switch kind, err := recognise(r.path, head, knownFields); kind {
	case "jsonl":
		r.set.Layout = kind
		return r.jsonl(t)
	case "json":
		r.set.Layout = kind
		return r.array(t, r.element)
	case "document":
		return r.documented(t)
	case "flickr":
		r.set.Layout = kind
		return r.flickr(t)
	case "csv":
		r.set.Layout = kind
		from, _ := tableOf(firstLine(head), knownFields)
		return r.csv(t, from, r.plain)
	default:
		return err
	}
}

// documented reads one of the documents that are published.
func (r *reader) documented(t *text) error {
	p := &published{captions: map[ident][]string{}, answers: map[ident]publishedAnswers{}}
	if err := r.published(t, p); err != nil {
		return err
	}
	switch {
	case len(p.questions) > 0 || p.answering > 0:
		return r.vqav2(p)
	case p.karpathy:
		r.karpathy(p)
		return nil
	}
	return r.coco(p)
}

// recognise tells by the begin of a file how it is laid out; a table by known columns.
func recognise(path string, head []byte, known []string) (kind string, err error) {
	start := bytes.TrimLeft(head, " \t\r\n")
	bad := func(what, hint string) (string, error) {
		return "", &Error{Place: path, Message: what, Hint: hint}
	}
	switch {
	case len(start) == 0 && len(head) == headSize:
		return bad("it begins with nothing but blanks", expected)
	case len(start) == 0:
		return bad("it is empty", expected)
	case bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")):
		return bad("this is UTF-16", "save it as UTF-8")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return bad("this is a ZIP archive", "unpack it, and name the file or the folder in it")
	case bytes.HasPrefix(head, []byte("PAR1")):
		return bad("this is a Parquet file", "write its rows as JSONL, and its pictures as files")
	case start[0] == '[':
		return "json", nil
	case start[0] == '{':
		if isDocument(start) {
			return "document", nil
		}
		return "jsonl", nil
	}
	line := firstLine(head)
	if strings.ContainsRune(line, 0) || !utf8.ValidString(line) {
		return bad("this is no text", expected)
	}
	if flickrLine().MatchString(line) {
		return "flickr", nil
	}
	if _, is := tableOf(line, known); is {
		return "csv", nil
	}
	return bad(fmt.Sprintf("its layout is not known; it begins with %q", shortened(line)), expected)
}

// firstLine is the first line that isn't empty.
func firstLine(head []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, " \t\r\n"), []byte("\n"))
	return string(bytes.TrimRight(line, "\r"))
}

// expected says what could be read.
const expected = "a dataset is a file of COCO's captions, VQAv2, Karpathy's splits or Flickr30k, JSONL, a JSON array or a CSV table with a header, or a folder of pictures: docs/evaluation.md"

// shortened is the begin of a text.
func shortened(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// documentLists are the members of documents that have lists of objects, and documentFacts
// those that say of what they are. No plain object has such.
var (
	documentLists = []string{"images", "annotations", "questions"}
	documentFacts = []string{"info", "licenses", "license", "data_type", "data_subtype", "task_type"}
)

// isDocument tells an object with lists of objects in it from one line of many.
func isDocument(start []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(start))
	if _, err := dec.Token(); err != nil {
		return false
	}
	facts := false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return facts
		}
		if slices.Contains(documentLists, fmt.Sprint(name)) {
			list, err1 := dec.Token()
			first, err2 := dec.Token()
			return err1 == nil && list == json.Delim('[') && (err2 != nil || first == json.Delim('{') || first == json.Delim(']'))
		}
		facts = facts || slices.Contains(documentFacts, fmt.Sprint(name))
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return facts
		}
	}
	return false
}

// absent says that there is no such file, and which may be meant.
func absent(path string, err error) error {
	e := &Error{Place: path, Message: fmt.Sprintf("it can't be read: %v", withoutPath(err)), Err: err}
	if !os.IsNotExist(err) {
		return e
	}
	e.Message = "there is no such file or folder"
	if entries, err := os.ReadDir(filepath.Dir(path)); err == nil {
		names := make([]string, 0, len(entries))
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		if near := nearest(filepath.Base(path), names); near != "" {
			e.Hint = "did you mean " + strings.TrimPrefix(filepath.Join(filepath.Dir(path), near), "./") + "?"
		}
	}
	return e
}
