package tokenizer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is a token that is looked for in a text before the model sees it.
type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // not as a part of a word
	LStrip     bool   `json:"lstrip"`      // takes the white space before it
	RStrip     bool   `json:"rstrip"`      // and after it
	Normalized bool   `json:"normalized"`  // is looked for in the normalised text
	Special    bool   `json:"special"`     // never made of what a person writes
}

// addedTokens are those of a tokenizer, in two lots: what is looked for in the text as it
// is, and what in the normalised one.
type addedTokens struct{ raw, normalized lot }

// lot are tokens by the first byte of what is looked for, longest first.
type lot map[byte][]addedToken

// add takes in the added tokens of a tokenizer. Its normalizer is there by then.
func (t *Tokenizer) add(tokens []addedToken) error {
	t.added = addedTokens{lot{}, lot{}}
	t.addedIDs = make(map[string]int32, len(tokens))
	for _, token := range tokens {
		if token.Content == "" {
			continue
		}
		if err := checkIDs([]int32{token.ID}); err != nil {
			return fmt.Errorf("its added token %q: %w", token.Content, err)
		}
		t.addedIDs[token.Content] = token.ID
		into := t.added.raw
		if token.Normalized {
			into = t.added.normalized
			if token.Content = t.normalize(token.Content); token.Content == "" {
				continue
			}
		}
		first := token.Content[0]
		into[first] = append(into[first], token)
	}
	for _, l := range []lot{t.added.raw, t.added.normalized} {
		for _, tokens := range l {
			slices.SortStableFunc(tokens, func(a, b addedToken) int { return cmp.Compare(len(b.Content), len(a.Content)) })
		}
	}
	return nil
}

// part is text for the model, or an added token.
type part struct {
	text string
	id   int32 // -1 for text
}

// extract cuts a text at its added tokens and normalises what lies between them.
func (a addedTokens) extract(text string, normalize normalizer) []part {
	var parts []part
	for _, p := range a.raw.cut(text) {
		if p.id >= 0 {
			parts = append(parts, p)
			continue
		}
		parts = append(parts, a.normalized.cut(normalize(p.text))...)
	}
	return parts
}

// cut finds the tokens of a lot in a text: at each place the longest. What is found is
// passed even if it may not be a token there, as a special one.
func (l lot) cut(text string) []part {
	var parts []part
	done := 0
	for at := 0; at < len(text); {
		token, ok := l.at(text[at:])
		if !ok {
			at++
			continue
		}
		start, end := at, at+len(token.Content)
		at = end
		if token.Special || token.SingleWord && (endsInWord(text[:start]) || beginsWithWord(text[end:])) {
			continue
		}
		if token.LStrip {
			start = max(done, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if token.RStrip {
			end = len(text) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
		}
		if start > done {
			parts = append(parts, part{text[done:start], -1})
		}
		parts = append(parts, part{id: token.ID})
		done, at = end, max(at, end)
	}
	if done < len(text) {
		parts = append(parts, part{text[done:], -1})
	}
	return parts
}

// at returns the longest token that a text begins with.
func (l lot) at(text string) (addedToken, bool) {
	for _, token := range l[text[0]] {
		if strings.HasPrefix(text, token.Content) {
			return token, true
		}
	}
	return addedToken{}, false
}

func endsInWord(s string) bool {
	r, size := utf8.DecodeLastRuneInString(s)
	return size > 0 && isWord(r)
}

func beginsWithWord(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size > 0 && isWord(r)
}

// isWord is \w of regular expressions with Unicode.
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc)
}
