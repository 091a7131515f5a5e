package jsonschema

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// expr is what a rule is made of. Nil and a literal of no characters are nothing
// at all; an alt of no alternatives is what can't be written.
type expr interface{}

type (
	literal string
	// runes is one of the characters, as pairs of a first and a last one, in order.
	runes []rune
	seq   []expr
	alt   []expr
	ref   struct{ to *rule }
	// repeat is what, from least to most times; most is -1 for no limit.
	repeat struct {
		what expr
		bounds
	}
)

// rule is a rule of the grammar.
type rule struct {
	name     string
	body     expr
	overlaps []overlap // what must not be writable if the rule is used

	writable bool // some text is what it says
}

// optional is what, or nothing.
func optional(what expr) expr { return repeat{what, bounds{0, 1}} }

// writable tells whether some finite text is what an expression says, as far as
// its rules are known to be.
func writable(e expr) bool {
	switch e := e.(type) {
	case runes:
		return len(e) > 0
	case seq:
		return !slices.ContainsFunc(e, func(e expr) bool { return !writable(e) })
	case alt:
		return slices.ContainsFunc(e, writable)
	case ref:
		return e.to.writable
	case repeat:
		return e.least == 0 || writable(e.what)
	}
	return true
}

// findWritable finds the rules that are. To begin with none is known to be.
func (c *compiler) findWritable() {
	for changed := true; changed; {
		changed = false
		for _, r := range slices.Backward(c.all) { // what is made later is used earlier
			if !r.writable && writable(r.body) {
				r.writable, changed = true, true
			}
		}
	}
}

// reachable returns the rules that a document's is made of, itself first.
func reachable(document *rule) []*rule {
	all := []*rule{document}
	seen := map[*rule]bool{document: true}
	for i := 0; i < len(all); i++ {
		for _, to := range refs(all[i].body, nil) {
			if !seen[to] {
				seen[to] = true
				all = append(all, to)
			}
		}
	}
	return all
}

// refs appends the rules that an expression refers to, where it can be written.
func refs(e expr, to []*rule) []*rule {
	if !writable(e) {
		return to
	}
	switch e := e.(type) {
	case seq:
		for _, part := range e {
			to = refs(part, to)
		}
	case alt:
		for _, part := range e {
			to = refs(part, to)
		}
	case ref:
		to = append(to, e.to)
	case repeat:
		to = refs(e.what, to)
	}
	return to
}

// printer writes a grammar in GBNF.
type printer struct {
	lines   []string
	size    int
	symbols int
	extra   int // the number of rules that it made
}

// print writes the grammar whose text is what a rule says.
func (c *compiler) print(document *rule) (string, error) {
	p := &printer{}
	p.define("root", ref{document})
	for _, r := range reachable(document) {
		if p.define(r.name, r.body); p.size > maxGrammar || p.symbols > maxSymbols || len(p.lines) > maxRules {
			return "", errors.New("the grammar for it becomes too large: make the schema smaller, or its minItems, maxItems, minLength and maxLength")
		}
	}
	return strings.Join(p.lines, "\n") + "\n", nil
}

func (p *printer) define(name string, e expr) {
	at := len(p.lines)
	p.lines = append(p.lines, "")
	p.lines[at] = name + " ::= " + p.alternatives(simplify(e), 0)
	p.size += len(p.lines[at]) + 1
}

// hoist makes an expression a rule of its own, and returns its name.
func (p *printer) hoist(e expr) string {
	p.extra++
	name := "p" + strconv.Itoa(p.extra)
	p.define(name, e)
	return name
}

// simplify removes what can't be written and what is nothing, and flattens.
func simplify(e expr) expr {
	switch e := e.(type) {
	case nil:
		return literal("")
	case seq:
		var parts seq
		for _, part := range e {
			parts = appendPart(parts, simplify(part))
		}
		switch len(parts) {
		case 0:
			return literal("")
		case 1:
			return parts[0]
		}
		return parts
	case alt:
		var parts alt
		nothing := false
		for _, part := range e {
			if !writable(part) {
				continue
			}
			part = simplify(part)
			if inner, ok := part.(alt); ok {
				parts = append(parts, inner...)
			} else {
				parts = append(parts, part)
			}
		}
		parts = slices.DeleteFunc(parts, func(part expr) bool {
			empty := part == expr(literal(""))
			nothing = nothing || empty
			return empty
		})
		if nothing {
			parts = append(parts, literal(""))
		}
		if len(parts) == 1 {
			return parts[0]
		}
		return parts
	case runes:
		if len(e) == 2 && e[0] == e[1] {
			return literal(string(e[0]))
		}
	case repeat:
		if !writable(e.what) || e.most == 0 {
			return literal("")
		}
		what := simplify(e.what)
		if what == expr(literal("")) || e.bounds == (bounds{1, 1}) {
			return what
		}
		return repeat{what, e.bounds}
	}
	return e
}

// appendPart appends a part of a sequence: its parts, if it is one, and a text to
// the text before.
func appendPart(parts seq, part expr) seq {
	switch part := part.(type) {
	case seq:
		for _, inner := range part {
			parts = appendPart(parts, inner)
		}
		return parts
	case literal:
		if part == "" {
			return parts
		}
		if last := len(parts) - 1; last >= 0 {
			if before, ok := parts[last].(literal); ok {
				parts[last] = before + part
				return parts
			}
		}
	}
	return append(parts, part)
}

// maxGroups is how deep groups nest before they become rules.
const maxGroups = 8

// alternatives writes an expression where nothing binds tighter.
func (p *printer) alternatives(e expr, depth int) string {
	parts, ok := e.(alt)
	if !ok {
		return p.sequence(e, depth)
	}
	all := make([]string, len(parts))
	for i, part := range parts {
		all[i] = p.sequence(part, depth)
	}
	return strings.Join(all, " | ")
}

func (p *printer) sequence(e expr, depth int) string {
	parts, ok := e.(seq)
	if !ok {
		return p.item(e, depth)
	}
	all := make([]string, len(parts))
	for i, part := range parts {
		all[i] = p.item(part, depth)
	}
	return strings.Join(all, " ")
}

// item writes an expression where everything else binds tighter.
func (p *printer) item(e expr, depth int) string {
	p.symbols += 4
	switch e := e.(type) {
	case literal:
		p.symbols += utf8.RuneCountInString(string(e))
		return quote(string(e))
	case runes:
		p.symbols += len(e)
		return set(e)
	case ref:
		return e.to.name
	case repeat:
		return p.repetition(e)
	}
	if depth >= maxGroups {
		return p.hoist(e)
	}
	return "(" + p.alternatives(e, depth+1) + ")"
}

// repetition writes a repeat. What is repeated is one symbol: llama.cpp
// multiplies the rules within a group by its repetitions, and refuses many.
func (p *printer) repetition(e repeat) string {
	var one string
	symbols := 1
	switch what := e.what.(type) {
	case runes:
		one, symbols = set(what), len(what)
	case literal:
		one, symbols = quote(string(what)), utf8.RuneCountInString(string(what))
	case ref:
		one = what.to.name
	default:
		one = p.hoist(what)
	}
	if e.least <= maxRepetitions && e.most <= maxRepetitions {
		return one + p.times(e.bounds, symbols)
	}
	// So many, that they are put together of blocks.
	if symbols > 1 {
		one = p.hoist(e.what)
	}
	block := p.hoist(repeat{ref{&rule{name: one, writable: true}}, bounds{maxRepetitions, maxRepetitions}})
	var all []string
	if n := e.least % maxRepetitions; n > 0 {
		all = append(all, one+p.times(bounds{n, n}, 1))
	}
	if n := e.least / maxRepetitions; n > 0 {
		all = append(all, block+p.times(bounds{n, n}, 1))
	}
	if e.most < 0 {
		all = append(all, one+"*")
	} else if more := e.most - e.least; more > 0 {
		all = append(all, p.upTo(one, block, more))
	}
	return strings.Join(all, " ")
}

// upTo returns the name of a rule for at most n of one, of which a block has
// maxRepetitions: fewer than a block, or a block and the same for what is left.
func (p *printer) upTo(one, block string, n int) string {
	symbol := func(name string) expr { return ref{&rule{name: name, writable: true}} }
	rest := p.hoist(repeat{symbol(one), bounds{0, n % maxRepetitions}})
	fewer := ""
	for range n / maxRepetitions {
		if fewer == "" {
			fewer = p.hoist(repeat{symbol(one), bounds{0, maxRepetitions - 1}})
		}
		rest = p.hoist(alt{symbol(fewer), seq{symbol(block), symbol(rest)}})
	}
	return rest
}

// times writes how often something is repeated.
func (p *printer) times(b bounds, symbols int) string {
	p.symbols += (symbols + 3) * max(b.least, b.most, 1)
	switch {
	case b == bounds{0, 1}:
		return "?"
	case b == bounds{0, -1}:
		return "*"
	case b == bounds{1, -1}:
		return "+"
	case b.most < 0:
		return fmt.Sprintf("{%d,}", b.least)
	case b.least == b.most:
		return fmt.Sprintf("{%d}", b.least)
	}
	return fmt.Sprintf("{%d,%d}", b.least, b.most)
}

// quote writes a text in GBNF.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if r >= ' ' && r <= '~' && r != '"' && r != '\\' {
			b.WriteRune(r)
		} else {
			escape(&b, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// set writes a set of characters in GBNF.
func set(s runes) string {
	var b strings.Builder
	write := func(r rune) {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			escape(&b, r)
		}
	}
	b.WriteByte('[')
	for i := 0; i < len(s); i += 2 {
		if write(s[i]); s[i] == s[i+1] {
			continue
		}
		if s[i]+1 < s[i+1] {
			b.WriteByte('-')
		}
		write(s[i+1])
	}
	b.WriteByte(']')
	return b.String()
}

// escape writes a character by its number, as every llama.cpp reads it.
func escape(b *strings.Builder, r rune) {
	switch {
	case r <= 0xFF:
		fmt.Fprintf(b, `\x%02X`, r)
	case r <= 0xFFFF:
		fmt.Fprintf(b, `\u%04X`, r)
	default:
		fmt.Fprintf(b, `\U%08X`, r)
	}
}
