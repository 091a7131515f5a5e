package ui

import (
	"slices"
	"strings"
	"unicode"

	"charm.land/lipgloss/v2"
)

// How well a word is found in a name, from best to worst. A word that is nowhere in
// the name as it is may be there in scattered letters: "qv3" finds "qwen2.5vl:3b".
const (
	atBeginning = iota
	atWord
	within
	scattered
	elsewhere // not in the name, but in what else is said of it
	nowhere
)

// match is how an entry was found.
type match struct {
	entry  entry
	rank   int    // the sum over all words, less is better
	letter []bool // of the name's runes, which ones were written
}

// matching returns how a filter finds an entry: each of its words, in any order.
func matching(words []string, e entry) (match, bool) {
	m := match{entry: e}
	if len(words) == 0 {
		return m, true
	}
	m.letter = make([]bool, len(e.low))
	for _, w := range words {
		word := lower(w)
		rank := mark(word, e.low, m.letter)
		if rank == nowhere && strings.Contains(e.lowRest, string(word)) {
			rank = elsewhere
		}
		if rank == nowhere {
			return match{}, false
		}
		m.rank += rank
	}
	return m, true
}

// lower returns the runes of a text in lower case, as many as it has.
func lower(text string) []rune {
	runes := []rune(text)
	for i, r := range runes {
		runes[i] = unicode.ToLower(r)
	}
	return runes
}

// mark finds a word in a name, marks its letters, and says how good that is.
func mark(word, name []rune, letter []bool) int {
	best, at := nowhere, 0
	for i := 0; i+len(word) <= len(name); i++ {
		if !hasPrefix(name[i:], word) {
			continue
		}
		rank := within
		switch {
		case i == 0:
			rank = atBeginning
		case !isLetter(name[i-1]):
			rank = atWord
		}
		if rank < best {
			best, at = rank, i
		}
	}
	if best < nowhere {
		for i := range word {
			letter[at+i] = true
		}
		return best
	}
	// A single letter is everywhere, and two are nearly so.
	const fewest = 3
	if len(word) < fewest {
		return nowhere
	}
	var places []int
	for i, r := range name {
		if len(places) < len(word) && r == word[len(places)] {
			places = append(places, i)
		}
	}
	if len(places) < len(word) {
		return nowhere
	}
	for _, i := range places {
		letter[i] = true
	}
	return scattered
}

func hasPrefix(name, word []rune) bool {
	for i, r := range word {
		if name[i] != r {
			return false
		}
	}
	return true
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// emphasise draws a name with the letters that were written underlined, which needs
// no colour. The name may have been cut.
func emphasise(name string, letter []bool, style lipgloss.Style) string {
	if !slices.Contains(letter, true) {
		return style.Render(name)
	}
	var out strings.Builder
	runes := []rune(name)
	is := func(i int) bool { return i < len(letter) && letter[i] && runes[i] != '…' }
	for from := 0; from < len(runes); {
		to := from + 1
		for to < len(runes) && is(to) == is(from) {
			to++
		}
		out.WriteString(style.Underline(is(from)).Render(string(runes[from:to])))
		from = to
	}
	return out.String()
}
