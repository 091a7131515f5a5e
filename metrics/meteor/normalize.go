package meteor

import (
	"regexp"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// normalize makes of a text the words that are aligned, as METEOR's own normaliser with -norm
// and -l en does: Moses' tokeniser, with quotes and dashes made alike, dashes within words taken
// out, contractions cut off at the right, and all of it in lower case. The order of the steps
// is the reference's, as they see what those before them have left.
func normalize(text string) []string {
	if plain(text) {
		return strings.Fields(strings.ToLower(text))
	}
	s := " " + text + " "
	s = symbols().ReplaceAllString(s, " $1 ")
	s = escapeDots(s)
	for _, r := range commas {
		s = r().ReplaceAllString(s, "$1 , $2")
	}
	s = quotes.Replace(s)
	s = doubleQuotes().ReplaceAllString(s, ` " `)
	s = strings.ReplaceAll(s, "–", "-")
	s = strings.ReplaceAll(s, "--", "-")
	s = dashes().ReplaceAllString(s, "$1 $2")
	for _, r := range loneApostrophes {
		s = r().ReplaceAllString(s, "$1 ' $2")
	}
	for _, r := range contractions {
		s = r().ReplaceAllString(s, "$1 '$2")
	}
	s = unescapeDots(splitDots(strings.FieldsFunc(s, isBlank)))
	s = spaces().ReplaceAllString(s, " ")
	// Java writes the one letter that has two in lower case out.
	s = strings.ToLower(strings.ReplaceAll(s, "İ", "i̇"))
	return strings.FieldsFunc(s, isBlank)
}

// plain says that a text has only letters and digits of ASCII, and blanks: most captions, of
// which every word stays as it is.
func plain(text string) bool {
	for i := range len(text) {
		c := text[i]
		if c != ' ' && (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// isBlank knows what separates words in Java's StringTokenizer.
func isBlank(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f'
}

// Letters are those of Latin and Cyrillic alone: every letter of another script is a symbol.
const (
	alpha    = `A-Za-zŠŽšžŸÀ-ÖØ-öø-žЀ-ӿԀ-ԧꙀ-ꙮ꙾-ꚗᴀ-ᵿ`
	alphanum = `0-9` + alpha
)

var (
	symbols = lazyregexp.New(`([^` + alphanum + ` \t\n\v\f\r.'` + "`" + `,\-‘’])`)

	// Commas stay within numbers.
	commas = []func() *regexp.Regexp{
		lazyregexp.New(`([^0-9]),([^0-9])`),
		lazyregexp.New(`([0-9]),([^0-9])`),
		lazyregexp.New(`([^0-9]),([0-9])`),
	}

	quotes       = strings.NewReplacer("`", "'", "‘", "'", "’", "'")
	doubleQuotes = lazyregexp.New(`[“”]|''`)
	dashes       = lazyregexp.New(`([` + alphanum + `.])-([` + alphanum + `])`)

	loneApostrophes = []func() *regexp.Regexp{
		lazyregexp.New(`([^` + alpha + `])'([^` + alpha + `])`),
		lazyregexp.New(`([^` + alphanum + `])'([` + alpha + `])`),
		lazyregexp.New(`([` + alpha + `])'([^` + alpha + `])`),
	}
	contractions = []func() *regexp.Regexp{
		lazyregexp.New(`([` + alpha + `])'([` + alpha + `])`),
		lazyregexp.New(`([0-9])'(s)`), // the 1990's
	}

	spaces = lazyregexp.New(`[ \x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}\x{a0}]+`)
	letter = lazyregexp.New(`[` + alpha + `]`)

	dotRun    = lazyregexp.New(`\.(\.+)`)
	dotEscape = lazyregexp.New(`DOTMULTI\.([^.])`)
)

// escapeDots puts marks in place of dots that follow each other, so that splitDots leaves them.
func escapeDots(s string) string {
	s = dotRun().ReplaceAllString(s, " DOTMULTI$1")
	for strings.Contains(s, "DOTMULTI.") {
		s = dotEscape().ReplaceAllString(s, "DOTDOTMULTI $1")
		s = strings.ReplaceAll(s, "DOTMULTI.", "DOTDOTMULTI")
	}
	return s
}

func unescapeDots(s string) string {
	for strings.Contains(s, "DOTDOTMULTI") {
		s = strings.ReplaceAll(s, "DOTDOTMULTI", "DOTMULTI.")
	}
	return strings.ReplaceAll(s, "DOTMULTI", ".")
}

// nonbreaking are the words whose dot belongs to them at the end of a sentence too. The
// reference's list has some seventy, of which these are in lower case, as captions are here.
var nonbreaking = map[string]bool{"v": true, "vs": true, "rev": true}

// splitDots puts words together again, and takes the dot off those of which it is no part:
// not off "u.s.", which loses its dots altogether, and not before a word in lower case, before
// which no sentence ends.
func splitDots(words []string) string {
	var b strings.Builder
	for i, w := range words {
		stem := strings.TrimSuffix(w, ".")
		next := byte(0)
		if i+1 < len(words) {
			next = words[i+1][0]
		}
		switch {
		case stem == w || stem == "":
			b.WriteString(w)
		case strings.Contains(stem, ".") && letter().MatchString(stem):
			b.WriteString(strings.ReplaceAll(w, ".", ""))
		case nonbreaking[stem], 'a' <= next && next <= 'z', stem == "pp" && '0' <= next && next <= '9':
			b.WriteString(w)
		default:
			b.WriteString(stem + " .")
		}
		b.WriteByte(' ')
	}
	return b.String()
}
