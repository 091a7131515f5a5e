package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value is a JSON value that knows its place, with members in their order.
type value struct {
	kind    kind
	text    string // a text, or a number or boolean as it is written
	members []member
	items   []*value

	parent *value
	token  string // its name or number in the parent
}

type kind string

const (
	null    kind = "null"
	boolean kind = "boolean"
	number  kind = "number"
	text    kind = "string"
	list    kind = "array"
	object  kind = "object"
)

type member struct {
	name  string
	value *value
}

// member returns the value under a name, nil if there is none.
func (v *value) member(name string) *value {
	for _, m := range v.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointer is the value's place as a JSON pointer in a fragment (RFC 6901).
func (v *value) pointer() string {
	var tokens []string
	for ; v.parent != nil; v = v.parent {
		tokens = append(tokens, pointerEscapes.Replace(v.token))
	}
	slices.Reverse(tokens)
	return strings.Join(append([]string{"#"}, tokens...), "/")
}

// key is the same for values that are equal, in whatever way they are written.
func (v *value) key() string {
	switch v.kind {
	case number:
		if r, err := rational(v.text); err == nil {
			return r.RatString()
		}
		return v.text
	case text:
		return strconv.Quote(v.text)
	case list:
		all := make([]string, len(v.items))
		for i, item := range v.items {
			all[i] = item.key()
		}
		return "[" + strings.Join(all, ",") + "]"
	case object:
		all := make([]string, len(v.members))
		for i, m := range v.members {
			all[i] = strconv.Quote(m.name) + ":" + m.value.key()
		}
		slices.Sort(all)
		return "{" + strings.Join(all, ",") + "}"
	}
	return v.text
}

// The digits that a limit of numbers may have.
const (
	maxWholeDigits    = 18
	maxFractionDigits = 16
)

// rational reads a number as JSON has it. One of very many digits is an error.
func rational(s string) (*big.Rat, error) {
	_, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	n, _ := strconv.Atoi(exponent)
	r, ok := new(big.Rat), false
	if len(s) <= 2*(maxWholeDigits+maxFractionDigits) && len(exponent) <= 3 && n <= maxWholeDigits && n >= -maxFractionDigits {
		r, ok = r.SetString(s)
	}
	if !ok {
		return nil, fmt.Errorf("the number %.40s has too many digits", s)
	}
	return r, nil
}

type parser struct {
	data    []byte
	decoder *json.Decoder
	lenient bool // a name may be there twice, of which the last one holds
}

// parse reads a schema, within bounds.
func parse(data []byte) (*value, error) { return parseJSON(data, maxSchema, false) }

// parseDocument reads a document, as most programs do.
func parseDocument(data []byte) (*value, error) { return parseJSON(data, maxDocument, true) }

func parseJSON(data []byte, most int, lenient bool) (*value, error) {
	switch {
	case len(data) > most:
		return nil, fmt.Errorf("it has %d bytes, and at most %d are allowed", len(data), most)
	case !utf8.Valid(data):
		return nil, errors.New("it is not UTF-8 text")
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("it is empty")
	}
	p := parser{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), lenient: lenient}
	p.decoder.UseNumber()
	t, err := p.next()
	if err != nil {
		return nil, err
	}
	v, err := p.value(t, nil, "", 0)
	if err != nil {
		return nil, err
	}
	if _, err := p.decoder.Token(); err != io.EOF {
		return nil, p.fail(p.decoder.InputOffset(), "something follows its end")
	}
	return v, nil
}

func (p *parser) next() (json.Token, error) {
	t, err := p.decoder.Token()
	if err == nil {
		return t, nil
	}
	// The decoder does not tell where it found an error, but this does.
	var syntax *json.SyntaxError
	var raw json.RawMessage
	if whole := json.Unmarshal(p.data, &raw); errors.As(err, &syntax) && errors.As(whole, &syntax) {
		return nil, p.fail(syntax.Offset, "it is not JSON: %w", whole)
	}
	return nil, p.fail(int64(len(p.data)), "it is not JSON: it ends in the middle")
}

// fail is an error behind so many bytes.
func (p *parser) fail(offset int64, format string, args ...any) error {
	before := p.data[:min(offset, int64(len(p.data)))]
	line := bytes.LastIndexByte(before, '\n') + 1
	return fmt.Errorf("line %d, column %d: %w", 1+bytes.Count(before, []byte("\n")), max(1, utf8.RuneCount(before[line:])), fmt.Errorf(format, args...))
}

// value reads what begins with a token.
func (p *parser) value(t json.Token, parent *value, token string, depth int) (*value, error) {
	v := &value{parent: parent, token: token}
	if depth > maxNesting {
		return nil, p.fail(p.decoder.InputOffset(), "it nests more than %d deep", maxNesting)
	}
	switch t := t.(type) {
	case nil:
		v.kind, v.text = null, "null"
	case bool:
		v.kind, v.text = boolean, strconv.FormatBool(t)
	case json.Number:
		v.kind, v.text = number, t.String()
	case string:
		v.kind, v.text = text, t
	case json.Delim:
		if t == '[' {
			v.kind = list
			return v, p.items(v, depth)
		}
		v.kind = object
		return v, p.members(v, depth)
	}
	return v, nil
}

func (p *parser) items(v *value, depth int) error {
	for {
		t, err := p.next()
		if err != nil || t == json.Delim(']') {
			return err
		}
		item, err := p.value(t, v, strconv.Itoa(len(v.items)), depth+1)
		if err != nil {
			return err
		}
		v.items = append(v.items, item)
	}
}

func (p *parser) members(v *value, depth int) error {
	place := map[string]int{}
	for {
		t, err := p.next()
		if err != nil || t == json.Delim('}') {
			return err
		}
		name := t.(string) // the decoder makes sure of that
		at, twice := place[name]
		if twice && !p.lenient {
			return p.fail(p.decoder.InputOffset(), "%q is there twice", name)
		}
		if t, err = p.next(); err != nil {
			return err
		}
		m, err := p.value(t, v, name, depth+1)
		if err != nil {
			return err
		}
		if twice {
			v.members[at].value = m
			continue
		}
		place[name] = len(v.members)
		v.members = append(v.members, member{name, m})
	}
}
