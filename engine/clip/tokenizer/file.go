package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// maxID bounds token ids: the largest vocabularies have a few hundred thousand.
const maxID = 1 << 24

// file is what a tokenizer.json says that we heed. Offsets, decoders and what tokenizers
// do for pairs of texts play no part here.
type file struct {
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Model         *modelFile      `json:"model"`
	Padding       *struct {
		ID int32 `json:"pad_id"`
	} `json:"padding"`
}

// modelFile is what a tokenizer.json says of its model, of either type.
type modelFile struct {
	Type         string          `json:"type"`
	Vocabulary   json.RawMessage `json:"vocab"` // ids of tokens (BPE), or tokens with their scores (Unigram)
	ByteFallback bool            `json:"byte_fallback"`

	Merges       mergeList `json:"merges"` // of BPE
	Unknown      *string   `json:"unk_token"`
	Fuse         bool      `json:"fuse_unk"`
	Prefix       string    `json:"continuing_subword_prefix"`
	Suffix       string    `json:"end_of_word_suffix"`
	IgnoreMerges bool      `json:"ignore_merges"`

	UnknownID *int32 `json:"unk_id"` // of Unigram
}

// parseJSON reads a tokenizer.json.
func parseJSON(content []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")), &f); err != nil {
		return nil, fmt.Errorf("it is no tokenizer.json: %w", err)
	}
	if f.Model == nil {
		return nil, errors.New("it is no tokenizer.json: it has no model")
	}
	t := &Tokenizer{}
	var err error
	if t.model, t.ids, err = parseModel(*f.Model); err != nil {
		return nil, err
	}
	if t.normalize, err = parseNormalizer(f.Normalizer); err != nil {
		return nil, fmt.Errorf("its normalizer: %w", err)
	}
	if t.split, err = parsePreTokenizer(f.PreTokenizer); err != nil {
		return nil, fmt.Errorf("its pre-tokenizer: %w", err)
	}
	if err := t.add(f.AddedTokens); err != nil {
		return nil, err
	}
	if err := t.parsePostProcessor(f.PostProcessor); err != nil {
		return nil, fmt.Errorf("its post-processor: %w", err)
	}
	switch {
	case f.Padding != nil:
		t.pad = f.Padding.ID
	case len(t.after) > 0:
		t.pad = t.after[len(t.after)-1]
	}
	return t, checkIDs(t.before, t.after, []int32{t.pad})
}

// parseModel reads the model of a tokenizer.json. Files from before the types had names
// are byte-pair encodings.
func parseModel(f modelFile) (model, map[string]int32, error) {
	parse := parseBPE
	switch f.Type {
	case "BPE", "":
	case "Unigram":
		parse = parseUnigram
	default:
		return nil, nil, fmt.Errorf("its model is of the type %s, not BPE or Unigram as CLIP and SigLIP have", f.Type)
	}
	if isNull(f.Vocabulary) {
		return nil, nil, errors.New("its vocabulary is empty")
	}
	return parse(f)
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// maxNesting is how deep sequences of stages may lie in each other.
const maxNesting = 8

// notSupported is the error about a kind of stage that no CLIP or SigLIP has.
func notSupported(kind string) error {
	return fmt.Errorf("the type %q is not supported", kind)
}

// checkIDs makes sure that ids are some that a vocabulary can have.
func checkIDs(lists ...[]int32) error {
	for _, ids := range lists {
		for _, id := range ids {
			if id < 0 || id >= maxID {
				return fmt.Errorf("a token has the id %d, outside of 0 to %d", id, maxID-1)
			}
		}
	}
	return nil
}
