package ui

import (
	"strings"
	"unicode"

	"github.com/vlmchat/vlmchat/termtext"
)

// A mention is a picture's name behind an @, as in "@photo.jpg what is this?", and in
// quotes of either kind where it has more than letters: @"my photo.jpg".

// mention takes one off the front of a text. A name that need not be a picture's is
// words where there is no such file: @somebody.
func mention(text string) (n name, rest string, ok bool) {
	after, is := strings.CutPrefix(text, "@")
	if !is || after == "" {
		return name{}, text, false
	}
	if quote := after[:1]; quote == `"` || quote == "'" {
		source, after, closed := strings.Cut(after[1:], quote)
		if !closed || source == "" {
			return name{}, text, false
		}
		chosen := choice().FindString(after)
		return just(source + chosen), after[len(chosen):], true
	}
	word := firstWord(after)
	source := strings.TrimRight(word, punctuation)
	rest = after[len(source):]
	switch {
	case source == "":
		return name{}, text, false
	case endsAsPicture().MatchString(source), surelyPath(source):
		// A file may have an @ in its name.
		return name{ways: []string{source, "@" + source}}, rest, true
	}
	return name{ways: []string{source}, perhaps: true, mentioned: true}, rest, true
}

// leadingMention takes a mention off the front of a text whose words don't need it,
// with the punctuation behind it.
func leadingMention(text string) (n name, rest string, ok bool) {
	n, rest, ok = mention(text)
	if !ok || n.perhaps {
		return name{}, text, false
	}
	return n, strings.TrimLeft(rest, punctuation), true
}

// quotedName writes a path so that it is read as just that behind an @, or behind
// /attach. It reports whether that can be: what the composer would not hold as it is
// can't.
func quotedName(path string) (string, bool) {
	switch {
	case path == "" || path == "-" || strings.TrimSpace(path) != path && strings.ContainsAny(path, `"'`):
		return "", false
	case termtext.Sanitize(path) != path || strings.ContainsAny(path, "\n\t") || strings.ContainsRune(path, unicode.ReplacementChar):
		return "", false
	case strings.IndexFunc(path, notPlain) < 0 && !strings.ContainsAny(path[len(path)-1:], punctuation):
		return path, true
	case !strings.Contains(path, `"`):
		return `"` + path + `"`, true
	case !strings.Contains(path, "'"):
		return "'" + path + "'", true
	}
	return "", false
}

// notPlain is what a name without quotes does not have.
func notPlain(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("/._-+=~%:,", r)
}
