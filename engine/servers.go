package engine

import (
	"context"
	"iter"
	"time"

	"github.com/vlmchat/vlmchat/images"
)

// ModelLister is an Engine that tells which models its server has.
type ModelLister interface {
	// Models returns them in an order that is of use: the newest first where
	// the server tells, else as it has them.
	Models(ctx context.Context) ([]ModelInfo, error)
}

// ModelInfo is what a server tells of a model. What it does not tell is zero.
type ModelInfo struct {
	Name         string    `json:"name"`
	Size         int64     `json:"size,omitempty"`         // bytes on the server's disk
	ContextSize  int       `json:"context_size,omitempty"` // in tokens, at most
	Vision       *bool     `json:"vision"`                 // nil where the server does not tell
	Thinking     bool      `json:"thinking,omitempty"`     // it can think before it answers
	Parameters   string    `json:"parameters,omitempty"`   // as people count them: "7.6B"
	Quantization string    `json:"quantization,omitempty"` // "Q4_K_M"
	Loaded       bool      `json:"loaded,omitempty"`       // it is in memory, and answers at once
	Remote       string    `json:"remote,omitempty"`       // the host at which it runs, where that is not the server's
	Modified     time.Time `json:"modified,omitzero"`
}

// ModelDescriber is an Engine that tells more of a model than a list has room
// for.
type ModelDescriber interface {
	// DescribeModel returns what the server knows of the model of that name.
	DescribeModel(ctx context.Context, name string) (ModelDescription, error)
}

// ModelDescription is a model in detail.
type ModelDescription struct {
	ModelInfo
	Facts []Fact `json:"facts,omitempty"` // the rest, in the order in which people read it
}

// Fact is something that a server tells of a model, for people: a name such as
// "licence" and a value, which may have several lines.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Puller is an Engine whose server fetches models by their names.
type Puller interface {
	// Pull has the server fetch a model. The sequence ends after the model is
	// there, or after the first error; leaving it stops the transfer, which a
	// later Pull goes on with where the server can.
	Pull(ctx context.Context, name string) iter.Seq2[PullProgress, error]
}

// PullProgress is how far a transfer is.
type PullProgress struct {
	Status string // what goes on, in the server's words
	Done   int64  // bytes that are there, of all files together as far as they are known
	Total  int64  // bytes, 0 while that is not known
}

// PictureTaker is an Engine that prepares pictures before they are asked about.
type PictureTaker interface {
	// TakePicture makes p ready for this engine, once: scales and encodes it as
	// the way to the server needs it. Earlier are the conversation's other
	// pictures. A picture that is one too many, or that can't be made small
	// enough, is refused with BadPicture now and not on every later turn; a
	// model that is known to be blind with NotVision.
	TakePicture(ctx context.Context, p *images.Picture, earlier []*images.Picture) error
}

// Prices are what a server takes for a million tokens, in US dollars.
type Prices struct {
	Input  float64  // tokens of the conversation
	Cached *float64 // those of them that it remembered; nil where they cost the same
	Output float64  // tokens of the answer, thinking included
}

// Known tells whether anything costs something.
func (p Prices) Known() bool { return p.Input > 0 || p.Output > 0 }

// Cost is what an answer cost, in US dollars.
func (p Prices) Cost(u Usage) float64 {
	cached := p.Input
	if p.Cached != nil {
		cached = *p.Cached
	}
	const million = 1e6
	return (float64(u.PromptTokens-u.CachedTokens)*p.Input + float64(u.CachedTokens)*cached + float64(u.GeneratedTokens)*p.Output) / million
}
