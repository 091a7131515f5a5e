package tokenizer

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// byteLevel cuts a text into words as GPT-2 did, if words is set, and writes each byte of
// them as a character of its own (byteRunes). With prefix a text begins with a space.
func byteLevel(s string, prefix, words bool) []string {
	if prefix && !strings.HasPrefix(s, " ") {
		s = " " + s
	}
	runes := byteRunes()
	var pieces []string
	for s != "" {
		n := len(s)
		if words {
			n = wordLength(s)
		}
		var b strings.Builder
		for i := range n {
			b.WriteRune(runes[s[i]])
		}
		pieces = append(pieces, b.String())
		s = s[n:]
	}
	return pieces
}

// byteRunes are the characters that stand for bytes in vocabularies of bytes: visible
// characters of Latin 1 for themselves, and those from U+0100 on for the others, in order.
var byteRunes = sync.OnceValue(func() (runes [256]rune) {
	next := rune(256)
	for b := range rune(256) {
		if b >= '!' && b <= '~' || b >= '¡' && b <= '¬' || b >= '®' {
			runes[b] = b
			continue
		}
		runes[b] = next
		next++
	}
	return runes
})

// wordLength is how many bytes the first word of a text has, by GPT-2's expression
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// which looks ahead, and is therefore none of Go's.
func wordLength(s string) int {
	for _, contraction := range []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} {
		if strings.HasPrefix(s, contraction) {
			return len(contraction)
		}
	}
	at := 0
	if s[0] == ' ' && len(s) > 1 {
		at = 1
	}
	first, _ := utf8.DecodeRuneInString(s[at:])
	if class := classOf(first); class != space {
		for i, r := range s[at:] {
			if classOf(r) != class {
				return at + i
			}
		}
		return len(s)
	}
	// White space leaves its last character to the word that follows.
	end, last := len(s), 0
	for i, r := range s {
		if classOf(r) != space {
			end = i
			break
		}
		last = i
	}
	if end < len(s) && last > 0 {
		return last
	}
	return end
}

type class int

const (
	space class = iota
	letter
	number
	other
)

func classOf(r rune) class {
	switch {
	case unicode.IsSpace(r):
		return space
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	}
	return other
}
