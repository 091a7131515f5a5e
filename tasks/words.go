package tasks

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
)

// span is a stretch of a text, in bytes.
type span struct{ start, end int }

// place finds the tokens in the text that they are of. A token that has but a part of
// a character has no stretch of its own; the one with which the text goes on begins
// behind that character.
func place(text string, tokens []engine.TokenLogprob) []span {
	spans := make([]span, len(tokens))
	at, parts := 0, 0 // parts counts the tokens since at of which no text is known
	for i, t := range tokens {
		known := strings.Trim(t.Text, string(utf8.RuneError))
		if known == "" {
			spans[i] = span{at, at}
			parts++
			continue
		}
		// Some tokenizers begin a text with a blank that it does not have.
		if !strings.HasPrefix(text[at:], known) && strings.HasPrefix(text[at:], strings.TrimLeft(known, " ")) {
			known = strings.TrimLeft(known, " ")
		}
		gap := 0
		if parts > 0 || known != t.Text {
			gap = max(0, strings.Index(text[at:], known))
		}
		if !strings.HasPrefix(text[at+gap:], known) {
			spans[i] = span{at, at}
			parts++
			continue
		}
		spans[i] = span{at + gap, at + gap + len(known)}
		at, parts = spans[i].end, 0
	}
	return spans
}

// words returns the words of a text: letters, digits and what joins them. Where a
// script puts no blanks between words, a token is one.
func words(text string, tokens []span) []span {
	ends := map[int]bool{}
	for _, t := range tokens {
		ends[t.end] = true
	}
	var all []span
	start := -1
	var last rune
	end := func(at int) {
		if start >= 0 {
			all = append(all, span{start, at})
			start = -1
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			if start >= 0 && (dense(r) != dense(last) || dense(r) && ends[i]) && !unicode.IsMark(r) {
				end(i)
			}
			if start < 0 {
				start = i
			}
			last = r
		case start >= 0 && joins(text[i:], last):
		default:
			end(i)
		}
	}
	end(len(text))
	return all
}

// dense tells of a letter whether its script writes words without blanks.
func dense(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// joins tells whether the sign with which a text begins makes one word of what is
// before and after it: "isn't", "red-brown", "3.5".
func joins(text string, before rune) bool {
	sign, size := utf8.DecodeRuneInString(text)
	after, _ := utf8.DecodeRuneInString(text[size:])
	switch sign {
	case '\'', '’', '-', '‑', '_':
		return unicode.IsLetter(after) || unicode.IsNumber(after)
	case '.', ',', ':', '/', '%':
		return unicode.IsNumber(before) && unicode.IsNumber(after)
	}
	return false
}
