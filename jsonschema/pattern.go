package jsonschema

import (
	"encoding/binary"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// matcher makes a machine of a regular expression: the subsets of its program's
// instructions that can be reached by the same text are the states.
type matcher struct {
	program *syntax.Prog
	sets    []runes // what instructions that take a character take
	number  map[string]int
	machine *machine
	found   []subset
	work    int
}

// maxWork bounds what is looked at to make a machine.
const maxWork = 5_000_000

// subset is where a program can be.
type subset struct {
	at      []uint32 // instructions that take a character or wait for the end, in order
	matched bool     // whatever follows
	accepts bool     // if nothing follows
}

// compilePattern makes a machine for the strings in which an expression has a
// match. Its syntax is that of Go's regexp package, with ECMAScript's \u.
func compilePattern(expression string) (*machine, error) {
	parsed, err := syntax.Parse(toGo(expression), syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern can't be used: %w", err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, fmt.Errorf("the pattern can't be used: %w", err)
	}
	m := &matcher{program: program, sets: make([]runes, len(program.Inst)), number: map[string]int{}, machine: &machine{}}
	for i := range program.Inst {
		in := &program.Inst[i]
		m.sets[i] = taken(in)
		if in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return nil, fmt.Errorf(`the pattern can't be used: of ^, $, \b and \B only ^ and $ are supported, and those without (?m)`)
		}
	}
	m.state(m.close([]uint32{uint32(program.Start)}, true))
	for i := 0; i < len(m.found); i++ {
		if len(m.found) > maxStates || m.work > maxWork {
			return nil, errStates
		}
		m.machine.states[i] = state{m.found[i].accepts, m.edges(m.found[i])}
	}
	return m.machine, nil
}

// toGo writes ECMAScript's \uXXXX as Go reads it.
func toGo(expression string) string {
	var b strings.Builder
	for i := 0; i < len(expression); i++ {
		if expression[i] != '\\' || i+1 == len(expression) {
			b.WriteByte(expression[i])
			continue
		}
		i++
		if expression[i] == 'u' && i+4 < len(expression) {
			fmt.Fprintf(&b, `\x{%s}`, expression[i+1:i+5])
			i += 4
			continue
		}
		b.WriteByte('\\')
		b.WriteByte(expression[i])
	}
	return b.String()
}

// taken is the set of characters that an instruction takes, nil for others.
func taken(in *syntax.Inst) runes {
	switch in.Op {
	case syntax.InstRuneAny:
		return every
	case syntax.InstRuneAnyNotNL:
		// ECMAScript's . takes none of these, Go's all but the first.
		return complement(runes{'\n', '\n', '\r', '\r', 0x2028, 0x2029})
	case syntax.InstRune, syntax.InstRune1:
		if len(in.Rune) != 1 {
			return overlapping(normal(slices.Clone(in.Rune)), every)
		}
		r := in.Rune[0]
		s := runes{r, r}
		if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				s = append(s, f, f)
			}
		}
		return overlapping(normal(s), every)
	}
	return nil
}

// close follows the instructions that take no character.
func (m *matcher) close(from []uint32, begin bool) subset {
	s := m.follow(from, begin, false)
	if !s.matched {
		s.accepts = m.follow(s.at, begin, true).matched
	} else {
		s.at, s.accepts = nil, true
	}
	return s
}

func (m *matcher) follow(from []uint32, begin, end bool) subset {
	var s subset
	seen := map[uint32]bool{}
	todo := slices.Clone(from)
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		m.work++
		switch in := &m.program.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, in.Out)
		case syntax.InstMatch:
			s.matched = true
		case syntax.InstFail:
		case syntax.InstEmptyWidth:
			op := syntax.EmptyOp(in.Arg)
			switch {
			case op&syntax.EmptyBeginText != 0 && !begin:
			case op&syntax.EmptyEndText != 0 && !end:
				s.at = append(s.at, pc)
			default:
				todo = append(todo, in.Out)
			}
		default:
			s.at = append(s.at, pc)
		}
	}
	slices.Sort(s.at)
	return s
}

// state returns the number of a subset's state.
func (m *matcher) state(s subset) int {
	key := make([]byte, 0, 4*len(s.at)+2)
	for _, pc := range s.at {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	key = fmt.Append(key, s.matched, s.accepts)
	n, ok := m.number[string(key)]
	if !ok {
		n = len(m.found)
		m.number[string(key)] = n
		m.found = append(m.found, s)
		m.machine.states = append(m.machine.states, state{})
	}
	return n
}

// edges are those of a subset's state.
func (m *matcher) edges(s subset) []edge {
	if s.matched {
		return []edge{{every, m.state(s)}}
	}
	// Between two cuts all characters are taken alike.
	cuts := []rune{0, 0xD800, 0xE000, 0x110000}
	for _, pc := range s.at {
		for i := 0; i < len(m.sets[pc]); i += 2 {
			cuts = append(cuts, m.sets[pc][i], m.sets[pc][i+1]+1)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	on := map[int]runes{}
	var order []int
	for i, first := range cuts[:len(cuts)-1] {
		if first == 0xD800 || m.work > maxWork {
			continue
		}
		next := []uint32{uint32(m.program.Start)} // a match may begin anywhere
		for _, pc := range s.at {
			if m.work++; within(m.sets[pc], first) {
				next = append(next, m.program.Inst[pc].Out)
			}
		}
		to := m.state(m.close(next, false))
		if on[to] == nil {
			order = append(order, to)
		}
		on[to] = append(on[to], first, cuts[i+1]-1)
	}
	edges := make([]edge, len(order))
	for i, to := range order {
		edges[i] = edge{normal(on[to]), to}
	}
	return edges
}
