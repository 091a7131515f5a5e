// Package tokenizer turns texts into token ids as the tokenizers of CLIP and SigLIP
// checkpoints do: byte-pair encoding (CLIP, SigLIP 2) and unigram (SigLIP), read from
// tokenizer.json or from vocab.json and merges.txt as they are published.
//
// Its reference is Hugging Face's tokenizers library, whose stages the files of this
// package follow: added tokens are taken out of the text (added.go), the rest is
// normalised (normalizer.go) and cut into pieces (pretokenizer.go), each piece becomes
// tokens (bpe.go, unigram.go), and what stands before and after all of them is put there
// (postprocessor.go). A kind of stage that no CLIP has is refused by name.
//
// One thing differs, and is meant to: what a person writes never becomes a special token.
// "<|endoftext|>" in a text is these letters, as it would otherwise end the text for the
// model.
package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxText is how many bytes of a text are looked at: far more than any model reads.
const maxText = 64 << 10

// Tokenizer turns texts into token ids. It may be used by several goroutines at once.
type Tokenizer struct {
	added     addedTokens
	normalize normalizer
	split     splitter
	model     model
	ids       map[string]int32 // of the model's vocabulary
	addedIDs  map[string]int32 // and of tokens that may not be in it
	before    []int32          // tokens that stand before those of a text
	after     []int32          // and after
	pad       int32
}

// model turns a piece of text into tokens.
type model interface {
	encode(ids []int32, piece string) []int32
	kind() Kind
}

// Kind is how a tokenizer finds the tokens of a piece of text.
type Kind string

// The kinds of tokenizers.
const (
	BPE     Kind = "BPE"     // merges pairs, the ones that were most frequent in training first
	Unigram Kind = "Unigram" // takes the likeliest way to cut a text
)

// Kind tells how the tokenizer works.
func (t *Tokenizer) Kind() Kind { return t.model.kind() }

// Size is how many embeddings the tokens need that texts may become: the highest id of
// these tokens, and one.
func (t *Tokenizer) Size() int {
	highest := max(t.pad, slices.Max(append(slices.Concat(t.before, t.after), 0)))
	for _, id := range t.ids {
		highest = max(highest, id)
	}
	for _, l := range []lot{t.added.raw, t.added.normalized} {
		for _, tokens := range l {
			for _, token := range tokens {
				if !token.Special {
					highest = max(highest, token.ID)
				}
			}
		}
	}
	return int(highest) + 1
}

// Pad is the token that fills up texts for models that take all texts at one length.
func (t *Tokenizer) Pad() int32 { return t.pad }

// ID returns the id of a token by its content.
func (t *Tokenizer) ID(token string) (id int32, ok bool) {
	if id, ok = t.addedIDs[token]; ok {
		return id, true
	}
	id, ok = t.ids[token]
	return id, ok
}

// Encode returns the tokens of a text, with those that the model wants before and after
// them. Of a text that has more than limit with them it leaves out the last of its own.
func (t *Tokenizer) Encode(text string, limit int) []int32 {
	text = strings.ToValidUTF8(cut(text), "\uFFFD")
	ids := slices.Clone(t.before)
	for _, part := range t.added.extract(text, t.normalize) {
		if part.id >= 0 {
			ids = append(ids, part.id)
			continue
		}
		for _, piece := range t.split([]string{part.text}) {
			ids = t.model.encode(ids, piece)
		}
	}
	own := max(0, limit-len(t.after))
	if len(ids) > own {
		ids = ids[:own]
	}
	return append(ids, t.after...)
}

// cut leaves out what is beyond maxText.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) && end > maxText-utf8.UTFMax {
		end--
	}
	return text[:end]
}

// special finds the id of a token that the files name, such as the one for padding.
func (t *Tokenizer) special(token string) (int32, error) {
	if id, ok := t.ID(token); ok {
		return id, nil
	}
	return 0, fmt.Errorf("the token %q is not in the vocabulary", token)
}
