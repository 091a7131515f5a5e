package meteor

import "slices"

// match is a phrase of the reference that a module finds again in the candidate: length words
// from start on there, size words from at on here.
type match struct {
	start, length int
	at, size      int
	module        int
}

// vocabulary is the words of all captions, with what the modules look at of each; a caption is
// a list of their numbers.
type vocabulary struct {
	numbers  map[string]int32
	stems    []int32   // equal where stems are
	sets     [][]int32 // of synonyms
	function []bool
}

// matching is all matches of a candidate and a reference, before it is decided which hold.
type matching struct {
	candidate, reference []int32
	from                 [][]match // by the word of the reference at which they start
	overCandidate        []int     // how many cover each word
	overReference        []int

	// What a search has taken, to be used by the next one.
	paths, next, spare []*partial
}

// match finds the matches of a pair of captions. What the modules find is put down in the
// reference's order, as of equally good alignments the one that is met first is taken.
func (m *matching) match(v *vocabulary, p *paraphrases, candidate, reference []int32) {
	m.candidate, m.reference = candidate, reference
	m.from = cleared(m.from, len(reference))
	m.overCandidate = zeros(m.overCandidate, len(candidate))
	m.overReference = zeros(m.overReference, len(reference))
	m.words(exact, func(c, r int32) bool { return c == r })
	// Where the two are the same, other matches could only mislead the search.
	if slices.Equal(candidate, reference) {
		return
	}
	m.words(stems, func(c, r int32) bool { return c != r && v.stems[c] == v.stems[r] })
	if v.sets != nil {
		m.words(synonym, func(c, r int32) bool { return c != r && share(v.sets[c], v.sets[r]) })
	}
	if p != nil {
		m.phrases(p)
	}
}

// words finds matches of one word each.
func (m *matching) words(module int, same func(c, r int32) bool) {
	for start, r := range m.reference {
		for at, c := range m.candidate {
			if same(c, r) {
				m.add(match{start: start, length: 1, at: at, size: 1, module: module})
			}
		}
	}
}

// phrases finds phrases of the reference that the candidate paraphrases, and the other way
// round.
func (m *matching) phrases(p *paraphrases) {
	for start := range m.reference {
		p.at(m.reference[start:], func(length int, by []int32) {
			for at := range m.candidate {
				if begins(m.candidate[at:], by) {
					m.add(match{start: start, length: length, at: at, size: len(by), module: paraphrase})
				}
			}
		})
	}
	for at := range m.candidate {
		p.at(m.candidate[at:], func(size int, by []int32) {
			for start := range m.reference {
				if begins(m.reference[start:], by) {
					m.add(match{start: start, length: len(by), at: at, size: size, module: paraphrase})
				}
			}
		})
	}
}

func begins(words, with []int32) bool {
	if len(words) < len(with) {
		return false
	}
	for i, w := range with {
		if words[i] != w {
			return false
		}
	}
	return true
}

func (m *matching) add(x match) {
	m.from[x.start] = append(m.from[x.start], x)
	for i := range x.size {
		m.overCandidate[x.at+i]++
	}
	for i := range x.length {
		m.overReference[x.start+i]++
	}
}

// certain says whether no other match has a word in common with the only one that starts at a
// word of the reference.
func (m *matching) certain(start int) bool {
	if len(m.from[start]) != 1 {
		return false
	}
	x := m.from[start][0]
	for i := range x.size {
		if m.overCandidate[x.at+i] != 1 {
			return false
		}
	}
	for i := range x.length {
		if m.overReference[x.start+i] != 1 {
			return false
		}
	}
	return true
}

// cleared is n empty lists, in the memory of those that were there.
func cleared(lists [][]match, n int) [][]match {
	for len(lists) < n {
		lists = append(lists, nil)
	}
	lists = lists[:n]
	for i := range lists {
		lists[i] = lists[i][:0]
	}
	return lists
}

func zeros(of []int, n int) []int {
	of = slices.Grow(of[:0], n)[:n]
	clear(of)
	return of
}
