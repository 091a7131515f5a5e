package datasets

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// table is a text with a row on each line, and the names of its columns on the first.
type table struct {
	separator string
	columns   []string
}

// separators are what may stand between columns, in the order in which they are tried. With
// "|", as in Flickr30k's results.csv, quotation marks mean nothing, and the last column takes
// what follows.
var separators = []string{"\t", "|", ";", ","}

// tableOf reads the first line of a table, and reports false if it is none: a column has to name
// pictures or items, and another one something of them.
func tableOf(line string, known []string) (table, bool) {
	for _, separator := range separators {
		if !strings.Contains(line, separator) {
			continue
		}
		t := table{separator: separator}
		names, whole := t.fields(line)
		if !whole || len(names) < 2 {
			continue
		}
		for n, name := range names {
			names[n] = strings.ToLower(strings.TrimSpace(name))
		}
		t.columns = names
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(known, name) })
		if len(names) >= 2 && slices.ContainsFunc(names, namesItem) {
			return t, true
		}
	}
	return table{}, false
}

// namesItem tells whether a column or a member says of what the others are.
func namesItem(name string) bool {
	return slices.Contains(idFields, name) || slices.Contains(imageFields, name) || name == "image_id"
}

// fields splits a row, and reports false if a quotation mark in it is open yet (RFC 4180). One
// within a field that doesn't begin with one is a character like others.
func (t table) fields(row string) (all []string, whole bool) {
	if t.separator == "|" {
		most := len(t.columns)
		if most == 0 {
			most = -1
		}
		return strings.SplitN(row, t.separator, most), true
	}
	for {
		if trimmed := strings.TrimLeft(row, " "); !strings.HasPrefix(trimmed, `"`) {
			field, rest, more := strings.Cut(row, t.separator)
			if all = append(all, field); !more {
				return all, true
			}
			row = rest
			continue
		}
		field, rest, closed := quoted(strings.TrimLeft(row, " ")[1:])
		if !closed {
			return nil, false
		}
		behind, next, more := strings.Cut(rest, t.separator)
		if all = append(all, field+behind); !more {
			return all, true
		}
		row = next
	}
}

// quoted reads on to the quotation mark that ends a field; two of them are one in it.
func quoted(s string) (field, rest string, closed bool) {
	var b strings.Builder
	for {
		part, after, found := strings.Cut(s, `"`)
		b.WriteString(part)
		if !found {
			return "", "", false
		}
		if !strings.HasPrefix(after, `"`) {
			return b.String(), after, true
		}
		b.WriteByte('"')
		s = after[1:]
	}
}

// What a row has at most, of more than one line: a quotation mark that nobody closed must not
// take the rest of the file.
const (
	mostRowLines = 20
	mostRowBytes = 1 << 20
)

// rows puts the rows of a table together of lines.
type rows struct {
	r     *reader
	table table
	open  []string // lines of a row that is not whole yet
	at    []int    // their numbers
	each  func(o object, place string)
}

// csv reads the rows of a table behind its first line.
func (r *reader) csv(t *text, from table, each func(o object, place string)) error {
	rs := &rows{r: r, table: from, each: each}
	header := true
	err := r.lines(t, func(line string, number int) error {
		if !header {
			rs.line(line, number)
		}
		header = false
		return nil
	})
	for len(rs.open) > 0 {
		rs.giveUp()
	}
	return err
}

func (rs *rows) line(line string, number int) {
	rs.open, rs.at = append(rs.open, line), append(rs.at, number)
	row := strings.Join(rs.open, "\n")
	fields, whole := rs.table.fields(row)
	if !whole {
		if len(rs.open) == mostRowLines || len(row) > mostRowBytes {
			rs.giveUp()
		}
		return
	}
	place := rs.r.at(rs.at[0])
	rs.open, rs.at = nil, nil
	o, err := rs.table.object(fields)
	if err != nil {
		rs.r.broken(place, err.Error())
		return
	}
	rs.each(o, place)
}

// giveUp leaves out the first line of a row that has no end, and begins again behind it.
func (rs *rows) giveUp() {
	lines, at := rs.open, rs.at
	rs.open, rs.at = nil, nil
	rs.r.broken(rs.r.at(at[0]), "there is no end to a quotation mark in it")
	for n := 1; n < len(lines); n++ {
		rs.line(lines[n], at[n])
	}
}

// object is a row by the names of its columns.
func (t table) object(fields []string) (object, error) {
	if len(fields) != len(t.columns) {
		return nil, fmt.Errorf("it has %d columns, and the first line %d", len(fields), len(t.columns))
	}
	o := object{}
	for n, name := range t.columns {
		text := strings.TrimSpace(fields[n])
		if name == "" || text == "" {
			continue
		}
		o[name] = cell(name, text)
	}
	return o, nil
}

// cell is a field of a table: a text, or a list as JSON has it, or labels between commas.
func cell(name, text string) value {
	if strings.HasPrefix(text, "[") {
		var v value
		if json.Unmarshal([]byte(text), &v) == nil {
			return v
		}
	}
	if slices.Contains(labelsFields, name) || slices.Contains(choiceFields, name) {
		v := value{list: true}
		for part := range strings.SplitSeq(text, ",") {
			v.texts = append(v.texts, strings.TrimSpace(part))
		}
		return v
	}
	return value{texts: []string{text}}
}
