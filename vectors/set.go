package vectors

import "math/bits"

// Set is a set of rows. The nil Set holds all, to those who ask it.
type Set struct {
	words []uint64
}

// NewSet makes an empty set.
func NewSet() *Set { return &Set{} }

// Add puts a row into the set.
func (s *Set) Add(row int) {
	for row/64 >= len(s.words) {
		s.words = append(s.words, 0)
	}
	s.words[row/64] |= 1 << (row % 64)
}

// Has reports whether a row is in the set.
func (s *Set) Has(row int) bool {
	return s == nil || row/64 < len(s.words) && s.words[row/64]>>(row%64)&1 != 0
}

// Len is the number of rows in a set that is not nil.
func (s *Set) Len() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}
