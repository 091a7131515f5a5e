package engine

import (
	"context"
	"math"

	"github.com/vlmchat/vlmchat/images"
)

// Scorer is an Engine that tells how likely given texts are.
type Scorer interface {
	// Score returns the log-probabilities of each of the request's candidates,
	// in their order.
	Score(ctx context.Context, req ScoreRequest) ([]Score, error)
}

// ScoreRequest asks how likely a model is to answer a conversation with each of
// the candidates.
type ScoreRequest struct {
	Messages   []Message
	Candidates []string
	// End counts the end of the answer as a token of each candidate: that the
	// model says this, and nothing more.
	End bool
	// TopLogprobs asks for so many of the likeliest tokens in the place of each.
	TopLogprobs int
	// Private says that nothing of the request may be written to a disk.
	Private bool
}

// Score is how likely a text is, token by token.
type Score struct {
	Tokens []TokenLogprob `json:"tokens"`
}

// Logprob is the natural logarithm of the whole text's probability.
func (s Score) Logprob() float64 {
	sum := 0.0
	for _, t := range s.Tokens {
		sum += t.Logprob
	}
	return sum
}

// Perplexity is exp(-Logprob/n) for n tokens, the inverse of the geometric mean
// of their probabilities: 1 for a text that the model was certain of. It is
// infinite for a text without tokens.
func (s Score) Perplexity() float64 {
	if len(s.Tokens) == 0 {
		return math.Inf(1)
	}
	return math.Exp(-s.Logprob() / float64(len(s.Tokens)))
}

// TokenLogprob is how likely a token was in its place.
type TokenLogprob struct {
	Text    string         `json:"text"`    // as much of a character as the token has, in valid UTF-8
	Token   int            `json:"token"`   // its number in the model's vocabulary, -1 where a server does not tell it
	Logprob float64        `json:"logprob"` // natural logarithm, before temperature and filters
	Top     []TokenLogprob `json:"top,omitempty"`
}

// Embedder is an Engine that turns texts and pictures into vectors of one space.
type Embedder interface {
	// Embed returns a vector of unit length for each input.
	Embed(ctx context.Context, inputs [][]Part) ([][]float32, error)
}

// Counter is an Engine that counts a request's tokens before it computes any of
// them.
type Counter interface {
	Count(ctx context.Context, r Request) (Count, error)
}

// Count is what a conversation takes of the context.
type Count struct {
	Tokens      int   `json:"tokens"`       // all of them
	ImageTokens int   `json:"image_tokens"` // those of pictures
	Pictures    []int `json:"pictures"`     // those of each picture, in order of appearance
	ContextSize int   `json:"context_size"` // of which they are a part
	// Dropped is how many messages, the oldest, would be left out for an answer of
	// the request's length, as the context has no room for them.
	Dropped int `json:"dropped,omitempty"`
}

// Seer is an Engine that can show what its model gets of a picture.
type Seer interface {
	See(ctx context.Context, p *images.Picture) (Sight, error)
}

// Prover is an Engine that knows some of what its answers came from only a while after
// the first of them: to sum up gigabytes takes time.
type Prover interface {
	// Prove completes what an answer of this engine came from, and waits until that can
	// be done.
	Prove(ctx context.Context, p Provenance) (Provenance, error)
}

// Sight is what a model gets of a picture.
type Sight struct {
	Views []View `json:"views"` // in the order in which the model gets them
	// Tokens is what the picture takes of the context, 0 where a server does not tell.
	Tokens int `json:"tokens,omitempty"`
	// Server is who prepares the picture further, in a way that is not known here:
	// the view is what is sent there. It is empty where the views are all that the
	// picture encoder gets.
	Server string `json:"server,omitempty"`
}

// View is a picture that a model looks at: the whole one, or a tile of it.
type View struct {
	Width  int    `json:"width"` // in pixels
	Height int    `json:"height"`
	RGB    []byte `json:"rgb"` // 3 bytes a pixel, row by row
	Tokens int    `json:"tokens,omitempty"`

	// Of what is sent to a server: the file that it gets.
	Format string `json:"format,omitempty"` // as in images.Picture.Format
	Bytes  int    `json:"bytes,omitempty"`
}
