package meteor

import (
	"cmp"
	"slices"
)

// beam is how many partial alignments are kept at each word.
const beam = 40

// partial is an alignment of the reference's words before next.
type partial struct {
	last        *choice
	inCandidate used
	inReference used
	weight      int // of what is matched on both sides
	chunks      int // that are closed
	next        int
	end         int // where the last match ends in the candidate; -1 after a gap
	distance    int
}

// choice is a match of an alignment, and those before it.
type choice struct {
	*match
	before *choice
}

// used says which words are taken.
type used []uint64

// none is that no word is, in the memory of u.
func (u used) none(words int) used {
	u = slices.Grow(u[:0], (words+63)/64)[:(words+63)/64]
	clear(u)
	return u
}

func (u used) has(from, n int) bool {
	for i := from; i < from+n; i++ {
		if u[i/64]>>(i%64)&1 != 0 {
			return true
		}
	}
	return false
}

func (u used) take(from, n int) {
	for i := from; i < from+n; i++ {
		u[i/64] |= 1 << (i % 64)
	}
}

// better orders partial alignments: more words, fewer chunks, shorter distances. Which of
// several that are alike comes first matters, so it is used with stable sorting.
func better(a, b *partial) int {
	return cmp.Or(b.weight-a.weight, a.chunks-b.chunks, a.distance-b.distance)
}

// extend puts a match at the end.
func (p *partial) extend(x *match) {
	p.last = &choice{x, p.last}
	// The reference counts words in integers, to which it adds a half for each that is not the
	// same word: it loses the half of an odd number.
	if x.module == exact {
		p.weight += x.size + x.length
	} else {
		p.weight += x.size/2 + x.length/2
	}
	if p.end != -1 && x.at != p.end {
		p.chunks++
	}
	p.next = x.start + x.length
	p.end = x.at + x.size
}

// with is an alignment with a match more.
func (m *matching) with(p *partial, x *match) *partial {
	q := m.another()
	candidate, reference := append(q.inCandidate[:0], p.inCandidate...), append(q.inReference[:0], p.inReference...)
	*q = *p
	q.inCandidate, q.inReference = candidate, reference
	q.inCandidate.take(x.at, x.size)
	q.inReference.take(x.start, x.length)
	q.extend(x)
	return q
}

// another is an alignment that nobody needs any more, or a new one.
func (m *matching) another() *partial {
	n := len(m.spare)
	if n == 0 {
		return new(partial)
	}
	p := m.spare[n-1]
	m.spare = m.spare[:n-1]
	return p
}

// keep sorts alignments and lets go of those beyond the beam.
func (m *matching) keep(paths []*partial) []*partial {
	slices.SortStableFunc(paths, better)
	n := min(beam, len(paths))
	m.spare = append(m.spare, paths[n:]...)
	return paths[:n]
}

// skip leaves a word of the reference without a match.
func (p *partial) skip() {
	if p.end != -1 {
		p.chunks++
		p.end = -1
	}
	p.next++
}

// align is the best alignment that a beam search finds: matches that have no word in common,
// from the last to the first.
func (m *matching) align() *choice {
	start := m.another()
	*start = partial{
		inCandidate: start.inCandidate.none(len(m.candidate)), inReference: start.inReference.none(len(m.reference)),
		end: -1,
	}
	for i := range m.reference {
		if m.certain(i) {
			x := m.from[i][0]
			start.inCandidate.take(x.at, x.size)
			start.inReference.take(x.start, x.length)
		}
	}
	paths, next := m.paths[:0], append(m.next[:0], start)
	for current := range m.reference {
		paths, next = m.keep(next), paths[:0]
		for _, p := range paths {
			next = m.step(p, current, next)
		}
	}
	next = m.keep(next)
	for _, p := range next {
		if p.end != -1 {
			p.chunks++
		}
	}
	slices.SortStableFunc(next, better)
	best := next[0].last
	m.spare = append(m.spare, next...)
	m.paths, m.next = paths, next
	return best
}

// step appends what may become of an alignment at a word of the reference.
func (m *matching) step(p *partial, current int, to []*partial) []*partial {
	if p.inReference.has(current, 1) {
		// It belongs to the last match, or is one that is certain.
		if current == p.next {
			x := &m.from[current][0]
			p.extend(x)
			p.distance += distance(x)
		}
		return append(to, p)
	}
	for i := range m.from[current] {
		x := &m.from[current][i]
		if p.inReference.has(x.start, x.length) || p.inCandidate.has(x.at, x.size) {
			continue
		}
		to = append(to, m.with(p, x))
		// As in the reference, what a match is away counts for those that are tried after it,
		// and not for itself.
		p.distance += distance(x)
	}
	p.skip()
	return append(to, p)
}

func distance(x *match) int { return max(x.start-x.at, x.at-x.start) }
