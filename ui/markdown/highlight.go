package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// highlighter colours code line by line: what a line looks like depends on those
// before it alone, in what little the fields say. So code is coloured while it
// comes, each line once. It knows comments, strings, numbers and words, which is
// what the eye looks for, and no grammar.
type highlighter struct {
	lang  *language // nil: nothing is coloured
	until string    // what ends the comment or string that the last line was in
	in    Role      // what that is
	tag   bool      // within a tag
}

// highlight returns what colours a language; what it does not know stays as it is.
func highlight(name string) highlighter { return highlighter{lang: languageOf(name)} }

// line returns a line's spans.
func (h *highlighter) line(s string) []span {
	if h.lang == nil {
		return []span{{text: s, look: look{role: Source}}}
	}
	if h.lang.diff {
		return []span{{text: s, look: look{role: diffRole(s)}}}
	}
	var spans []span
	for at := 0; at < len(s); {
		n, role := h.next(s[at:], s[:at])
		spans = join(spans, span{text: s[at : at+n], look: look{role: role}})
		at += n
	}
	return spans
}

func diffRole(line string) Role {
	switch {
	case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"), strings.HasPrefix(line, "@@"):
		return Keyword
	case strings.HasPrefix(line, "+"):
		return Inserted
	case strings.HasPrefix(line, "-"):
		return Deleted
	}
	return Source
}

// next returns how long the next piece of a line is, and what it is.
func (h *highlighter) next(s, before string) (int, Role) {
	if h.until != "" {
		return h.rest(s, 0)
	}
	if h.lang.markup {
		return h.markup(s)
	}
	for _, mark := range h.lang.line {
		if strings.HasPrefix(s, mark) && (mark != "#" || before == "" || before[len(before)-1] == ' ') {
			return len(s), Comment
		}
	}
	for _, pair := range h.lang.block {
		if strings.HasPrefix(s, pair.from) {
			h.until, h.in = pair.to, pair.is
			return h.rest(s, len(pair.from))
		}
	}
	c := s[0]
	switch {
	case strings.IndexByte(h.lang.quotes, c) >= 0:
		n := quotedEnd(s)
		if h.lang.keys && strings.HasPrefix(strings.TrimLeft(s[n:], " "), ":") {
			return n, Name
		}
		return n, String
	case isDigit(c):
		return number(s), Number
	case isWord(rune(c)) || c >= utf8.RuneSelf:
		return h.word(s, before)
	}
	return 1, Source
}

// rest returns how much of a line is in what was begun in it or before, of which
// the first bytes are no end.
func (h *highlighter) rest(s string, first int) (int, Role) {
	if n := strings.Index(s[first:], h.until); n >= 0 {
		n += first + len(h.until)
		h.until = ""
		return n, h.in
	}
	return len(s), h.in
}

// quotedEnd returns how long a string is that a line begins with. One that does not
// end there is none.
func quotedEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	if s[0] == '\'' {
		return 1 // an apostrophe
	}
	return len(s)
}

func number(s string) int {
	n := 1
	for n < len(s) && (isWord(rune(s[n])) || s[n] == '.' && n+1 < len(s) && isDigit(s[n+1])) {
		n++
	}
	return n
}

// word returns a word and what it is: by the language's list, or by what follows.
func (h *highlighter) word(s, before string) (int, Role) {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if dash := r == '-' && h.lang.dashes && n > 0; !isWord(r) && !dash {
			break
		}
		n += size
	}
	if n == 0 {
		_, size := utf8.DecodeRuneInString(s)
		return size, Source
	}
	name, after := s[:n], strings.TrimLeft(s[n:], " ")
	if h.lang.fold {
		name = strings.ToLower(name)
	}
	role, known := h.lang.words[name]
	switch {
	case known:
		return n, role
	case h.lang.keys && isKey(before, after):
		return n, Name
	case strings.HasPrefix(s[n:], "(") && !h.lang.keys:
		return n, Name
	}
	return n, Source
}

// isKey reports whether a word between two texts is what a value is given to.
func isKey(before, after string) bool {
	return strings.Trim(before, " -{,") == "" && after != "" && (after[0] == ':' || after[0] == '=')
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// markup returns the next piece of HTML or XML.
func (h *highlighter) markup(s string) (int, Role) {
	switch {
	case strings.HasPrefix(s, "<!--"):
		h.until, h.in = "-->", Comment
		return h.rest(s, 4)
	case !h.tag && s[0] != '<':
		if n := strings.IndexByte(s, '<'); n > 0 {
			return n, Source
		}
		return len(s), Source
	case !h.tag:
		h.tag = true
		n := 1 + len(s[1:]) - len(strings.TrimLeft(s[1:], "/!?"))
		for n < len(s) && (isWord(rune(s[n])) || s[n] == '-' || s[n] == ':') {
			n++
		}
		return n, Keyword
	case s[0] == '>':
		h.tag = false
		return 1, Keyword
	case s[0] == '"' || s[0] == '\'':
		return quotedEnd(s), String
	case isWord(rune(s[0])):
		n := strings.IndexAny(s, "= >/\"")
		if n <= 0 {
			n = len(s)
		}
		return n, Name
	case s[0] == '/' || s[0] == '?':
		return 1, Keyword
	}
	_, size := utf8.DecodeRuneInString(s)
	return size, Source
}
