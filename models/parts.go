package models

import (
	"fmt"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// maxParts is more than any model is split into.
const maxParts = 1000

// ReadParts reads the headers of all files that a model is split into, that of
// path first.
func ReadParts(path string) ([]*GGUF, error) {
	g, err := ReadGGUF(path)
	if err != nil {
		return nil, err
	}
	parts := []*GGUF{g}
	for _, other := range otherParts(g, path) {
		g, err := ReadGGUF(other)
		if err != nil {
			return nil, err
		}
		parts = append(parts, g)
	}
	return parts, nil
}

// otherParts names the files of a split model besides its first.
func otherParts(g *GGUF, path string) []string { return namedParts(path, g.Int("split.count")) }

// namedParts names the files of a model of n besides its first, as llama.cpp
// finds them: "…-00002-of-00003.gguf".
func namedParts(path string, n int) []string {
	stem, ok := strings.CutSuffix(path, fmt.Sprintf("-00001-of-%05d.gguf", n))
	if n < 2 || n > maxParts || !ok {
		return nil // llama.cpp says what it misses
	}
	var others []string
	for i := 2; i <= n; i++ {
		others = append(others, fmt.Sprintf("%s-%05d-of-%05d.gguf", stem, i, n))
	}
	return others
}

var partNumber = lazyregexp.New(`-([0-9]{5})-of-[0-9]{5}\.gguf$`)

// isLaterPart reports whether a file's name says that it is a part of a split
// model, and not its first.
func isLaterPart(path string) bool {
	number := partNumber().FindStringSubmatch(path)
	return number != nil && number[1] != "00001"
}
