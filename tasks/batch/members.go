package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"

	"github.com/expr-lang/expr/types"
)

// Line is a line of JSON as an expression sees it.
type Line map[string]any

// parseLine reads a line: an object.
func parseLine(data []byte) (Line, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var line map[string]any
	if err := d.Decode(&line); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more behind the object")
	}
	return integers(line).(map[string]any), nil
}

// integers has whole numbers be integers.
func integers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = integers(member)
		}
	case []any:
		for i, item := range v {
			v[i] = integers(item)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, err := v.Float64()
		if err != nil {
			return math.Inf(1)
		}
		return f
	}
	return v
}

// kind is what a member of lines is.
type kind int

const (
	kindNull kind = iota // null in every line so far
	kindBool
	kindInt
	kindFloat
	kindText
	kindList
	kindObject
	kindMixed // more than one of these
)

// Members are those that lines have, by which an expression is checked.
type Members map[string]kind

const maxMembers = 10_000

// Add learns the members of a line.
func (m Members) Add(line Line) {
	for name, value := range line {
		before, now := m[name], kindOf(value)
		switch {
		case before == kindNull && len(m) >= maxMembers: // names that are data
		case before == kindNull:
			m[name] = now
		case now == kindNull || now == before:
		case before <= kindFloat && now <= kindFloat && before != kindBool && now != kindBool:
			m[name] = kindFloat
		default:
			m[name] = kindMixed
		}
	}
}

func kindOf(value any) kind {
	switch value.(type) {
	case nil:
		return kindNull
	case bool:
		return kindBool
	case int:
		return kindInt
	case float64:
		return kindFloat
	case string:
		return kindText
	case []any:
		return kindList
	}
	return kindObject
}

// environment tells the library what there is.
func (m Members) environment() types.Map {
	all := types.Map{}
	for name, k := range m {
		switch k {
		case kindBool:
			all[name] = types.Bool
		case kindInt:
			all[name] = types.Int
		case kindFloat:
			all[name] = types.Float64
		case kindText:
			all[name] = types.String
		default: // its own members may be anything
			all[name] = types.Any
		}
	}
	return all
}
