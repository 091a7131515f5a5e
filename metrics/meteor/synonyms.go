package meteor

import (
	"slices"
	"strconv"
	"strings"
)

// synonyms is WordNet 3.0 as METEOR's jar has it: in which sets of synonyms a word is, and
// which base an irregular form has.
type synonyms struct {
	sets  map[string][]int32
	bases map[string][]string
}

// of returns the numbers of the sets that a word is in, or the base of which it is a form, in
// order.
func (s *synonyms) of(word string) []int32 {
	sets := slices.Clone(s.sets[word])
	bases, irregular := s.bases[word]
	if !irregular {
		bases = []string{s.base(word)}
	}
	for _, b := range bases {
		sets = append(sets, s.sets[b]...)
	}
	slices.Sort(sets)
	return slices.Compact(sets)
}

// endings are those that WordNet's morphology takes off, and what it puts in their place: of
// nouns, verbs and adjectives.
var endings = []struct{ end, becomes string }{
	{"s", ""}, {"ses", "s"}, {"xes", "x"}, {"zes", "z"}, {"ches", "ch"}, {"shes", "sh"}, {"men", "man"}, {"ies", "y"},
	{"s", ""}, {"ies", "y"}, {"es", "e"}, {"es", ""}, {"ed", "e"}, {"ed", ""}, {"ing", "e"}, {"ing", ""},
	{"er", ""}, {"est", ""}, {"er", "e"}, {"est", "e"},
}

// base is the first word that WordNet has of those of which a word can be a form; empty if
// there is none. A word of two letters has none, in UTF-16 as Java counts them.
func (s *synonyms) base(word string) string {
	if strings.HasSuffix(word, "ss") || len(word) <= 2 {
		return word
	}
	for _, e := range endings {
		if stem, ok := strings.CutSuffix(word, e.end); ok {
			if b := stem + e.becomes; s.sets[b] != nil {
				if strings.HasSuffix(word, "ful") {
					b += "ful"
				}
				return b
			}
		}
	}
	return ""
}

// share says whether two lists of numbers in order have one in common.
func share(a, b []int32) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			return true
		case a[0] < b[0]:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}

// readSynonyms reads the lists of the jar: of each word its sets, and of each base its
// irregular forms; each in two lines.
func readSynonyms(sets, exceptions *listing) (*synonyms, error) {
	s := &synonyms{sets: map[string][]int32{}, bases: map[string][]string{}}
	err := sets.pairs(func(word, numbers string) error {
		var of []int32
		for number := range strings.FieldsSeq(numbers) {
			n, err := strconv.ParseInt(number, 10, 32)
			if err != nil {
				return sets.errorf("has %q where the number of a set of synonyms belongs", number)
			}
			of = append(of, int32(n))
		}
		s.sets[word] = of
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = exceptions.pairs(func(base, forms string) error {
		for form := range strings.FieldsSeq(forms) {
			s.bases[form] = append(s.bases[form], base)
		}
		return nil
	})
	return s, err
}
