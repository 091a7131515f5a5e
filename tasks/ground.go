package tasks

import (
	"context"

	"github.com/vlmchat/vlmchat/engine"
)

// Grounding tells how much an answer rests on the pictures that it is about.
type Grounding struct {
	Tokens []Token `json:"tokens"`
	Words  []Word  `json:"words"`
}

// Token is a token of an answer.
type Token struct {
	Start int `json:"start"` // in the answer, in bytes
	End   int `json:"end"`
	// Seen is its log-probability with the pictures, and Blind with blank ones of the
	// same size in their place.
	Seen  float64 `json:"seen"`
	Blind float64 `json:"blind"`
	// Weight is how much the token rests on the pictures, in nats: see weigh.
	Weight float64 `json:"weight"`
}

// Word is a word of an answer.
type Word struct {
	Start  int     `json:"start"` // in the answer, in bytes
	End    int     `json:"end"`
	Weight float64 `json:"weight"` // that of its tokens together
}

// Support says what a word's weight means.
type Support string

// A word is Seen if the pictures make it likelier, Guessed if the model says it as
// readily without them, as it does with most small words, and Contradicted if they
// speak for another one.
const (
	Seen         Support = "seen"
	Guessed      Support = "guessed"
	Contradicted Support = "contradicted"
)

// Where the levels begin, in nats. Of the words of 640 captions of fresh scenes of the
// demo model, half of which had one wrong attribute put in, 1 right one in 1000 is
// below the lower one, and 97 wrong ones in 100.
const (
	seenFrom         = 1.0
	contradictedFrom = -2.0
	// StronglySeen is from where a word could hardly be said without the pictures:
	// they make it twenty times likelier.
	StronglySeen = 3.0
)

// Support is the word's level.
func (w Word) Support() Support {
	switch {
	case w.Weight >= seenFrom:
		return Seen
	case w.Weight <= contradictedFrom:
		return Contradicted
	}
	return Guessed
}

// rivals is how many of the likeliest tokens in a token's place are looked at for the
// one that the pictures speak for.
const rivals = 64

// Ground tells how much each word of an answer to the conversation rests on its
// pictures. The conversation ends with the question; its pictures are those of all
// of its messages. It takes about as long as reading the conversation and the answer
// twice, once with pictures that were never encoded.
func Ground(ctx context.Context, e engine.Engine, conversation []engine.Message, answer string, progress Progress) (Grounding, error) {
	s, err := ScorerOf(e, "telling what an answer rests on")
	if err != nil {
		return Grounding{}, err
	}
	if len(engine.Pictures(conversation)) == 0 {
		return Grounding{}, &engine.Error{Kind: engine.BadPicture, Message: "there is no picture in the conversation that the answer could rest on"}
	}
	var scores [2]engine.Score
	for i, messages := range [][]engine.Message{conversation, blank(conversation)} {
		progress.tell(i, len(scores))
		all, err := s.Score(ctx, engine.ScoreRequest{Messages: messages, Candidates: []string{answer}, TopLogprobs: rivals})
		if err != nil {
			return Grounding{}, err
		}
		scores[i] = all[0]
	}
	progress.tell(len(scores), len(scores))
	seen, blind := scores[0].Tokens, scores[1].Tokens
	if len(seen) != len(blind) {
		return Grounding{}, &engine.Error{Kind: engine.Failed, Message: "the engine cut the answer into other tokens the second time; they can't be compared"}
	}
	var g Grounding
	spans := place(answer, seen)
	for i, t := range seen {
		g.Tokens = append(g.Tokens, Token{
			Start: spans[i].start, End: spans[i].end,
			Seen: t.Logprob, Blind: blind[i].Logprob, Weight: weigh(t, blind[i]),
		})
	}
	for _, w := range words(answer, spans) {
		word := Word{Start: w.start, End: w.end}
		for i, t := range spans {
			if t.end > w.start && t.start < w.end || t.start == t.end && w.start < t.start && t.start < w.end {
				word.Weight += g.Tokens[i].Weight
			}
		}
		g.Words = append(g.Words, word)
	}
	return g, nil
}

// weigh tells how much a token rests on the pictures, from how likely it is with them
// and with blank ones.
//
// For the likeliest token of its place that is how much likelier the pictures make
// it. For any other it is by how much the pictures prefer the likeliest one: the
// distance between the two, without as much of it as there is without the pictures
// too. So a token that is rare in the place for its style alone has no weight, and
// one that contradicts the pictures has a negative one, even where a blank picture,
// which is a picture too, speaks against it as well. The difference by itself finds
// fewer wrong words: on captions of the demo model's scenes with one wrong attribute
// it has an AUC of 0.89 by the lowest word, this of 0.99.
func weigh(seen, blind engine.TokenLogprob) float64 {
	gain := seen.Logprob - blind.Logprob
	if len(seen.Top) == 0 || len(blind.Top) == 0 {
		return gain
	}
	rival := seen.Top[0]
	if rival.Token == seen.Token {
		return max(0, gain)
	}
	// A rival that is not among the likeliest is at most as likely as the last of them.
	rivalBlind := blind.Top[len(blind.Top)-1].Logprob
	for _, t := range blind.Top {
		if t.Token == rival.Token {
			rivalBlind = t.Logprob
		}
	}
	return seen.Logprob - rival.Logprob + max(0, rivalBlind-blind.Logprob)
}
