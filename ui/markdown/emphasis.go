package markdown

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// delimiters reads a run of characters that may begin or end emphasis.
func (p *inline) delimiters(rest string, of byte) {
	n := len(rest) - len(strings.TrimLeft(rest, string(rune(of))))
	if of == '~' && n != 2 {
		p.literal(n)
		return
	}
	before, after := ' ', ' '
	if r, size := utf8.DecodeLastRuneInString(p.src[:p.at]); size > 0 {
		before = r
	}
	if r, size := utf8.DecodeRuneInString(rest[n:]); size > 0 {
		after = r
	}
	// A run stands to the left of a word or to its right (CommonMark 6.2).
	// Chinese and Japanese have no blanks between words, which is why a
	// character of theirs is as good as one.
	left := !unicode.IsSpace(after) && (!isPunctuation(after) || unicode.IsSpace(before) || isPunctuation(before) || breaks(before))
	right := !unicode.IsSpace(before) && (!isPunctuation(before) || unicode.IsSpace(after) || isPunctuation(after) || breaks(after))
	t := token{kind: run, of: of, n: n, size: n, begins: left, ends: right}
	if of == '_' {
		t.begins = left && (!right || isPunctuation(before))
		t.ends = right && (!left || isPunctuation(after))
	}
	p.runs = append(p.runs, len(p.tokens))
	p.tokens = append(p.tokens, t)
	p.at += n
}

// emphasize finds which of the runs from one on belong together, as CommonMark
// describes it in its appendix, and uses these runs up.
func (p *inline) emphasize(from int) {
	// Below its floor there is nothing that begins what such a run could end.
	var floors [3][3][2]int
	floor := func(t *token) *int {
		begins := 0
		if t.begins {
			begins = 1
		}
		return &floors[strings.IndexByte("*_~", t.of)][t.size%3][begins]
	}
	for at := from; at < len(p.runs); {
		end := &p.tokens[p.runs[at]]
		if !end.ends {
			at++
			continue
		}
		o := at - 1
		for o >= max(from, *floor(end)) && !p.tokens[p.runs[o]].pairs(end) {
			o--
		}
		if o < max(from, *floor(end)) {
			*floor(end) = at
			if end.begins {
				at++
			} else {
				p.runs = slices.Delete(p.runs, at, at+1)
			}
			continue
		}
		begin := &p.tokens[p.runs[o]]
		n := min(2, begin.n, end.n)
		bit := 2 - n // bold, italic
		if end.of == '~' {
			bit = 2
		}
		begin.n -= n
		begin.opened[bit]++
		end.n -= n
		end.closed[bit]++
		p.runs = slices.Delete(p.runs, o+1, at)
		at = o + 1
		if end.n == 0 {
			p.runs = slices.Delete(p.runs, at, at+1)
		}
		if begin.n == 0 {
			p.runs = slices.Delete(p.runs, o, o+1)
			at = o
		}
		for i := range floors {
			for j := range floors[i] {
				for k := range floors[i][j] {
					floors[i][j][k] = min(floors[i][j][k], at)
				}
			}
		}
	}
	p.runs = p.runs[:from]
}

// pairs reports whether a run begins what another one ends.
func (t *token) pairs(end *token) bool {
	if t.of != end.of || !t.begins {
		return false
	}
	either := t.ends || end.begins
	return !either || (t.size+end.size)%3 != 0 || t.size%3 == 0 && end.size%3 == 0
}

// suppose ends at the end of the text what only began in its last line: the rest
// of it is about to come, and what is drawn now would otherwise jump.
func (p *inline) suppose() {
	for i := len(p.tokens) - 1; i >= 0; i-- {
		t := &p.tokens[i]
		switch {
		case strings.Contains(t.text, "\n"):
			return
		case t.kind != run:
		case t.begins && !t.ends && t.n > 0 && t.n <= 3:
			if t.of == '~' {
				t.opened[2]++
			} else {
				t.opened[0] += t.n / 2
				t.opened[1] += t.n % 2
			}
			t.n = 0
		}
	}
}
