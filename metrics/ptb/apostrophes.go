package ptb

import "strings"

// apostropheWords have an apostrophe in them, which is ' here, and stay one word.
var apostropheWords = []string{
	"dunkin'", "somethin'", "ol'", "cont'd.", "nor'easter", "c'mon", "e'er", "s'mores", "ev'ry", "li'l", "nat'l", "o'o",
	"'em", "'till", "'til", "'cause",
}

// withApostrophe is a word with an apostrophe that is neither a clitic's nor a quotation mark.
func (s *scanner) withApostrophe(i int) match {
	var best match
	try := func(length, looked int) {
		if looked > best.looked {
			best = match{looked: looked, length: length}
		}
	}
	letters := s.run(i, isLetter)
	if isQuote(s.at(i + letters)) {
		first, next := s.at(i), s.at(i+letters+1)
		rest := s.run(i+letters+1, isLetter)
		if letters == 1 && isApostrophe(s.at(i+1)) {
			if strings.ContainsRune("lLdDjJ", first) {
				try(2, 2)
			}
			if strings.ContainsRune("yY", first) && rest > 0 {
				try(2, 3)
			}
		}
		if letters == 1 && (first >= 'A' && first <= 'Z' && first != 'I' && first != 'Y' || first == 'n') && rest > 1 {
			try(2+rest, 2+rest)
		}
		if letters > 1 && strings.ContainsRune("aeiouyAEIOUY", s.at(i+letters-1)) &&
			(strings.ContainsRune("aeiou", next) || next >= 'A' && next <= 'Z') {
			try(letters+1+rest, letters+1+rest)
		}
	}
	if letters <= 9 {
		for _, w := range apostropheWords {
			if s.same(i, w) {
				try(len(w), len(w))
			}
		}
	}
	return best
}

// same is has, with any apostrophe for that of the word.
func (s *scanner) same(i int, lower string) bool {
	for k, want := range lower {
		if want == '\'' && isApostrophe(s.at(i+k)) {
			continue
		}
		if !s.has(i+k, string(want)) {
			return false
		}
	}
	return true
}

// apostrophes tries the rules for what begins with one.
func (s *scanner) apostrophes(i int, try func(match)) {
	a := s.apostrophe(i)
	if a == 0 {
		return
	}
	clitic := match{}
	if n := s.clitic(i); n > 0 {
		clitic = match{looked: n, length: n, text: "'" + Lower(string(s.text[i+a:i+n]))}
		if !isASCIILetter(s.at(i + n)) {
			clitic.looked++
			try(clitic)
		}
	}
	if a > 1 {
		try(as(a, "'"))
		return
	}
	if s.at(i) == '\'' {
		if s.at(i+1) == '\'' {
			try(as(2, "''"))
		}
		if s.has(i, "'tis") {
			try(match{looked: 4, length: 2})
		}
		if s.has(i, "'twas") {
			try(match{looked: 5, length: 2})
		}
	}
	try(s.withApostrophe(i))
	if s.has(i+1, "n") {
		if isApostrophe(s.at(i + 2)) {
			try(plain(3))
		}
		try(plain(2))
	}
	if tens := s.at(i + 1); tens >= '2' && tens <= '9' && s.has(i+2, "0s") {
		try(plain(4))
	}
	if isASCIIDigit(s.at(i+1)) && isASCIIDigit(s.at(i+2)) && isSpace(s.at(i+3)) {
		try(match{looked: 4, length: 3})
	}
	if s.at(i) == '\'' && isASCIILetter(s.at(i+1)) && !isSpaceOrEnd(s.at(i+2)) {
		try(match{looked: 3, length: 1, text: "`"}) // it opens a quotation
	}
	try(clitic)
	try(as(1, "'"))
}
