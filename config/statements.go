package config

import (
	"bytes"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// statement is a key with its value, or the head of a table, and where in a TOML file it
// stands.
type statement struct {
	path     []string // from the top of the file
	table    []string // the table that it stands in; that of a head is its own
	head     bool
	key      span // as it is written
	value    span // that of a key
	line     int  // from 1
	afterEnd int  // where the line behind it begins
}

// span is a part of a text, from and to.
type span struct{ from, to int }

func (s span) of(text []byte) string { return string(text[s.from:s.to]) }

// statements finds those of a TOML file that can be read. It knows no more of TOML than where
// a statement ends: what is made of its answer is read again by the library.
func statements(text []byte) []statement {
	var all []statement
	var table []string
	for i := 0; i < len(text); {
		switch text[i] {
		case '#':
			i = lineEnd(text, i)
		case ' ', '\t', '\r', '\n':
			i++
		case '[':
			from, end := i, endOf(text, i)
			table = keyPath(string(bytes.Trim(text[from:end], "[] \t\r")))
			i = lineEnd(text, end)
			all = append(all, statement{path: table, table: table, head: true, key: span{from, i}, line: lineOf(text, from), afterEnd: next(text, i)})
		default:
			s := statement{table: table, line: lineOf(text, i)}
			s.key.from = i
			i = scan(text, i, '=')
			s.key.to = s.key.from + len(bytes.TrimRight(text[s.key.from:i], " \t"))
			s.path = append(slices.Clone(table), keyPath(s.key.of(text))...)
			for i++; i < len(text) && (text[i] == ' ' || text[i] == '\t'); i++ {
			}
			i = min(i, len(text))
			s.value.from = i
			i = endOf(text, i)
			s.value.to = s.value.from + len(bytes.TrimRight(text[s.value.from:i], " \t\r"))
			i = lineEnd(text, i)
			s.afterEnd = next(text, i)
			all = append(all, s)
		}
	}
	return all
}

// keyPath reads a key, which may have dots and quotes.
func keyPath(key string) []string {
	var table map[string]any
	if toml.Unmarshal([]byte(key+" = 0"), &table) != nil {
		return nil
	}
	var path []string
	for len(table) == 1 {
		for name, inner := range table {
			path = append(path, name)
			table, _ = inner.(map[string]any)
		}
	}
	return path
}

// endOf is where the value, or the table's head, ends that begins at i: before a comment or
// the end of the line, but not within brackets or a string.
func endOf(text []byte, i int) int {
	for depth := 0; i < len(text); {
		switch text[i] {
		case '"', '\'':
			i = stringEnd(text, i)
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '#':
			if depth <= 0 {
				return i
			}
			i = lineEnd(text, i)
			continue
		case '\n':
			if depth <= 0 {
				return i
			}
		}
		i++
	}
	return i
}

// scan is where a byte is next that is no part of a string, or the line's end.
func scan(text []byte, i int, want byte) int {
	for i < len(text) && text[i] != want && text[i] != '\n' {
		if text[i] == '"' || text[i] == '\'' {
			i = stringEnd(text, i)
			continue
		}
		i++
	}
	return i
}

// stringEnd is behind the string that begins at i.
func stringEnd(text []byte, i int) int {
	quote := text[i : i+1]
	if triple := bytes.Repeat(quote, 3); bytes.HasPrefix(text[i:], triple) {
		for i += 3; i < len(text); i++ {
			switch {
			case text[i] == '\\' && quote[0] == '"':
				i++
			case bytes.HasPrefix(text[i:], triple):
				for i += 3; i < len(text) && text[i] == quote[0]; i++ { // two more may belong to it
				}
				return i
			}
		}
		return len(text)
	}
	for i++; i < len(text) && text[i] != '\n'; i++ {
		switch {
		case text[i] == '\\' && quote[0] == '"':
			i++
		case text[i] == quote[0]:
			return i + 1
		}
	}
	return min(i, len(text))
}

func lineEnd(text []byte, i int) int {
	i = min(i, len(text))
	if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(text)
}

func next(text []byte, end int) int { return min(end+1, len(text)) }

func lineOf(text []byte, i int) int { return 1 + bytes.Count(text[:i], []byte("\n")) }
