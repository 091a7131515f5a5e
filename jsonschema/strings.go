package jsonschema

import (
	"fmt"
	"slices"
	"strings"
)

// shown are the characters that strings hold as they are: those that may be drawn
// in a terminal, so that a document stays what it is on its way there. The others
// (", \, control characters, those that turn the direction of text) are escaped.
var shown = runes{
	' ', '!', '#', '[', ']', '~', 0xA0, 0x2027, 0x202F, 0x2065, 0x206A, 0xD7FF, 0xE000, 0x10FFFF,
}

// every is all characters.
var every = runes{0, 0xD7FF, 0xE000, 0x10FFFF}

var shortEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

// escaped is how a string holds a character.
func escaped(r rune) string {
	switch short := shortEscapes[r]; {
	case short != "":
		return short
	case within(shown, r):
		return string(r)
	case r > 0xFFFF: // not reached: all of these are shown
		return string(r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// jsonString is a text as a JSON string.
func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		b.WriteString(escaped(r))
	}
	b.WriteByte('"')
	return b.String()
}

// character is any one character of a string, in any of JSON's ways to write it.
func (c *compiler) character() expr {
	return ref{c.share("char", func() expr {
		digit := ref{c.share("hex", func() expr { return runes{'0', '9', 'A', 'F', 'a', 'f'} })}
		return alt{shown, seq{literal(`\`), alt{
			runes{'"', '"', '/', '/', '\\', '\\', 'b', 'b', 'f', 'f', 'n', 'n', 'r', 'r', 't', 't'},
			seq{literal("u"), alt{
				seq{runes{'0', '9', 'A', 'C', 'E', 'F', 'a', 'c', 'e', 'f'}, digit, digit, digit},
				seq{runes{'D', 'D', 'd', 'd'}, alt{
					seq{runes{'0', '7'}, digit, digit},
					// A character beyond U+FFFF is a pair of surrogates.
					seq{runes{'8', '9', 'A', 'B', 'a', 'b'}, digit, digit, literal(`\u`), runes{'D', 'D', 'd', 'd'}, runes{'C', 'F', 'c', 'f'}, digit, digit},
				}},
			}},
		}}}
	})}
}

// anyString is a string without restrictions.
func (c *compiler) anyString() expr {
	return ref{c.share("string", func() expr {
		return seq{literal(`"`), repeat{c.character(), bounds{0, -1}}, literal(`"`)}
	})}
}

// strings is what the keywords of strings allow.
func (c *compiler) strings(all *combined) (expr, error) {
	switch {
	case all.length.most >= 0 && all.length.least > all.length.most:
		return alt{}, nil
	case len(all.patterns) == 0 && all.length == bounds{0, -1}:
		return c.anyString(), nil
	case len(all.patterns) == 0:
		return seq{literal(`"`), repeat{c.character(), all.length}, literal(`"`)}, nil
	}
	var m *machine
	for _, p := range all.patterns {
		next, err := compilePattern(p.written)
		if err == nil && m != nil {
			next, err = intersect(m, next)
		}
		if err != nil {
			return nil, errorAt(p.at, "%w", err)
		}
		m = next
	}
	if all.length != (bounds{0, -1}) {
		var err error
		if m, err = intersect(m, lengths(all.length)); err != nil {
			return nil, errorAt(all.at, "with its length: %w", err)
		}
	}
	inside, err := c.machine(m, all.at)
	return seq{literal(`"`), inside, literal(`"`)}, err
}

// machine is what a machine accepts, within a string.
func (c *compiler) machine(m *machine, at *value) (expr, error) {
	m = m.pruned()
	if m == nil {
		return alt{}, nil
	}
	from := make([]int, len(m.states)) // how many edges lead to a state
	from[0] = 1
	for _, s := range m.states {
		for _, e := range s.edges {
			from[e.to]++
		}
	}
	rules := make([]*rule, len(m.states))
	var body func(state int) expr
	target := func(state int) expr {
		if state != 0 && from[state] == 1 {
			return body(state)
		}
		return ref{rules[state]}
	}
	body = func(state int) expr {
		var all alt
		for _, e := range m.states[state].edges {
			all = append(all, seq{c.oneOf(e.on), target(e.to)})
		}
		if m.states[state].accepts {
			all = append(all, literal(""))
		}
		return all
	}
	for i := range m.states {
		if i == 0 && from[i] > 1 || i > 0 && from[i] != 1 {
			var err error
			if rules[i], err = c.newRule(at); err != nil {
				return nil, err
			}
		}
	}
	for i, r := range rules {
		if r != nil {
			r.body = body(i)
		}
	}
	if rules[0] != nil {
		return ref{rules[0]}, nil
	}
	return body(0), nil
}

// longSet is how long a set is of which there is one rule.
const longSet = 8

// oneOf is one of the characters, within a string, written in one way only.
func (c *compiler) oneOf(on runes) expr {
	all := alt{}
	if plain := overlapping(on, shown); len(plain) > longSet {
		all = append(all, ref{c.share("set "+string(plain), func() expr { return plain })})
	} else if len(plain) > 0 {
		all = append(all, plain)
	}
	hidden := overlapping(on, complement(shown))
	if slices.Equal(hidden, complement(shown)) {
		return append(all, ref{c.share("escaped", hiddenCharacter)})
	}
	for i := 0; i < len(hidden); i += 2 {
		for r := hidden[i]; r <= hidden[i+1]; r++ {
			all = append(all, literal(escaped(r)))
		}
	}
	return all
}

// hiddenCharacter is each of the characters that are not shown, as escaped has it.
func hiddenCharacter() expr {
	digit := runes{'0', '9', 'a', 'f'}
	return seq{literal(`\`), alt{
		runes{'"', '"', '\\', '\\', 'b', 'b', 'f', 'f', 'n', 'n', 'r', 'r', 't', 't'},
		seq{literal("u00"), alt{
			seq{literal("0"), runes{'0', '7', 'b', 'b', 'e', 'f'}},
			seq{literal("1"), digit}, literal("7f"), seq{runes{'8', '9'}, digit},
		}},
		seq{literal("u20"), alt{seq{literal("2"), runes{'8', '9', 'a', 'e'}}, seq{literal("6"), runes{'6', '9'}}}},
	}}
}
