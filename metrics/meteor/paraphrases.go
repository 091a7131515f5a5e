package meteor

import (
	"context"
	"errors"
	"io"
	"slices"
)

// paraphrases are the phrases of METEOR's table that occur in the captions at hand, and what
// they may be replaced by; words are numbers of a vocabulary. The table has five million
// entries, so it is streamed past the captions and never held.
//
// The phrases are a tree. An edge leads from a node by a word to the next, and at a node the
// replacements of the phrase that ends there are in the order of the table, on which it
// depends which of two equally good alignments is found.
type paraphrases struct {
	edges map[uint64]int32
	of    [][][]int32 // of each node
}

func edge(from, word int32) uint64 { return uint64(from)<<32 | uint64(uint32(word)) }

// maxReplacements is more than a phrase of METEOR's table has, which is 934 at most.
const maxReplacements = 16 << 10

// add puts in a phrase and what it may be replaced by; false if it has too many.
func (p *paraphrases) add(phrase, by []int32) bool {
	at := int32(0)
	for _, w := range phrase {
		next, ok := p.edges[edge(at, w)]
		if !ok {
			next = int32(len(p.of))
			p.of = append(p.of, nil)
			p.edges[edge(at, w)] = next
		}
		at = next
	}
	p.of[at] = append(p.of[at], by)
	return len(p.of[at]) <= maxReplacements
}

// at calls found with each phrase that words begin with, the shorter first: how many words it
// has, and one of its replacements.
func (p *paraphrases) at(words []int32, found func(length int, by []int32)) {
	node := int32(0)
	for i, w := range words {
		next, ok := p.edges[edge(node, w)]
		if !ok {
			return
		}
		node = next
		for _, by := range p.of[node] {
			found(i+1, by)
		}
	}
}

// occurring says which words occur in captions, and which follow each other.
type occurring struct {
	words map[string]int32
	pairs map[uint64]bool
}

// phrase appends the numbers of a line's words; nothing, and false, if it can't occur: a word
// doesn't, or two that don't follow each other.
func (o *occurring) phrase(to []int32, line []byte) ([]int32, bool) {
	begin := len(to)
	for i := 0; i < len(line); {
		if isBlank(rune(line[i])) {
			i++
			continue
		}
		end := i
		for end < len(line) && !isBlank(rune(line[end])) {
			end++
		}
		w, ok := o.words[string(line[i:end])]
		if !ok || len(to) > begin && !o.pairs[edge(to[len(to)-1], w)] {
			return to[:begin], false
		}
		to = append(to, w)
		i = end
	}
	return to, len(to) > begin
}

// readParaphrases reads of a table what may match somewhere. An entry has three lines: a
// probability, which METEOR does not use, a phrase, and what it may be replaced by.
func readParaphrases(ctx context.Context, table *listing, o *occurring) (*paraphrases, error) {
	p := &paraphrases{edges: map[uint64]int32{}, of: make([][][]int32, 1)}
	var phrase, by []int32
	for entry := 0; ; entry++ {
		if entry%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		probability, err := table.next()
		if errors.Is(err, io.EOF) && entry > 0 {
			return p, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, errors.New(table.name + ": is empty, and METEOR's table of paraphrases has millions of lines")
		}
		if err != nil {
			return nil, err
		}
		if len(probability) == 0 || probability[0] != '.' && (probability[0] < '0' || probability[0] > '9') {
			return nil, table.errorf("is no probability, with which each entry of METEOR's paraphrases begins: %.40q", probability)
		}
		line, err := table.more()
		if err != nil {
			return nil, err
		}
		var first, second bool
		phrase, first = o.phrase(phrase[:0], line)
		if line, err = table.more(); err != nil {
			return nil, err
		}
		if !first {
			continue
		}
		if by, second = o.phrase(by[:0], line); second && !p.add(phrase, slices.Clone(by)) {
			return nil, table.errorf("is the %dth paraphrase of one phrase, and METEOR's table has a thousand at most", maxReplacements+1)
		}
	}
}
