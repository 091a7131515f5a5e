package ptb

import (
	"strings"
	"unicode"
)

// Lower is a text in small letters as Python and Java write them, by the special cases of
// Unicode (SpecialCasing.txt) that strings.ToLower leaves out: the dotted I, and the sigma at
// the end of a word.
func Lower(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	text := []rune(s)
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == 'İ':
			b.WriteString("i̇")
		case r == 'Σ' && letterBeside(text[:i], true) && !letterBeside(text[i+1:], false):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// letterBeside says whether a text ends or begins with a letter that has a case, but for marks
// and points that words have in them.
func letterBeside(text []rune, end bool) bool {
	for i := range text {
		r := text[i]
		if end {
			r = text[len(text)-1-i]
		}
		if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("'.:·’", r) {
			continue
		}
		return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r)
	}
	return false
}
