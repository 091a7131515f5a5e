package meteor

import (
	"strings"
	"unicode/utf16"
)

// stem is a word without its endings, by the English stemmer of Snowball ("Porter2", Porter
// and Boulton, snowballstem.org/algorithms/english/stemmer.html) as METEOR's jar has it: with
// three exceptional beginnings of regions, and the words of 2002. Letters are counted in units
// of UTF-16, as Java does.
func stem(word string) string {
	if s, exceptional := wholeWords[word]; exceptional {
		return s
	}
	w := stemming{w: utf16.Encode([]rune(word))}
	if len(w.w) < 3 {
		return word
	}
	w.consonantY()
	w.regions()
	w.plural()
	if !unchanged[string(utf16.Decode(w.w))] {
		w.pastAndGerund()
		w.finalY()
		w.derivation(longSuffixes, func(s suffix) bool { return w.in1(s) && w.fits(s) })
		w.derivation(shortSuffixes, func(s suffix) bool { return w.in1(s) && (s.end != "ative" || w.in2(s)) })
		w.derivation(lastSuffixes, func(s suffix) bool { return w.in2(s) && w.fits(s) })
		w.finalEAndL()
	}
	s := string(utf16.Decode(w.w))
	if w.marked {
		s = strings.ReplaceAll(s, "Y", "y")
	}
	return s
}

var (
	wholeWords = map[string]string{
		"skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie",
		"idly": "idl", "gently": "gentl", "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl",
		"sky": "sky", "news": "news", "howe": "howe", "atlas": "atlas", "cosmos": "cosmos", "bias": "bias", "andes": "andes",
	}
	// unchanged are words that are left alone once their plural is gone.
	unchanged = map[string]bool{
		"inning": true, "outing": true, "canning": true, "herring": true, "earring": true,
		"proceed": true, "exceed": true, "succeed": true,
	}
)

// suffix is an ending and what takes its place. after, if there is one, has the letters of
// which one has to stand before it.
type suffix struct{ end, becomes, after string }

// Of the endings of a step the longest decides, whether it may go or not: they are in that order.
var (
	longSuffixes = []suffix{
		{"ational", "ate", ""}, {"ization", "ize", ""}, {"fulness", "ful", ""}, {"ousness", "ous", ""}, {"iveness", "ive", ""},
		{"tional", "tion", ""}, {"biliti", "ble", ""}, {"lessli", "less", ""},
		{"entli", "ent", ""}, {"ation", "ate", ""}, {"alism", "al", ""}, {"aliti", "al", ""}, {"ousli", "ous", ""}, {"iviti", "ive", ""}, {"fulli", "ful", ""},
		{"enci", "ence", ""}, {"anci", "ance", ""}, {"abli", "able", ""}, {"izer", "ize", ""}, {"ator", "ate", ""}, {"alli", "al", ""},
		{"bli", "ble", ""}, {"ogi", "og", "l"}, {"li", "", "cdeghkmnrt"},
	}
	shortSuffixes = []suffix{
		{"ational", "ate", ""}, {"tional", "tion", ""}, {"alize", "al", ""}, {"icate", "ic", ""}, {"iciti", "ic", ""},
		{"ative", "", ""}, {"ical", "ic", ""}, {"ness", "", ""}, {"ful", "", ""},
	}
	lastSuffixes = []suffix{
		{"ement", "", ""}, {"ance", "", ""}, {"ence", "", ""}, {"able", "", ""}, {"ible", "", ""}, {"ment", "", ""},
		{"ant", "", ""}, {"ent", "", ""}, {"ism", "", ""}, {"ate", "", ""}, {"iti", "", ""}, {"ous", "", ""}, {"ive", "", ""}, {"ize", "", ""},
		{"ion", "", "st"}, {"al", "", ""}, {"er", "", ""}, {"ic", "", ""},
	}
)

// stemming is a word that is being stemmed. r1 and r2 are where its regions begin: after the
// first consonant that follows a vowel, and after the next such within the first.
type stemming struct {
	w      []uint16
	r1, r2 int
	marked bool // a y that is a consonant is written Y
}

func (s *stemming) consonantY() {
	if s.w[0] == '\'' {
		s.w = s.w[1:]
	}
	for i, c := range s.w {
		if c == 'y' && (i == 0 || isVowel(s.w[i-1])) {
			s.w[i] = 'Y'
			s.marked = true
		}
	}
}

func isVowel(c uint16) bool { return is(c, "aeiouy") }

func is(c uint16, among string) bool { return c < 128 && strings.IndexByte(among, byte(c)) >= 0 }

func (s *stemming) regions() {
	s.r1 = s.region(0)
	for _, beginning := range []string{"gener", "commun", "arsen"} {
		if hasPrefix(s.w, beginning) {
			s.r1 = len(beginning)
		}
	}
	s.r2 = s.region(s.r1)
}

func (s *stemming) region(from int) int {
	for i := from + 1; i < len(s.w); i++ {
		if !isVowel(s.w[i]) && isVowel(s.w[i-1]) {
			return i + 1
		}
	}
	return len(s.w)
}

func hasPrefix(w []uint16, beginning string) bool {
	return len(w) >= len(beginning) && equal(w[:len(beginning)], beginning)
}

func (s *stemming) ends(end string) bool {
	return len(s.w) >= len(end) && equal(s.w[len(s.w)-len(end):], end)
}

func equal(w []uint16, ascii string) bool {
	for i, c := range w {
		if c != uint16(ascii[i]) {
			return false
		}
	}
	return true
}

func (s *stemming) cut(n int, then string) {
	s.w = s.w[:len(s.w)-n]
	for i := range len(then) {
		s.w = append(s.w, uint16(then[i]))
	}
}

func (s *stemming) in1(x suffix) bool { return len(s.w)-len(x.end) >= s.r1 }
func (s *stemming) in2(x suffix) bool { return len(s.w)-len(x.end) >= s.r2 }

// fits says whether one of the letters that an ending asks for stands before it.
func (s *stemming) fits(x suffix) bool {
	at := len(s.w) - len(x.end) - 1
	return x.after == "" || at >= 0 && is(s.w[at], x.after)
}

// vowelIn says whether one of the first n letters is a vowel.
func (s *stemming) vowelIn(n int) bool {
	for _, c := range s.w[:n] {
		if isVowel(c) {
			return true
		}
	}
	return false
}

// plural takes off 's, and makes singulars (steps 0 and 1a).
func (s *stemming) plural() {
	for _, end := range []string{"'s'", "'s", "'"} {
		if s.ends(end) {
			s.cut(len(end), "")
			break
		}
	}
	switch {
	case s.ends("sses"):
		s.cut(2, "")
	case s.ends("ied") || s.ends("ies"):
		if len(s.w) > 4 {
			s.cut(2, "")
		} else {
			s.cut(1, "")
		}
	case s.ends("us") || s.ends("ss"):
	case s.ends("s") && len(s.w) > 1 && s.vowelIn(len(s.w)-2):
		s.cut(1, "")
	}
}

// pastAndGerund takes off -ed and -ing, and mends what is left (step 1b).
func (s *stemming) pastAndGerund() {
	for _, end := range []string{"eedly", "ingly", "edly", "eed", "ing", "ed"} {
		if !s.ends(end) {
			continue
		}
		switch {
		case end == "eed" || end == "eedly":
			if s.in1(suffix{end: end}) {
				s.cut(len(end), "ee")
			}
		case s.vowelIn(len(s.w) - len(end)):
			s.cut(len(end), "")
			s.mend()
		}
		return
	}
}

func (s *stemming) mend() {
	n := len(s.w)
	switch {
	case s.ends("at") || s.ends("bl") || s.ends("iz"):
		s.cut(0, "e")
	case n > 1 && s.w[n-1] == s.w[n-2] && is(s.w[n-1], "bdfgmnprt"):
		s.cut(1, "")
	case n == s.r1 && s.shortSyllable(n):
		s.cut(0, "e")
	}
}

// shortSyllable says whether the first n letters end in a short syllable.
func (s *stemming) shortSyllable(n int) bool {
	if n == 2 {
		return isVowel(s.w[0]) && !isVowel(s.w[1])
	}
	return n > 2 && !isVowel(s.w[n-3]) && isVowel(s.w[n-2]) && !isVowel(s.w[n-1]) && !is(s.w[n-1], "wxY")
}

// finalY makes an i of a y after a consonant that is not the first letter (step 1c).
func (s *stemming) finalY() {
	n := len(s.w)
	if n > 2 && (s.w[n-1] == 'y' || s.w[n-1] == 'Y') && !isVowel(s.w[n-2]) {
		s.w[n-1] = 'i'
	}
}

// derivation takes off the longest of some endings if it may go (steps 2, 3 and 4).
func (s *stemming) derivation(suffixes []suffix, mayGo func(suffix) bool) {
	for _, x := range suffixes {
		if s.ends(x.end) {
			if mayGo(x) {
				s.cut(len(x.end), x.becomes)
			}
			return
		}
	}
}

// finalEAndL takes off a last e, and one of two l (step 5).
func (s *stemming) finalEAndL() {
	n := len(s.w)
	switch {
	case s.ends("e") && (n-1 >= s.r2 || n-1 >= s.r1 && !s.shortSyllable(n-1)),
		s.ends("ll") && n-1 >= s.r2:
		s.cut(1, "")
	}
}
