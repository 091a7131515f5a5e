package tokenizer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// charsmap is SentencePiece's table of what characters are replaced by, as its models
// carry it ("precompiled_charsmap"): a double-array trie in the format of the Darts
// library, whose leaves are places in a list of texts that end with a zero byte.
type charsmap struct {
	trie  []uint32
	texts []byte
}

func parseCharsmap(content []byte) (*charsmap, error) {
	if len(content) < 4 {
		return nil, errors.New("its table of characters (precompiled_charsmap) is cut")
	}
	size, rest := binary.LittleEndian.Uint32(content), content[4:]
	if size%4 != 0 || size == 0 || uint64(size) > uint64(len(rest)) {
		return nil, errors.New("its table of characters (precompiled_charsmap) is longer than it is: the file is damaged")
	}
	m := &charsmap{trie: make([]uint32, size/4), texts: rest[size:]}
	for i := range m.trie {
		m.trie[i] = binary.LittleEndian.Uint32(rest[4*i:])
	}
	return m, nil
}

// normalize replaces what the table has, as the tokenizers library does it: a grapheme of
// fewer than six bytes as a whole by what the shortest entry that it begins with says, and
// any other character by character.
func (m *charsmap) normalize(s string) string {
	var b strings.Builder
	for g := graphemes.FromString(s); g.Next(); {
		grapheme := g.Value()
		if len(grapheme) < 6 {
			if text, ok := m.lookup(grapheme); ok {
				b.WriteString(text)
				continue
			}
		}
		for _, r := range grapheme {
			if text, ok := m.lookup(string(r)); ok {
				b.WriteString(text)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// lookup finds the shortest entry that s begins with.
func (m *charsmap) lookup(s string) (string, bool) {
	at := offset(m.trie[0])
	for i := 0; i < len(s) && s[i] != 0; i++ {
		at ^= uint32(s[i])
		if at >= uint32(len(m.trie)) {
			return "", false
		}
		unit := m.trie[at]
		if unit&(1<<31|0xFF) != uint32(s[i]) {
			return "", false
		}
		at ^= offset(unit)
		if at >= uint32(len(m.trie)) {
			return "", false
		}
		if unit>>8&1 == 1 { // it has a leaf
			return m.text(m.trie[at] &^ (1 << 31))
		}
	}
	return "", false
}

// offset is where the children of a node lie.
func offset(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

func (m *charsmap) text(at uint32) (string, bool) {
	if uint64(at) > uint64(len(m.texts)) {
		return "", false
	}
	text, _, _ := bytes.Cut(m.texts[at:min(len(m.texts), int(at)+maxReplacement)], []byte{0})
	return string(text), true
}
