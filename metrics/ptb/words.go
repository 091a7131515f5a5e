package ptb

import "strings"

// words tries the rules for what begins with a letter or a digit.
func (s *scanner) words(i int, try func(match)) {
	word := s.word(i)
	if word > 0 {
		if n := s.clitic(i + word); n > 0 {
			try(match{looked: word + n, length: word})
		}
		try(plain(word))
		if n := s.split(i, word); n > 0 {
			try(match{looked: word + 1, length: n})
		}
	}
	try(s.withApostrophe(i))
	try(s.negated(i))
	if n := s.negation(i); n > 0 {
		m := as(n, "n`t")
		if s.apostrophe(i+1) > 0 {
			m.text = "n't"
		}
		if !isASCIILetter(s.at(i + n)) {
			m.looked++
		}
		try(m)
	}
	joined := s.joined(i)
	try(plain(joined))
	try(s.withPeriod(i, max(word, joined)))
	try(s.abbreviation(i))
	hyphened := s.hyphened(i)
	try(plain(hyphened))
	try(s.withPeriod(i, hyphened))
	try(plain(s.slashed(i)))
	try(s.together(i))
	try(plain(s.face(i)))
	try(s.fileName(i))
	capitals := s.run(i, func(r rune) bool { return r >= 'A' && r <= 'Z' })
	if capitals > 0 && s.at(i+capitals) == '$' {
		try(plain(capitals + 1))
	}
}

// word is the length of letters and digits that begin with a letter, and go on after a period,
// a question mark or an exclamation mark without a space.
func (s *scanner) word(i int) int {
	n := s.letters(i)
	for n > 0 {
		if r := s.at(i + n); r != '.' && r != '!' && r != '?' {
			break
		}
		more := s.letters(i + n + 1)
		if more == 0 {
			break
		}
		n += 1 + more
	}
	return n
}

func (s *scanner) letters(i int) int {
	n := s.letterAt(i)
	for n > 0 {
		more := s.letterAt(i + n)
		if more == 0 && isDigit(s.at(i+n)) {
			more = 1
		}
		if more == 0 {
			break
		}
		n += more
	}
	return n
}

// letterAt is the length of a letter, which may be written as an entity such as &eacute;.
func (s *scanner) letterAt(i int) int {
	r := s.at(i)
	if isLetter(r) {
		return 1
	}
	if r == '&' && strings.ContainsRune("aeiouAEIOU", s.at(i+1)) {
		for _, accent := range []string{"acute;", "grave;", "uml;"} {
			if s.has(i+2, accent) {
				return 2 + len(accent)
			}
		}
	}
	return 0
}

// split is the length of the first part of a word that is two by the Treebank, such as "cannot".
func (s *scanner) split(i, word int) int {
	if word != 5 && word != 6 {
		return 0
	}
	for _, whole := range [...]string{"cannot", "gonna", "gotta", "wanna", "gimme", "lemme"} {
		if word == len(whole) && s.has(i, whole) {
			return 3
		}
	}
	return 0
}

// withPeriod is a word with its period where a comma or the like follows, as it does after
// abbreviations.
func (s *scanner) withPeriod(i, word int) match {
	if word == 0 || s.at(i+word) != '.' || !strings.ContainsRune(",;:、", s.at(i+word+1)) {
		return match{}
	}
	return match{looked: word + 2, length: word + 1}
}

// negated is the verb before "n't".
func (s *scanner) negated(i int) match {
	verb := s.run(i, isASCIILetter) - 1
	if verb < 1 || s.has(i+verb-1, "n") {
		return match{}
	}
	n := s.negation(i + verb)
	if n == 0 {
		return match{}
	}
	return match{looked: verb + n, length: verb}
}

// negation is the length of "n't".
func (s *scanner) negation(i int) int {
	if !s.has(i, "n") {
		return 0
	}
	a := s.apostrophe(i + 1)
	if a == 0 && strings.ContainsRune("`‘\u0091‛", s.at(i+1)) {
		a = 1
	}
	if a == 0 || !s.has(i+1+a, "t") {
		return 0
	}
	return a + 2
}

// apostrophe is the length of one, which may be written as &apos;.
func (s *scanner) apostrophe(i int) int {
	if isApostrophe(s.at(i)) {
		return 1
	}
	if s.has(i, "&apos;") {
		return 6
	}
	return 0
}

// clitic is the length of "'s" and its like.
func (s *scanner) clitic(i int) int {
	a := s.apostrophe(i)
	if a == 0 {
		return 0
	}
	for _, c := range [...]string{"re", "ve", "ll", "s", "m", "d"} {
		if s.has(i+a, c) {
			return a + len(c)
		}
	}
	return 0
}

// joined is the length of letters and digits with hyphens and underscores between them, after
// each of which "o'" and its like may stand: "five-o'clock".
func (s *scanner) joined(i int) int {
	part := func(i int) int {
		if strings.ContainsRune("dDoOlL", s.at(i)) && isQuote(s.at(i+1)) {
			if n := s.run(i+2, isAlnum); n > 1 {
				return 2 + n
			}
		}
		return s.run(i, isAlnum)
	}
	n := part(i)
	for n > 0 && isHyphen(s.at(i+n)) {
		more := part(i + n + 1)
		if more == 0 {
			break
		}
		n += 1 + more
	}
	return n
}

// hyphened is the length of words with hyphens, of which the first may have points and commas
// in it and the others may be acronyms: "1,000-foot", "non-U.S.".
func (s *scanner) hyphened(i int) int {
	if !isASCIIAlnum(s.at(i)) {
		return 0
	}
	n := s.run(i, func(r rune) bool { return isASCIIAlnum(r) || r == '.' || r == ',' || r == softHyphen })
	parts := 0
	for s.at(i+n) == '-' {
		more := s.run(i+n+1, func(r rune) bool { return isASCIIAlnum(r) || r == softHyphen })
		if a := s.acronym(i + n + 1); a > 0 {
			if s.at(i+n+1+a) != '.' {
				a -= 2
			}
			if a > 1 {
				more = max(more, a+1)
			}
		}
		if more == 0 {
			break
		}
		n += 1 + more
		parts++
	}
	if parts == 0 {
		return 0
	}
	return n
}

// slashed is the length of two or three words with slashes between them, each with two hyphens
// at most: "black/white", "1/4-inch".
func (s *scanner) slashed(i int) int {
	part := func(i int) int {
		n := s.run(i, isASCIIAlnum)
		for k := 0; n > 0 && k < 2 && s.at(i+n) == '-'; k++ {
			more := s.run(i+n+1, isASCIILetter)
			if more == 0 {
				break
			}
			n += 1 + more
		}
		return n
	}
	n := part(i)
	first := n
	for k := 0; n > 0 && k < 2; k++ {
		slash := 1
		if s.at(i+n) == '\\' {
			slash = 2
		}
		if s.at(i+n+slash-1) != '/' {
			break
		}
		more := part(i + n + slash)
		if more == 0 {
			break
		}
		n += slash + more
	}
	if n == first {
		return 0
	}
	return n
}

// together are capitals with signs between them, such as AT&T, and languages such as C++.
func (s *scanner) together(i int) match {
	if s.has(i, "c++") {
		return plain(3)
	}
	if s.has(i, "c#") || s.has(i, "f#") {
		return plain(2)
	}
	capitals := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	n := s.run(i, capitals)
	parts := 0
	for n > 0 {
		sign := 0
		switch {
		case s.has(i+n, "&amp;"):
			sign = 5
		case s.at(i+n) == '&' || s.at(i+n) == '+':
			sign = 1
		}
		more := s.run(i+n+sign, capitals)
		if sign == 0 || more == 0 {
			break
		}
		n += sign + more
		parts++
	}
	if parts == 0 {
		return match{}
	}
	if m := s.withPeriod(i, n); m.looked > 0 {
		m.text = strings.ReplaceAll(Lower(string(s.text[i:i+n+1])), "&amp;", "&")
		return m
	}
	return as(n, strings.ReplaceAll(Lower(string(s.text[i:i+n])), "&amp;", "&"))
}

func isLetter(r rune) bool {
	if r < 0x80 {
		return isASCIILetter(r)
	}
	c := classOf(r)
	return c == letter && !isDigit(r) || c == mark || r == softHyphen
}

func isDigit(r rune) bool {
	if r < 0x80 {
		return isASCIIDigit(r)
	}
	return isForeignDigit(r)
}

// isAlnum is a letter or a digit, and no mark.
func isAlnum(r rune) bool {
	if r < 0x80 {
		return isASCIIAlnum(r)
	}
	return classOf(r) == letter
}

func isHyphen(r rune) bool {
	return r == '-' || r == '_' || r == '\u058a' || r == '\u2010' || r == '\u2011'
}

// isQuote says whether a character is a single quote of any kind.
func isQuote(r rune) bool { return isApostrophe(r) || strings.ContainsRune("`‘\u0091‛", r) }
