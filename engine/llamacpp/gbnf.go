package llamacpp

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a grammar, far beyond those that anybody writes or that come of a
// JSON schema. llama.cpp parses with a recursion that ends its process when a
// grammar nests too deep, and unrolls repetitions.
const (
	maxGrammarText    = 256 << 10 // bytes
	maxGrammarNesting = 64
	maxGrammarRules   = 4096
	maxRepetitions    = 2000 // as newer llama.cpp has it
	maxGrammarSymbols = 100_000
	maxEmptyWays      = 1000
)

// checkGrammar makes sure that llama.cpp can be given a grammar in GBNF
// (llama.cpp's grammars/README.md): that it is whole and within bounds, that
// every rule is defined and that none begins with itself.
func checkGrammar(text string) error {
	switch {
	case len(text) > maxGrammarText:
		return fmt.Errorf("it has %d bytes, and at most %d are allowed", len(text), maxGrammarText)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return fmt.Errorf("it is not UTF-8 text")
	}
	p := gbnfParser{text: text, rules: map[string]*gbnfRule{}, refs: map[string]bool{"root": true}}
	p.space(true)
	for p.err == nil && p.at < len(text) {
		p.rule()
	}
	if p.err != nil {
		return fmt.Errorf("line %d: %w", 1+strings.Count(text[:min(p.at, len(text))], "\n"), p.err)
	}
	for name := range p.refs {
		if p.rules[name] == nil {
			return fmt.Errorf("it has no rule named %s", name)
		}
	}
	for _, check := range []func(*gbnfRule) error{p.checkBeginning, p.checkEmpties} {
		for name, rule := range p.rules {
			if err := check(rule); err != nil {
				return fmt.Errorf("the rule %s: %w", name, err)
			}
		}
	}
	return nil
}

// gbnfRule is a rule or a group: what it may be made of.
type gbnfRule struct {
	name         string
	alternatives [][]gbnfItem

	state int // of its empties: not asked for, being counted, counted
	ways  int
}

const (
	uncounted = iota
	counting
	counted
)

// gbnfItem is one element of a sequence, repeated from least to most times;
// most is -1 for no limit.
type gbnfItem struct {
	ref         string    // the name of a rule, or
	group       *gbnfRule // a group, or else characters
	empty       bool      // a text of no characters
	symbols     int       // that llama.cpp keeps for it
	least, most int
}

type gbnfParser struct {
	text    string
	at      int
	nesting int
	symbols int
	rules   map[string]*gbnfRule
	refs    map[string]bool // rules that are referred to
	err     error
}

func (p *gbnfParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// peek is the next byte, 0 at the end.
func (p *gbnfParser) peek() byte {
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// space skips blanks and comments, and line ends where they mean nothing.
func (p *gbnfParser) space(lines bool) {
	for {
		switch c := p.peek(); {
		case c == '#':
			for p.peek() != 0 && p.peek() != '\n' && p.peek() != '\r' {
				p.at++
			}
		case c == ' ' || c == '\t' || lines && (c == '\n' || c == '\r'):
			p.at++
		default:
			return
		}
	}
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
}

func (p *gbnfParser) name() string {
	start := p.at
	for isWord(p.peek()) {
		p.at++
	}
	return p.text[start:p.at]
}

// rule reads "name ::= alternatives" and the end of its line.
func (p *gbnfParser) rule() {
	r := &gbnfRule{name: p.name()}
	p.space(false)
	if r.name == "" || !strings.HasPrefix(p.text[p.at:], "::=") {
		p.fail("a rule begins with its name and ::=")
		return
	}
	p.at += len("::=")
	p.space(true)
	r.alternatives = p.alternatives(false)
	if c := p.peek(); p.err == nil && c != 0 && c != '\n' && c != '\r' {
		p.fail("%q is not expected here", c)
	}
	if p.rules[r.name] != nil {
		p.fail("the rule %s is defined twice", r.name)
	}
	if p.rules[r.name] = r; len(p.rules) > maxGrammarRules {
		p.fail("it has more than %d rules", maxGrammarRules)
	}
	p.space(true)
}

func (p *gbnfParser) alternatives(inGroup bool) [][]gbnfItem {
	all := [][]gbnfItem{p.sequence(inGroup)}
	for p.err == nil && p.peek() == '|' {
		p.at++
		p.space(true)
		all = append(all, p.sequence(inGroup))
	}
	return all
}

// sequence reads items up to something else.
func (p *gbnfParser) sequence(inGroup bool) []gbnfItem {
	var items []gbnfItem
	for p.err == nil {
		item := gbnfItem{least: 1, most: 1, symbols: 1}
		switch c := p.peek(); {
		case c == '"':
			p.at++
			item.symbols = p.characters('"')
			item.empty = item.symbols == 0
		case c == '[':
			if p.at++; p.peek() == '^' {
				p.at++
			}
			if item.symbols = p.characters(']'); item.symbols == 0 {
				p.fail("a set of no characters")
			}
		case c == '.':
			p.at++
		case c == '(':
			item.group = p.group()
		case isWord(c):
			item.ref = p.name()
			p.refs[item.ref] = true
		default:
			return items
		}
		p.space(inGroup)
		p.repetition(&item, inGroup)
		items = append(items, item)
	}
	return items
}

func (p *gbnfParser) group() *gbnfRule {
	if p.nesting++; p.nesting > maxGrammarNesting {
		p.fail("it nests more than %d deep", maxGrammarNesting)
		return nil
	}
	p.at++
	p.space(true)
	g := &gbnfRule{alternatives: p.alternatives(true)}
	if p.nesting--; p.peek() != ')' {
		p.fail("a group is not closed")
		return nil
	}
	p.at++
	return g
}

// characters reads those of a text or a set up to its end, and counts them.
func (p *gbnfParser) characters(end byte) int {
	n := 0
	for p.err == nil && p.peek() != end {
		n++
		switch p.peek() {
		case 0:
			p.fail("a text or a set is not closed")
		case '\\':
			p.escape()
		default:
			_, width := utf8.DecodeRuneInString(p.text[p.at:])
			p.at += width
		}
	}
	p.at++
	return n
}

func (p *gbnfParser) escape() {
	p.at++
	c := p.peek()
	p.at++
	digits, hex := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	switch {
	case hex:
		code := p.text[min(p.at, len(p.text)):min(p.at+digits, len(p.text))]
		if _, err := strconv.ParseUint(code, 16, 32); err != nil || len(code) < digits {
			p.fail("\\%c wants %d hexadecimal digits", c, digits)
		}
		p.at += digits
	case c == 0 || !strings.ContainsRune(`trn\"[]-`, rune(c)):
		p.fail("\\%c is no escape", c)
	}
}

// repetition reads *, +, ? or {n,m} behind an item, if there is one.
func (p *gbnfParser) repetition(item *gbnfItem, inGroup bool) {
	repeated := 0
	for p.err == nil {
		least, most := 0, -1
		switch p.peek() {
		case '*':
		case '+':
			least = 1
		case '?':
			most = 1
		case '{':
			least, most = p.bounds()
		default:
			p.count(item)
			return
		}
		p.at++
		p.space(inGroup)
		if repeated++; repeated > 1 {
			p.fail("a repetition of a repetition: put the inner one in parentheses")
		}
		if item.empty {
			p.fail("a repetition of nothing")
		}
		item.least, item.most = least, most
	}
}

// bounds reads {n}, {n,} or {n,m} up to the closing brace.
func (p *gbnfParser) bounds() (least, most int) {
	number := func() int {
		start := p.at
		for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
			p.at++
		}
		n, err := strconv.Atoi(p.text[start:p.at])
		if err != nil || n > maxRepetitions {
			p.fail("a repetition of %q, and a number up to %d is expected", p.text[start:p.at], maxRepetitions)
		}
		p.space(true)
		return n
	}
	p.at++
	p.space(true)
	least = number()
	most = least
	if p.peek() == ',' {
		p.at++
		p.space(true)
		if most = -1; p.peek() != '}' {
			if most = number(); most < least {
				p.fail("a repetition from %d to %d", least, most)
			}
		}
	}
	if p.peek() != '}' {
		p.fail("a repetition is not closed")
	}
	return least, most
}

// count adds up what llama.cpp unrolls an item into.
func (p *gbnfParser) count(item *gbnfItem) {
	times := max(item.least, item.most, 1)
	if p.symbols += (item.symbols + 3) * times; p.symbols > maxGrammarSymbols {
		p.fail("it has too many symbols, with its repetitions written out")
	}
}

// checkBeginning makes sure that a rule does not begin with itself.
func (p *gbnfParser) checkBeginning(r *gbnfRule) error {
	_, err := p.empties(r)
	return err
}

// checkEmpties bounds the ways in which items that follow each other can all be
// empty: llama.cpp tries each of them. It is for rules that don't begin with
// themselves.
func (p *gbnfParser) checkEmpties(r *gbnfRule) error {
	for _, items := range r.alternatives {
		ways := 1
		for _, item := range items {
			if item.group != nil {
				if err := p.checkEmpties(item.group); err != nil {
					return err
				}
			}
			n, err := p.itemEmpties(item)
			if err != nil {
				return err
			}
			if ways = max(ways*n, 1); ways > maxEmptyWays {
				return errTooEmpty
			}
		}
	}
	return nil
}

var errTooEmpty = fmt.Errorf("it can be empty in more than %d ways", maxEmptyWays)

// empties counts the ways in which a rule can stand for no text at all. What is
// asked for again while it is being counted begins with itself, which llama.cpp
// can't parse.
func (p *gbnfParser) empties(r *gbnfRule) (int, error) {
	switch r.state {
	case counting:
		return 0, fmt.Errorf("it begins with itself (left recursion)")
	case counted:
		return r.ways, nil
	}
	r.state = counting
	for _, items := range r.alternatives {
		ways := 1
		for _, item := range items {
			n, err := p.itemEmpties(item)
			if err != nil {
				return 0, err
			}
			if ways = min(ways*n, maxEmptyWays+1); ways == 0 {
				break // what follows is not at the beginning
			}
		}
		if r.ways += ways; r.ways > maxEmptyWays {
			return 0, errTooEmpty
		}
	}
	r.state = counted
	return r.ways, nil
}

func (p *gbnfParser) itemEmpties(item gbnfItem) (int, error) {
	n := 0
	var err error
	switch {
	case item.group != nil:
		n, err = p.empties(item.group)
	case item.ref != "":
		n, err = p.empties(p.rules[item.ref])
	case item.empty:
		n = 1
	}
	switch {
	case err != nil:
		return 0, err
	case n > 0 && item.most < 0:
		return 0, fmt.Errorf("it repeats, without limit, what can be empty")
	case n > 0:
		// Each of the times can be empty in n ways.
		ways, power := 0, 1
		for i := 0; i <= item.most; i++ {
			if i >= item.least {
				ways = min(ways+power, maxEmptyWays+1)
			}
			power = min(power*n, maxEmptyWays+1)
		}
		return ways, nil
	case item.least == 0:
		return 1, nil
	}
	return 0, nil
}
