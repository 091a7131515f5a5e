package ptb

import (
	"strings"
	"unicode"
)

// names are characters that the Treebank writes in another way. Those that punctuation has are
// removed.
var names = map[rune]string{
	'(': "-lrb-", ')': "-rrb-", '[': "-lsb-", ']': "-rsb-", '{': "-lcb-", '}': "-rcb-",
	'"': "''", '`': "`", '‘': "`", '’': "'", '‛': "`", '‹': "`", '›': "'", '“': "``", '”': "''", '«': "``", '»': "''",
	'\u0091': "`", '\u0092': "'", '\u0093': "``", '\u0094': "''", '\u0085': "...", '…': "...",
	'\u0096': "--", '\u0097': "--", '–': "--", '—': "--", '―': "--", softHyphen: "-",
	'\u0080': "$", '¤': "$", '₠': "$", '€': "$", '£': "#", '¢': "cents",
	'¼': "1/4", '½': "1/2", '¾': "3/4", '⅓': "1/3", '⅔': "2/3",
}

// entities are those that are known, and what is written for them.
var entities = [][2]string{
	{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "''"}, {"&mdash;", "--"}, {"&ndash;", "--"}, {"&md;", "--"},
	{"&ht;", "&ht;"}, {"&tl;", "&tl;"}, {"&ur;", "&ur;"}, {"&lr;", "&lr;"}, {"&qc;", "&qc;"}, {"&ql;", "&ql;"}, {"&qr;", "&qr;"},
	{"&odq;", "&odq;"}, {"&cdq;", "&cdq;"},
}

// signs tries the rules for what is neither a letter nor a digit.
func (s *scanner) signs(i int, try func(match)) {
	r := s.at(i)
	switch r {
	case '<':
		try(s.raw(i, s.tag(i)))
		try(plain(s.face(i)))
		if s.at(i+1) == '<' {
			try(plain(2))
		}
	case '>':
		try(plain(s.face(i)))
		if s.at(i+1) == '>' {
			try(plain(2))
		}
	case '&':
		s.entity(i, try)
	case '-':
		s.dashes(i, try)
	case '.':
		try(as(s.dots(i), "..."))
	case '?', '!':
		try(plain(s.run(i, func(r rune) bool { return r == '?' || r == '!' })))
	case '*', '@', '#', '_':
		try(plain(s.handle(i)))
		try(plain(s.run(i, func(other rune) bool { return other == r })))
	case '\\':
		n := 0
		for n < 6 && s.at(i+n) == '\\' && s.at(i+n+1) == '*' {
			n += 2
		}
		try(plain(n))
	}
	try(s.smiley(i))
	try(plain(s.face(i)))
	s.apostrophes(i, try)
	try(plain(s.small(i)))
	try(s.quotes(i))
	if name, ok := names[r]; ok {
		try(as(1, name))
	}
	if r > ' ' && r < 0x7f || r >= 0x80 && (classOf(r) == symbol || classOf(r) == mark) {
		try(plain(1))
	}
}

// quotes are one or two quotation marks other than those of ASCII, which are one word: two that
// are not the same, such as "“‘", stay in the text.
func (s *scanner) quotes(i int) match {
	n, text := 0, ""
	for n < 2 && strings.ContainsRune("`‘’‚‛“”„‟‹›«»\u0082\u0084\u0091\u0092\u0093\u0094", s.at(i+n)) && s.at(i+n) != 0 {
		r := s.at(i + n)
		name, ok := names[r]
		if !ok {
			name = string(r)
		}
		text += name
		n++
	}
	return as(n, text)
}

// dashes are "--" for two to four hyphens, and a word of more. A parenthesis may be written out
// as the Treebank does.
func (s *scanner) dashes(i int, try func(match)) {
	n := s.run(i, func(r rune) bool { return r == '-' })
	if n > 1 && n < 5 {
		try(as(n, "--"))
	} else {
		try(plain(n))
	}
	for _, bracket := range [...]string{"-lrb-", "-rrb-", "-lsb-", "-rsb-", "-lcb-", "-rcb-"} {
		if s.has(i, bracket) {
			try(plain(len(bracket)))
		}
	}
}

// dots is the length of an ellipsis of three to five points, which may have spaces between them.
func (s *scanner) dots(i int) int {
	n := 0
	for n < 5 && s.at(i+n) == '.' {
		n++
	}
	if n < 3 {
		n = 0
	}
	points := 1
	for points < 5 && (s.at(i+2*points-1) == ' ' || s.at(i+2*points-1) == '\u00a0') && s.at(i+2*points) == '.' {
		points++
	}
	if points < 3 {
		return n
	}
	return max(n, 2*points-1)
}

func (s *scanner) entity(i int, try func(match)) {
	for _, e := range entities {
		if s.has(i, e[0]) {
			try(as(len(e[0]), e[1]))
		}
	}
	if s.has(i, "&nbsp;") {
		try(as(6, "-")) // which is removed
	}
	if s.at(i+1) == '#' {
		if n := s.run(i+2, isASCIIDigit); n > 0 && s.at(i+2+n) == ';' {
			try(plain(n + 3))
		}
	}
	if n := s.word(i); n > 0 {
		try(plain(n))
	}
}

// smiley is a face that lies on its side.
func (s *scanner) smiley(i int) match {
	n := 0
	if r := s.at(i); r == '<' || r == '>' {
		n++
	}
	if r := s.at(i + n); r != ':' && r != ';' && r != '=' {
		return match{}
	}
	n++
	ends := func(n int) bool {
		return strings.ContainsRune(`()DPdpO\{@|[]`, s.at(i+n)) && !isASCIIAlnum(s.at(i+n+1))
	}
	if strings.ContainsRune("-o*'", s.at(i+n)) && ends(n+1) {
		return match{looked: n + 3, length: n + 2}
	}
	if ends(n) {
		return match{looked: n + 2, length: n + 1}
	}
	return match{}
}

// face is the length of one that stands upright, such as ^_^ and (-.-).
func (s *scanner) face(i int) int {
	eye := func(r rune) bool { return strings.ContainsRune("-^x=~<>'", r) }
	if eye(s.at(i)) && s.at(i+1) == '_' && eye(s.at(i+2)) {
		return 3
	}
	if s.at(i) != '(' || !eye(s.at(i+1)) {
		return 0
	}
	n := 2
	if r := s.at(i + n); (r == '_' || r == '.' || r == '-') && eye(s.at(i+n+1)) && s.at(i+n+2) == ')' {
		n++
	}
	if eye(s.at(i+n)) && s.at(i+n+1) == ')' {
		return n + 2
	}
	return 0
}

// raw is a match whose word is what stands there, but for its spaces: of a tag, in which
// parentheses have no names.
func (s *scanner) raw(i, length int) match {
	return as(length, Lower(strings.ReplaceAll(string(s.text[i:i+length]), " ", "\u00a0")))
}

// tag is the length of one of HTML or XML.
func (s *scanner) tag(i int) int {
	n := 1
	if r := s.at(i + n); r == '!' || r == '?' {
		if next := s.at(i + n + 1); !isASCIILetter(next) && next != '-' {
			return 0
		}
		for s.close < s.end && (s.close < i || s.text[s.close] != '>') {
			s.close++
		}
		if s.close == s.end {
			return 0
		}
		return s.close + 1 - i
	}
	closing := s.at(i+n) == '/'
	if closing {
		n++
	}
	spaces := func() (any bool) {
		start := n
		n += s.run(i+n, func(r rune) bool { return r == ' ' })
		return n > start
	}
	if !isASCIILetter(s.at(i + n)) {
		return 0
	}
	n += s.run(i+n, isTagName)
	for n < farthest {
		apart := spaces()
		r := s.at(i + n)
		switch {
		case r == '>':
			return n + 1
		case r == '/' && !closing:
			n++
			spaces()
			if s.at(i+n) == '>' {
				return n + 1
			}
			return 0
		case !apart || closing || !isASCIILetter(r):
			return 0
		}
		n += s.run(i+n, isTagName)
		was := n
		spaces()
		if s.at(i+n) != '=' {
			n = was
			continue
		}
		n++
		spaces()
		quote := s.at(i + n)
		if quote != '"' && quote != '\'' {
			return 0
		}
		for n++; n < farthest && i+n < s.end && s.text[i+n] != quote; n++ {
		}
		if s.at(i+n) != quote {
			return 0
		}
		n++
	}
	return 0
}

func isTagName(r rune) bool { return isASCIIAlnum(r) || r == ':' || r == '.' || r == '-' || r == '_' }

// isSpaceOrEnd is a space, or what stands for the end of a caption.
func isSpaceOrEnd(r rune) bool { return isSpace(r) || unicode.IsSpace(r) }
