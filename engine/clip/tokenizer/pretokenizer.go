package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitter cuts texts into the pieces that a model sees one by one.
type splitter func([]string) []string

// parsePreTokenizer reads the pre-tokenizer of a tokenizer.json.
func parsePreTokenizer(raw json.RawMessage) (splitter, error) {
	stages, err := parsePreTokenizers(raw, 0)
	if err != nil {
		return nil, err
	}
	return func(pieces []string) []string {
		for _, stage := range stages {
			pieces = stage(pieces)
		}
		return pieces
	}, nil
}

func parsePreTokenizers(raw json.RawMessage, depth int) ([]splitter, error) {
	if isNull(raw) {
		return nil, nil
	}
	var p struct {
		Type           string            `json:"type"`
		Pretokenizers  []json.RawMessage `json:"pretokenizers"`
		Pattern        patternSource     `json:"pattern"`
		Behavior       behaviour         `json:"behavior"`
		Invert         bool              `json:"invert"`
		AddPrefixSpace *bool             `json:"add_prefix_space"`
		UseRegex       *bool             `json:"use_regex"`
		Replacement    string            `json:"replacement"`
		PrependScheme  string            `json:"prepend_scheme"`
		Split          *bool             `json:"split"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, err
	}
	each := func(cut func(string) []string) ([]splitter, error) {
		return []splitter{func(pieces []string) []string {
			var all []string
			for _, piece := range pieces {
				all = append(all, cut(piece)...)
			}
			return all
		}}, nil
	}
	switch p.Type {
	case "Sequence":
		if depth == maxNesting {
			return nil, fmt.Errorf("sequences lie in each other more than %d deep", maxNesting)
		}
		var all []splitter
		for _, raw := range p.Pretokenizers {
			stages, err := parsePreTokenizers(raw, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, stages...)
		}
		return all, nil
	case "Split":
		pattern, err := p.Pattern.compile()
		if err != nil {
			return nil, err
		}
		if !p.Behavior.known() {
			return nil, fmt.Errorf("the behaviour %q is not supported", p.Behavior)
		}
		return each(func(s string) []string { return p.Behavior.split(s, pattern.find(s), p.Invert) })
	case "Whitespace", "BertPreTokenizer", "Punctuation", "Digits", "CharDelimiterSplit", "UnicodeScripts":
		return nil, notSupported(p.Type)
	case "WhitespaceSplit":
		return each(func(s string) []string { return strings.FieldsFunc(s, unicode.IsSpace) })
	case "ByteLevel":
		prefix := p.AddPrefixSpace == nil || *p.AddPrefixSpace
		words := p.UseRegex == nil || *p.UseRegex
		return each(func(s string) []string { return byteLevel(s, prefix, words) })
	case "Metaspace":
		m := metaspace{replacement: p.Replacement, split: p.Split == nil || *p.Split}
		switch {
		case p.PrependScheme == "always", p.PrependScheme == "" && (p.AddPrefixSpace == nil || *p.AddPrefixSpace):
			m.prepend = true
		case p.PrependScheme != "never" && p.PrependScheme != "":
			return nil, fmt.Errorf("the prepend_scheme %q is not supported", p.PrependScheme)
		}
		if n := utf8.RuneCountInString(m.replacement); n != 1 {
			return nil, fmt.Errorf("the replacement of a Metaspace is %d characters, not one", n)
		}
		return each(m.pieces)
	}
	return nil, notSupported(p.Type)
}

// metaspace writes spaces as a character of their own (▁), with one before the first
// word, and cuts before each.
type metaspace struct {
	replacement    string
	prepend, split bool
}

func (m metaspace) pieces(s string) []string {
	s = strings.ReplaceAll(s, " ", m.replacement)
	if m.prepend && !strings.HasPrefix(s, m.replacement) {
		s = m.replacement + s
	}
	if !m.split {
		return []string{s}
	}
	p := pattern{text: m.replacement}
	return mergedWithNext.split(s, p.find(s), false)
}

// behaviour is what becomes of the matches at which a Split cuts.
type behaviour string

const (
	removed            behaviour = "Removed"
	isolated           behaviour = "Isolated"
	mergedWithPrevious behaviour = "MergedWithPrevious"
	mergedWithNext     behaviour = "MergedWithNext"
	contiguous         behaviour = "Contiguous" // matches that touch are one piece
)

func (b behaviour) known() bool {
	switch b {
	case removed, isolated, mergedWithPrevious, mergedWithNext, contiguous:
		return true
	}
	return false
}

// split cuts a text at the matches, or, inverted, at what lies between them.
func (b behaviour) split(s string, matches [][]int, invert bool) []string {
	type span struct {
		start, end int
		match      bool
	}
	var spans []span
	at := 0
	for _, m := range append(matches, []int{len(s), len(s)}) {
		if m[0] > at {
			spans = append(spans, span{at, m[0], invert})
		}
		if m[1] > m[0] {
			spans = append(spans, span{m[0], m[1], !invert})
		}
		at = m[1]
	}
	var pieces []string
	begin := 0 // of the piece that is being gathered
	for i, p := range spans {
		next := span{match: false}
		if i+1 < len(spans) {
			next = spans[i+1]
		}
		var more bool // the piece goes on with the next span
		switch b {
		case removed:
			if p.match {
				begin = p.end
				continue
			}
		case mergedWithPrevious:
			more = next.match && !p.match
		case mergedWithNext:
			more = p.match && i+1 < len(spans) && !next.match
		case contiguous:
			more = i+1 < len(spans) && next.match == p.match
		}
		if !more {
			pieces = append(pieces, s[begin:p.end])
			begin = p.end
		}
	}
	return pieces
}
