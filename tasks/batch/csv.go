package batch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSV makes a table (RFC 4180, UTF-8) of the lines of an output: each Write is one. A row
// is an item, and all have the same columns. What is in a text cell comes from models, servers
// and file names, and spreadsheets compute what begins like a formula: such a text has an
// apostrophe before it.
type CSV struct {
	w       io.Writer
	members []string // of the answers' JSON, a column each
}

// column is one that every table has.
type column struct {
	name string
	cell func(r *Record) any
}

// columns are those of every table, in their order. Behind them are the members that a
// schema gives the answers.
func columns() []column {
	return []column{
		{"id", func(r *Record) any { return &r.ID }},
		{"status", func(r *Record) any { return (*string)(&r.Status) }},
		{"image", func(r *Record) any { return r.Image }},
		{"answer", func(r *Record) any { return r.Answer }},
		{"finish", func(r *Record) any { return r.Finish }},
		{"error_kind", func(r *Record) any { return r.ErrorKind }},
		{"error", func(r *Record) any { return r.Error }},
		{"model", func(r *Record) any { return r.Model }},
		{"prompt_tokens", func(r *Record) any { return r.PromptTokens }},
		{"image_tokens", func(r *Record) any { return r.ImageTokens }},
		{"generated_tokens", func(r *Record) any { return r.GeneratedTokens }},
		{"seconds", func(r *Record) any { return &r.Seconds }},
		{"cost", func(r *Record) any { return r.Cost }},
		{"input", func(r *Record) any { return r.Input }},
	}
}

// NewCSV begins a table: it writes the names of its columns. schema is the JSON Schema to
// which the answers are held, nil for none; the properties of an object are columns.
func NewCSV(w io.Writer, schema json.RawMessage) (*CSV, error) {
	c := &CSV{w: w, members: properties(schema)}
	var names []string
	for _, col := range columns() {
		names = append(names, col.name)
	}
	for _, name := range c.members {
		names = append(names, "json."+name)
	}
	return c, c.row(names)
}

// Write adds the row of a record, a line of JSON.
func (c *CSV) Write(line []byte) (int, error) {
	var r Record
	if err := json.Unmarshal(line, &r); err != nil {
		return 0, fmt.Errorf("a record can't be made a row of a table: %w", err)
	}
	var cells []string
	for _, col := range columns() {
		cells = append(cells, cell(col.cell(&r)))
	}
	var values map[string]json.RawMessage
	if len(c.members) > 0 {
		_ = json.Unmarshal(r.JSON, &values) // an answer that is no object has empty cells
	}
	for _, name := range c.members {
		cells = append(cells, cell(values[name]))
	}
	return len(line), c.row(cells)
}

func (c *CSV) row(cells []string) error {
	var b bytes.Buffer
	for i, text := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(text, "\",\r\n") || text != strings.TrimSpace(text) {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		b.WriteString(text)
	}
	b.WriteString("\r\n")
	_, err := c.w.Write(b.Bytes())
	return err
}

// cell is what a value is in a table; null is an empty cell.
func cell(v any) string {
	switch v := v.(type) {
	case *string:
		if v != nil {
			return harmless(*v)
		}
	case *int:
		if v != nil {
			return strconv.Itoa(*v)
		}
	case *Float:
		if v != nil {
			return strconv.FormatFloat(float64(*v), 'f', -1, 64)
		}
	case json.RawMessage:
		var text string
		if len(v) == 0 || string(v) == "null" {
			return ""
		}
		if json.Unmarshal(v, &text) == nil {
			return harmless(text)
		}
		return string(v) // a number, true or false, or a list or an object as JSON
	}
	return ""
}

// harmless keeps spreadsheets from computing a text. A number stays one.
func harmless(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text == "" || !strings.ContainsRune("=+-@\t\r＝＋－＠", first) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}

// properties are the names that a schema gives to the members of an object, in the order
// in which it has them.
func properties(schema json.RawMessage) []string {
	var s struct {
		Properties json.RawMessage `json:"properties"`
	}
	if schema == nil || json.Unmarshal(schema, &s) != nil {
		return nil // true, which is a schema as well
	}
	var names []string
	d := json.NewDecoder(bytes.NewReader(s.Properties))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		name, err := d.Token()
		var skipped json.RawMessage
		if err != nil || d.Decode(&skipped) != nil {
			return names
		}
		names = append(names, name.(string))
	}
	return names
}
