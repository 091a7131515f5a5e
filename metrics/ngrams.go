package metrics

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// longest is how many words the longest n-grams have that BLEU and CIDEr count.
const longest = 4

// counted is an n-gram, by its number, and how often a text has it.
type counted struct {
	gram, times uint32
}

// text is the n-grams of a text, grams[n-1] those of n words, sorted by their numbers.
type text struct {
	words int
	grams [longest][]counted
}

// ngrams gives numbers to words and to n-grams, so that texts are compared without comparing
// words.
type ngrams struct {
	words   map[string]uint32 // from 1
	numbers map[uint64]uint32 // from 1, by the number of the n-gram without its last word, and that word
}

// count counts the n-grams of some words.
func (g *ngrams) count(tokens []string) text {
	tokens = pythonWords(tokens)
	words, before := make([]uint32, len(tokens)), make([]uint32, len(tokens)) // before are the (n-1)-grams from each word on
	for i, w := range tokens {
		words[i] = number(g.words, w)
	}
	t := text{words: len(words)}
	for n := 1; n <= longest && n <= len(words); n++ {
		all := make([]counted, len(words)-n+1)
		for i := range all {
			before[i] = number(g.numbers, uint64(before[i])<<32|uint64(words[i+n-1]))
			all[i] = counted{before[i], 1}
		}
		t.grams[n-1] = merge(all)
	}
	return t
}

// number is that of a key, the next one if it has none yet.
func number[K comparable](of map[K]uint32, key K) uint32 {
	n, ok := of[key]
	if !ok {
		n = uint32(len(of) + 1)
		of[key] = n
	}
	return n
}

// merge sorts n-grams, and adds up those that are the same.
func merge(all []counted) []counted {
	slices.SortFunc(all, func(a, b counted) int { return cmp.Compare(a.gram, b.gram) })
	last := 0
	for _, c := range all[1:] {
		if c.gram == all[last].gram {
			all[last].times += c.times
			continue
		}
		last++
		all[last] = c
	}
	return all[:last+1]
}

// times is how often a text has an n-gram.
func times(grams []counted, gram uint32) uint32 {
	at, ok := slices.BinarySearchFunc(grams, gram, func(c counted, gram uint32) int { return cmp.Compare(c.gram, gram) })
	if !ok {
		return 0
	}
	return grams[at].times
}

// pythonWords are the words that Python's str.split makes of the tokens with a space between
// each. It makes two of a token with a no-break space in it, as ptb makes one of "2 1/2".
func pythonWords(tokens []string) []string {
	if !slices.ContainsFunc(tokens, func(t string) bool { return t == "" || strings.ContainsFunc(t, pythonSpace) }) {
		return tokens
	}
	return strings.FieldsFunc(strings.Join(tokens, " "), pythonSpace)
}

// pythonSpace says whether Python's str.split takes a character for white space: Unicode's,
// and the separators of ASCII.
func pythonSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
}
