package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// unigram takes of all ways to cut a piece into tokens the likeliest: the one whose
// logarithms of probabilities add up to most (Viterbi).
type unigram struct {
	ids      map[string]int32
	scores   []float64
	longest  int // bytes of the longest token
	unknown  int32
	unlikely float64 // the score of an unknown character
	bytes    *[256]int32
}

// unknownPenalty is how much less likely than all tokens an unknown character is, as in
// SentencePiece.
const unknownPenalty = 10

// maxToken bounds the bytes of a token, which are looked at at each place of a text.
const maxToken = 256

// scored is a token with the logarithm of its probability: ["▁a", -3.2].
type scored struct {
	token string
	score float64
}

func (s *scored) UnmarshalJSON(raw []byte) error {
	pair := []any{&s.token, &s.score}
	if err := json.Unmarshal(raw, &pair); err != nil {
		return err
	}
	if len(pair) != 2 || pair[0] != &s.token || pair[1] != &s.score {
		return errors.New("a token is not a pair of a text and a number")
	}
	return nil
}

func parseUnigram(f modelFile) (model, map[string]int32, error) {
	var tokens []scored
	if err := json.Unmarshal(f.Vocabulary, &tokens); err != nil {
		return nil, nil, fmt.Errorf("its model: %w", err)
	}
	if len(tokens) == 0 || len(tokens) > maxID {
		return nil, nil, errors.New("its vocabulary is empty, or larger than any")
	}
	if f.UnknownID == nil || *f.UnknownID < 0 || int(*f.UnknownID) >= len(tokens) {
		return nil, nil, errors.New("it has no token for unknown characters (unk_id)")
	}
	u := &unigram{ids: make(map[string]int32, len(tokens)), unknown: *f.UnknownID, unlikely: math.Inf(1)}
	for id, v := range tokens {
		if len(v.token) > maxToken {
			return nil, nil, fmt.Errorf("its token %d has %d bytes, more than any", id, len(v.token))
		}
		if math.IsNaN(v.score) || math.IsInf(v.score, 0) {
			return nil, nil, fmt.Errorf("the score of its token %q is no number", v.token)
		}
		u.ids[v.token] = int32(id)
		u.scores = append(u.scores, v.score)
		u.longest = max(u.longest, len(v.token))
		u.unlikely = min(u.unlikely, v.score)
	}
	u.unlikely -= unknownPenalty
	if f.ByteFallback {
		u.bytes = byteTokens(u.ids)
	}
	return u, u.ids, nil
}

func (u *unigram) kind() Kind { return Unigram }

// way is the best way to a place in a text: the token that ends there.
type way struct {
	score float64
	start int // -1: there is none yet
	id    int32
}

func (u *unigram) encode(ids []int32, piece string) []int32 {
	ways := make([]way, len(piece)+1)
	for i := range ways {
		ways[i].start = -1
	}
	for at := 0; at < len(piece); {
		_, size := utf8.DecodeRuneInString(piece[at:])
		so := ways[at].score
		single := false // the character is a token by itself
		for n := 1; n <= min(u.longest, len(piece)-at); n++ {
			id, ok := u.ids[piece[at:at+n]]
			if !ok {
				continue
			}
			single = single || n == size
			ways[at+n].improve(so+u.scores[id], at, id)
		}
		if !single {
			ways[at+size].improve(so+u.unlikely, at, u.unknown)
		}
		at += size
	}
	var tokens []way
	for end := len(piece); end > 0; end = ways[end].start {
		tokens = append(tokens, ways[end])
	}
	slices.Reverse(tokens)
	for i := 0; i < len(tokens); {
		if tokens[i].id != u.unknown {
			ids = append(ids, tokens[i].id)
			i++
			continue
		}
		// Unknown characters in a row are one.
		first := i
		for i < len(tokens) && tokens[i].id == u.unknown {
			i++
		}
		end := len(piece)
		if i < len(tokens) {
			end = tokens[i].start
		}
		var asBytes bool
		if ids, asBytes = appendBytes(ids, u.bytes, piece[tokens[first].start:end]); !asBytes {
			ids = append(ids, u.unknown)
		}
	}
	return ids
}

func (w *way) improve(score float64, start int, id int32) {
	if w.start < 0 || score > w.score {
		*w = way{score, start, id}
	}
}
