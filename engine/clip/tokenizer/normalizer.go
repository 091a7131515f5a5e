package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// normalizer makes texts alike that mean the same to a model.
type normalizer func(string) string

// maxReplacement bounds what a match is replaced by, in bytes.
const maxReplacement = 256

// parseNormalizer reads the normalizer of a tokenizer.json.
func parseNormalizer(raw json.RawMessage) (normalizer, error) {
	stages, err := parseNormalizers(raw, 0)
	if err != nil {
		return nil, err
	}
	return func(s string) string {
		for _, stage := range stages {
			s = cut(stage(s)) // a stage may make a text longer
		}
		return s
	}, nil
}

func parseNormalizers(raw json.RawMessage, depth int) ([]normalizer, error) {
	if isNull(raw) {
		return nil, nil
	}
	var n struct {
		Type        string            `json:"type"`
		Normalizers []json.RawMessage `json:"normalizers"`
		Pattern     patternSource     `json:"pattern"`
		Content     string            `json:"content"`
		Prepend     string            `json:"prepend"`
		StripLeft   bool              `json:"strip_left"`
		StripRight  bool              `json:"strip_right"`
		Charsmap    []byte            `json:"precompiled_charsmap"`
	}
	if err := json.Unmarshal(raw, &n); err != nil {
		return nil, err
	}
	one := func(f normalizer) ([]normalizer, error) { return []normalizer{f}, nil }
	switch n.Type {
	case "Sequence":
		if depth == maxNesting {
			return nil, fmt.Errorf("sequences lie in each other more than %d deep", maxNesting)
		}
		var all []normalizer
		for _, raw := range n.Normalizers {
			stages, err := parseNormalizers(raw, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, stages...)
		}
		return all, nil
	case "NFC":
		return one(norm.NFC.String)
	case "NFD":
		return one(norm.NFD.String)
	case "NFKC":
		return one(norm.NFKC.String)
	case "NFKD":
		return one(norm.NFKD.String)
	case "Lowercase":
		return one(Lower)
	case "Prepend":
		if len(n.Prepend) > maxReplacement {
			return nil, fmt.Errorf("a text has more than %d bytes", maxReplacement)
		}
		return one(func(s string) string {
			if s == "" {
				return ""
			}
			return n.Prepend + s
		})
	case "Strip":
		return one(func(s string) string {
			if n.StripLeft {
				s = strings.TrimLeftFunc(s, unicode.IsSpace)
			}
			if n.StripRight {
				s = strings.TrimRightFunc(s, unicode.IsSpace)
			}
			return s
		})
	case "Replace":
		p, err := n.Pattern.compile()
		if err != nil {
			return nil, err
		}
		if len(n.Content) > maxReplacement {
			return nil, fmt.Errorf("a text has more than %d bytes", maxReplacement)
		}
		return one(func(s string) string { return p.replace(s, n.Content) })
	case "Precompiled":
		if len(n.Charsmap) == 0 {
			return nil, nil
		}
		charsmap, err := parseCharsmap(n.Charsmap)
		if err != nil {
			return nil, err
		}
		return one(charsmap.normalize)
	}
	return nil, notSupported(n.Type)
}

// Lower makes a text lower-case, letter by letter: what a letter becomes does not depend
// on its neighbours. The one that becomes two is İ.
func Lower(s string) string {
	if !strings.Contains(s, "İ") {
		return strings.Map(unicode.ToLower, s)
	}
	return strings.Map(unicode.ToLower, strings.ReplaceAll(s, "İ", "i\u0307"))
}
