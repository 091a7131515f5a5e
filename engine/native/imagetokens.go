package native

// ImageTokens bounds the tokens that a picture gets, of models to which pictures
// may have any size. 0 leaves a bound to the model.
type ImageTokens struct {
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
}

// MaxImageTokens is the most that can be asked for, more than any model knows.
const MaxImageTokens = 1 << 16
