package tokenizer

import (
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// bpe is byte-pair encoding: a piece begins as characters, and of all neighbours that are
// in the list of merges those that come first in it are merged, again and again.
type bpe struct {
	vocabulary map[string]int32
	merges     map[pair]merge
	unknown    int32 // the token of characters that are none; -1: they are left out
	fuse       bool  // several of them in a row are one
	bytes      *[256]int32
	prefix     string // of all characters of a piece but the first
	suffix     string // of the last
	whole      bool   // a piece that is a token is that token, whatever its merges
}

type pair struct{ left, right int32 }

type merge struct{ rank, id int32 }

// bpeModel is what a byte-pair encoding is made of.
type bpeModel struct {
	vocabulary vocabulary
	merges     mergeList
	unknown    *string // the token of characters that are none
	fuse       bool
	fallback   bool // to the tokens of a character's bytes
	prefix     string
	suffix     string
	whole      bool
}

func parseBPE(f modelFile) (model, map[string]int32, error) {
	m := bpeModel{
		merges: f.Merges, unknown: f.Unknown, fuse: f.Fuse, fallback: f.ByteFallback,
		prefix: f.Prefix, suffix: f.Suffix, whole: f.IgnoreMerges,
	}
	if err := json.Unmarshal(f.Vocabulary, &m.vocabulary); err != nil {
		return nil, nil, fmt.Errorf("its model: %w", err)
	}
	return newBPE(m)
}

func newBPE(m bpeModel) (model, map[string]int32, error) {
	b := &bpe{
		vocabulary: m.vocabulary, merges: make(map[pair]merge, len(m.merges)),
		unknown: -1, fuse: m.fuse, prefix: m.prefix, suffix: m.suffix, whole: m.whole,
	}
	if len(m.vocabulary) == 0 {
		return nil, nil, errors.New("its vocabulary is empty")
	}
	for token, id := range m.vocabulary {
		if err := checkIDs([]int32{id}); err != nil {
			return nil, nil, fmt.Errorf("its token %q: %w", token, err)
		}
	}
	for rank, parts := range m.merges {
		ids := [3]int32{}
		for i, token := range []string{parts[0], parts[1], parts[0] + strings.TrimPrefix(parts[1], m.prefix)} {
			id, ok := m.vocabulary[token]
			if !ok {
				return nil, nil, fmt.Errorf("its merge %d, of %q and %q, needs the token %q, which is not in the vocabulary", rank+1, parts[0], parts[1], token)
			}
			ids[i] = id
		}
		b.merges[pair{ids[0], ids[1]}] = merge{int32(rank), ids[2]}
	}
	if m.unknown != nil {
		id, ok := m.vocabulary[*m.unknown]
		if !ok {
			return nil, nil, fmt.Errorf("its token for unknown characters, %q, is not in the vocabulary", *m.unknown)
		}
		b.unknown = id
	}
	if m.fallback {
		b.bytes = byteTokens(m.vocabulary)
	}
	return b, m.vocabulary, nil
}

// byteTokens are the tokens that stand for bytes, such as <0x0A>; -1 for bytes without one.
func byteTokens(vocabulary map[string]int32) *[256]int32 {
	var tokens [256]int32
	for b := range tokens {
		tokens[b] = -1
		if id, ok := vocabulary[fmt.Sprintf("<0x%02X>", b)]; ok {
			tokens[b] = id
		}
	}
	return &tokens
}

// appendBytes adds the tokens of a text's bytes, if there is one for each.
func appendBytes(ids []int32, tokens *[256]int32, s string) ([]int32, bool) {
	if tokens == nil {
		return ids, false
	}
	n := len(ids)
	for i := range len(s) {
		if tokens[s[i]] < 0 {
			return ids[:n], false
		}
		ids = append(ids, tokens[s[i]])
	}
	return ids, true
}

func (b *bpe) kind() Kind { return BPE }

func (b *bpe) encode(ids []int32, piece string) []int32 {
	if id, ok := b.vocabulary[piece]; ok && b.whole {
		return append(ids, id)
	}
	return b.merge(ids, b.characters(piece))
}

// characters are the tokens that a piece begins as.
func (b *bpe) characters(piece string) []int32 {
	var ids []int32
	unknown := false // the last character was unknown, and its token is still to be added
	for i, r := range piece {
		s := string(r)
		last := i+len(s) >= len(piece)
		if i > 0 {
			s = b.prefix + s
		}
		if last {
			s += b.suffix
		}
		id, ok := b.vocabulary[s]
		if ok {
			if unknown {
				ids = append(ids, b.unknown)
				unknown = false
			}
			ids = append(ids, id)
			continue
		}
		var bytes bool
		if ids, bytes = appendBytes(ids, b.bytes, s); bytes || b.unknown < 0 {
			continue
		}
		if unknown && !b.fuse {
			ids = append(ids, b.unknown)
		}
		unknown = true
	}
	if unknown {
		ids = append(ids, b.unknown)
	}
	return ids
}

// symbol is a token of a piece that is being merged, and its neighbours.
type symbol struct {
	id             int32
	previous, next int32 // -1: none
	gone           bool  // merged into another
}

// candidate is a merge that is possible, or was when it was found.
type candidate struct {
	merge
	at int32
}

// candidates is a heap: the first in the list of merges first, and of these the leftmost.
type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return c[i].rank < c[j].rank || c[i].rank == c[j].rank && c[i].at < c[j].at
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// merge appends to ids what the tokens of a piece are merged into.
func (b *bpe) merge(ids, piece []int32) []int32 {
	symbols := make([]symbol, len(piece))
	for i, id := range piece {
		symbols[i] = symbol{id: id, previous: int32(i) - 1, next: int32(i) + 1}
	}
	if len(symbols) == 0 {
		return ids
	}
	symbols[len(symbols)-1].next = -1
	var queue candidates
	consider := func(at int32) {
		if at < 0 || symbols[at].next < 0 {
			return
		}
		if m, ok := b.merges[pair{symbols[at].id, symbols[symbols[at].next].id}]; ok {
			heap.Push(&queue, candidate{m, at})
		}
	}
	for i := range symbols {
		consider(int32(i))
	}
	for len(queue) > 0 {
		c := heap.Pop(&queue).(candidate)
		left := &symbols[c.at]
		if left.gone || left.next < 0 {
			continue
		}
		right := &symbols[left.next]
		// The pair may have become another since; the same one may lead to the same token.
		if m, ok := b.merges[pair{left.id, right.id}]; !ok || m.id != c.id {
			continue
		}
		left.id, left.next, right.gone = c.id, right.next, true
		if left.next >= 0 {
			symbols[left.next].previous = c.at
		}
		consider(left.previous)
		consider(c.at)
	}
	for i := int32(0); i >= 0; i = symbols[i].next {
		ids = append(ids, symbols[i].id)
	}
	return ids
}
