package tasks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// setAside finds the words that claim nothing: what is denied, what is asked, and headings.
func (r *claimReader) setAside() {
	r.aside = make([]bool, len(r.words))
	first := 0 // of the sentence
	heading := len(r.words) > 0 && strings.HasPrefix(strings.TrimSpace(r.text[:r.words[0].start]), "#")
	for i := range r.words {
		if heading = heading && (i == 0 || !r.ends(i-1)) || i > 0 && r.ends(i-1) && strings.Contains(r.behind[i-1], "#"); heading {
			r.aside[i] = true
		}
		if !r.aside[i] {
			r.deny(i)
		}
		if r.ends(i) || i == len(r.words)-1 {
			if strings.HasPrefix(r.behind[i], "?") {
				r.set(first, i+1)
			}
			first = i + 1
		}
	}
}

func (r *claimReader) set(from, to int) {
	for i := from; i < to; i++ {
		r.aside[i] = true
	}
}

// ends tells whether a sentence ends behind a word.
func (r *claimReader) ends(i int) bool { return strings.ContainsAny(r.behind[i], ".!?\n") }

// is tells whether a word is one of some.
func (r *claimReader) is(i int, words ...string) bool {
	for _, w := range words {
		if i >= 0 && i < len(r.lower) && r.lower[i] == w {
			return true
		}
	}
	return false
}

// deny sets aside what a word denies: the things behind "without" and "with no", and behind
// other words the rest of the clause. Rather a claim is missed than one made up.
func (r *claimReader) deny(i int) {
	switch {
	case r.is(i, "without"), r.is(i, "no") && r.is(i-1, "with"):
		to := i + 1
		for to < len(r.words) && r.joined(to) {
			at := to
			if r.articles[r.lower[at]] || r.quantities[r.lower[at]] {
				at++
			}
			to = r.nameAt(at, "", false)
			if to == at || !r.is(to, "or", "nor") || !r.joined(to) {
				break
			}
			to++
		}
		r.set(i, min(max(to, i+1), len(r.words)))
	case r.is(i, "not") && r.is(i+1, "only"):
	case r.is(i, "no", "not", "never", "neither", "nor", "cannot"), negated(r.lower[i]), r.is(i, "rather") && r.is(i+1, "than"), r.is(i, "instead") && r.is(i+1, "of"):
		to := i + 1
		for to < len(r.words) && r.behind[to-1] == "" && !r.is(to, "but") {
			to++
		}
		r.set(i, to)
	}
}

// negated tells whether a word is a verb with its "not", such as "isn't".
func negated(word string) bool {
	return strings.HasSuffix(word, "n't") || strings.HasSuffix(word, "n’t")
}

// between is what stands between two words that means something: without blanks and the marks
// of emphasis. A line that ends within a sentence is a blank.
func between(text, next string) string {
	lines := strings.Contains(text, "\n")
	text = strings.Trim(text, " \t\r\n*_`")
	first, _ := utf8.DecodeRuneInString(next)
	if lines && (text != "" || !unicode.IsLower(first)) {
		text += "\n"
	}
	return text
}

// foreign are small words of other languages that are none of English.
var foreign = wordsOf("der das ein eine einen einem einer und ist sind mit dem den von zu im nicht auf " +
	"un une le la les des et est sur avec du dans " +
	"el los las una y es en con del por sobre " +
	"il lo gli di che è e della nel " +
	"um uma não da na ao com os " +
	"een het de van op met zijn en och ett på är med og på er i og je na v z w jest")

// inEnglish tells whether a text is likely to be English, by its small words and its letters.
func (r *claimReader) inEnglish() bool {
	ours, others, letters := 0, 0, 0
	for _, w := range r.lower {
		switch {
		case strings.ContainsFunc(w, func(c rune) bool { return unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c) }):
			letters++
		case foreign[w] || strings.ContainsFunc(w, func(c rune) bool { return c > 0x7f && unicode.IsLetter(c) }):
			others++
		case !r.name(w):
			ours++
		}
	}
	return others <= ours && 3*letters <= len(r.lower)
}
