package engine

import (
	"context"
	"math"

	"github.com/vlmchat/vlmchat/images"
)

// Encoder turns pictures and texts into vectors of one space, in which a picture lies
// near the texts that fit it: CLIP, SigLIP, and models made for embedding both. It may
// be used by several goroutines at once.
type Encoder interface {
	// Space loads the model and describes its space.
	Space(ctx context.Context) (Space, error)
	// EncodePictures returns a vector of unit length for each picture. Of pictures that
	// have no pixels it loads them.
	EncodePictures(ctx context.Context, pictures []*images.Picture) ([][]float32, error)
	// EncodeTexts returns a vector of unit length for each text. One that is longer than
	// the model can read is cut, as the model's makers do it.
	EncodeTexts(ctx context.Context, texts []string) ([][]float32, error)
	Close() error
}

// Space is what vectors of an Encoder mean. How well a text fits a picture is the logit
// Scale*cosine+Bias.
type Space struct {
	Model      string  `json:"model"`                // its name, for people
	ID         string  `json:"id"`                   // tells it from all others: vectors of two spaces can't be compared
	Dimensions int     `json:"dimensions"`           // of a vector
	Scale      float64 `json:"logit_scale"`          // the inverse of the temperature that the model was trained with
	Bias       float64 `json:"logit_bias,omitempty"` // SigLIP's
	Sigmoid    bool    `json:"sigmoid,omitempty"`    // a logit's sigmoid is the probability of that pair by itself (SigLIP); otherwise the softmax over texts is that of each
	Device     string  `json:"device,omitempty"`     // that computes it
	Note       string  `json:"-"`                    // what a person should know of that, a sentence; of this load, so no document has it
	Demo       bool    `json:"demo,omitempty"`       // the built-in one, which knows coloured shapes and digits only
}

// Logit is how well a text fits a picture, by the cosine of their vectors.
func (s Space) Logit(cosine float64) float64 { return s.Scale*cosine + s.Bias }

// ToUnit gives a vector the length one, and reports whether it could: one of zeros has no
// direction, and some numbers are none.
func ToUnit(v []float32) bool {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return false
	}
	length := math.Sqrt(sum)
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
	return true
}
