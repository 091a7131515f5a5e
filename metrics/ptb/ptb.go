// Package ptb takes captions apart into words as the reference implementations of captions'
// metrics do: pycocoevalcap's PTBTokenizer, which is Stanford CoreNLP's of version 3.4.1, after
// the conventions of the Penn Treebank, in small letters and without most punctuation.
//
// The rules were found by asking the original about some millions of texts, beside its public
// documentation. testdata/make_tokens.py asks it again about several thousand, to which the
// tests hold this package.
//
// Known not to be equal are
//   - a text of several lines: the original takes a line break other than \n for the end of a
//     caption, and moves all captions after it to the wrong pictures. Here it is a space.
//   - abbreviations at the end of a caption. The original looks at the beginning of the next
//     caption in its file. Here that is always "A": so the last letter of "the letter B." loses
//     its period, as it mostly does there.
//   - the path of an address and the attributes of a tag beyond 4096 characters.
//   - letters that Unicode has beyond its 65,536 first characters: neither knows them, but a few
//     rare rules of the original look at their two halves.
package ptb

import (
	"slices"
	"strings"
)

// punctuation is what pycocoevalcap removes. It removes "-LRB-" too, but by then the
// parenthesis is "-lrb-": that stays.
var punctuation = []string{"''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"}

// after is what stands after each text for the rules that look ahead.
const after = "\nA \n"

// farthest is how far a rule looks for the end of what may not have one.
const farthest = 4096

// Tokenize returns the words of a text.
func Tokenize(text string) []string {
	s := scanner{text: append(make([]rune, 0, len(text)+len(after)), []rune(text)...)}
	s.end = len(s.text)
	for i, r := range s.text {
		if r == '\n' || r == '\r' {
			s.text[i] = ' '
		}
	}
	s.text = append(s.text, []rune(after)...)
	var words []string
	for i := 0; i < s.end; {
		if n := s.plainWord(i); n > 0 {
			words = append(words, strings.ToLower(string(s.text[i:i+n])))
			i += n
			continue
		}
		m := s.longest(i)
		if m.length == 0 {
			i++
			continue
		}
		word := m.text
		if word == "" {
			word = Lower(normal(s.text[i : i+m.length]))
		}
		if word != "" && !slices.Contains(punctuation, word) {
			words = append(words, word)
		}
		i += m.length
	}
	return words
}

// plainWord is the length of letters before a space, or a comma and a space: nearly all words,
// and no rule makes anything else of them.
func (s *scanner) plainWord(i int) int {
	n := s.run(i, isASCIILetter)
	if n == 0 || s.split(i, n) > 0 {
		return 0
	}
	if next := s.text[i+n]; next == ' ' || next == ',' && s.text[i+n+1] == ' ' {
		return n
	}
	return 0
}

// scanner finds words in a text.
type scanner struct {
	text []rune // with what stands after it
	end  int    // of the text itself

	// What was searched for in vain, so that no text is searched again and again.
	mail           mail
	noSite, noHost int // no host begins before
	close          int // the next >, from the last place that was looked at
}

// match is what a rule finds. Of several rules the one counts that looked at the most
// characters, and of these the first.
type match struct {
	looked int    // characters, with those after the word that have to be there
	length int    // of the word
	text   string // the word, where it isn't what stands there
}

// plain is a match that looks at nothing after it.
func plain(length int) match { return match{looked: length, length: length} }

// as is a match whose word is written in another way.
func as(length int, text string) match { return match{looked: length, length: length, text: text} }

// longest is the match at a place, of length 0 where there is no word.
func (s *scanner) longest(i int) match {
	var best match
	try := func(m match) {
		if m.looked > best.looked {
			best = m
		}
	}
	r := s.text[i]
	if r == ' ' {
		return best
	}
	s.addresses(i, try)
	switch {
	case isLetter(r):
		s.words(i, try)
	case isDigit(r):
		s.words(i, try)
		s.numbers(i, try)
	default:
		s.signs(i, try)
		s.numbers(i, try)
	}
	if best.looked > 0 && i+best.length > s.end {
		best.length = s.end - i
	}
	return best
}

// normal is a word as the Treebank writes it: parentheses by their names, no-break spaces for
// spaces, and no soft hyphens.
func normal(word []rune) string {
	var b strings.Builder
	for _, r := range word {
		switch r {
		case '(':
			b.WriteString("-lrb-")
		case ')':
			b.WriteString("-rrb-")
		case ' ':
			b.WriteRune('\u00a0')
		case softHyphen:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

const softHyphen = '\u00ad'

func isASCIILetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isASCIIDigit(r rune) bool { return r >= '0' && r <= '9' }

func isASCIIAlnum(r rune) bool { return isASCIILetter(r) || isASCIIDigit(r) }

// isApostrophe says whether a clitic may begin with a character.
func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == '\u0092' }

// run counts the characters from a place on of which is says so.
func (s *scanner) run(i int, is func(rune) bool) int {
	n := 0
	for i+n < len(s.text) && is(s.text[i+n]) {
		n++
	}
	return n
}

// has says whether a text in small letters stands at a place, in any case.
func (s *scanner) has(i int, lower string) bool {
	for _, want := range lower {
		if i >= len(s.text) {
			return false
		}
		r := s.text[i]
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		if r != want {
			return false
		}
		i++
	}
	return true
}

// at is the character at a place, 0 behind the last.
func (s *scanner) at(i int) rune {
	if i < len(s.text) {
		return s.text[i]
	}
	return 0
}
