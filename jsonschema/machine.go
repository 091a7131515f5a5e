package jsonschema

import "fmt"

// machine recognises strings, character by character: a deterministic finite
// automaton that begins in state 0. What no edge is for is not accepted.
type machine struct{ states []state }

type state struct {
	accepts bool
	edges   []edge // on different characters each
}

type edge struct {
	on runes
	to int
}

var errStates = fmt.Errorf("it needs more than %d states to recognise: make it simpler, or its repetitions smaller", maxStates)

// intersect accepts what both machines do.
func intersect(a, b *machine) (*machine, error) {
	type pair struct{ a, b int }
	m := &machine{states: []state{{}}}
	number := map[pair]int{{0, 0}: 0}
	pairs := []pair{{0, 0}}
	for i := 0; i < len(pairs); i++ {
		x, y := a.states[pairs[i].a], b.states[pairs[i].b]
		m.states[i].accepts = x.accepts && y.accepts
		for _, e := range x.edges {
			for _, f := range y.edges {
				on := overlapping(e.on, f.on)
				if len(on) == 0 {
					continue
				}
				to := pair{e.to, f.to}
				n, ok := number[to]
				if !ok {
					if n = len(pairs); n >= maxStates {
						return nil, errStates
					}
					number[to], pairs, m.states = n, append(pairs, to), append(m.states, state{})
				}
				m.states[i].edges = append(m.states[i].edges, edge{on, n})
			}
		}
	}
	return m, nil
}

// lengths accepts strings of so many characters.
func lengths(b bounds) *machine {
	last := b.most
	if last < 0 {
		last = b.least
	}
	m := &machine{}
	for i := range last + 1 {
		s := state{accepts: i >= b.least}
		switch {
		case i < last:
			s.edges = []edge{{every, i + 1}}
		case b.most < 0:
			s.edges = []edge{{every, i}}
		}
		m.states = append(m.states, s)
	}
	return m
}

// texts accepts these texts and no others.
func texts(all []string) *machine {
	m := &machine{states: []state{{}}}
	for _, s := range all {
		at := 0
		for _, r := range s {
			next := -1
			for _, e := range m.states[at].edges {
				if e.on[0] == r {
					next = e.to
				}
			}
			if next < 0 {
				next = len(m.states)
				m.states = append(m.states, state{})
				m.states[at].edges = append(m.states[at].edges, edge{runes{r, r}, next})
			}
			at = next
		}
		m.states[at].accepts = true
	}
	return m
}

// not accepts what a machine does not.
func (m *machine) not() *machine {
	rest := len(m.states)
	n := &machine{}
	for _, s := range append(m.states[:rest:rest], state{}) {
		var on runes
		edges := append([]edge{}, s.edges...)
		for _, e := range s.edges {
			on = append(on, e.on...)
		}
		if others := complement(normal(on)); len(others) > 0 {
			edges = append(edges, edge{others, rest})
		}
		n.states = append(n.states, state{!s.accepts, edges})
	}
	return n
}

// pruned leaves out the states from which nothing is accepted, in which a model
// would be caught. It is nil if nothing is accepted at all.
func (m *machine) pruned() *machine {
	into := make([][]int, len(m.states))
	var todo []int
	alive := make([]bool, len(m.states))
	for i, s := range m.states {
		for _, e := range s.edges {
			into[e.to] = append(into[e.to], i)
		}
		if s.accepts {
			alive[i], todo = true, append(todo, i)
		}
	}
	for len(todo) > 0 {
		last := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, i := range into[last] {
			if !alive[i] {
				alive[i], todo = true, append(todo, i)
			}
		}
	}
	if !alive[0] {
		return nil
	}
	number := make([]int, len(m.states))
	n := 0
	for i := range m.states {
		number[i] = n
		if alive[i] {
			n++
		}
	}
	p := &machine{}
	for i, s := range m.states {
		if !alive[i] {
			continue
		}
		kept := state{accepts: s.accepts}
		// Edges to the same state are one.
		place := map[int]int{}
		for _, e := range s.edges {
			if !alive[e.to] {
				continue
			}
			to := number[e.to]
			at, ok := place[to]
			if !ok {
				place[to] = len(kept.edges)
				kept.edges = append(kept.edges, edge{e.on, to})
				continue
			}
			kept.edges[at].on = normal(append(append(runes{}, kept.edges[at].on...), e.on...))
		}
		p.states = append(p.states, kept)
	}
	return p
}
