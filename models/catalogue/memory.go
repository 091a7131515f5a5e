package catalogue

// Context is the context size for which Memory is told, in tokens.
const Context = 8192

// shape is what the memory of a model depends on, besides its weights.
type shape struct {
	layers     int // of the language model
	windowed   int // those of them that see no further back than window tokens
	window     int
	kvHeads    int
	headSize   int
	vocabulary int
}

// batch is how many tokens are computed at once.
const batch = 512

// base is what the process, the picture encoder's computing and a few pictures take besides.
const base = 400e6

// Memory is about what the model takes when it is loaded with a context of Context tokens, in
// bytes: its files, the keys and values of the context in F16, the scores of a batch for
// each token of the vocabulary, and base. Of a file that is here 'vlmchat models show' knows
// it better.
func (m Model) Memory() int64 {
	return m.Size() + m.shape.cache() + batch*4*int64(m.shape.vocabulary) + base
}

// cache is the size of the keys and values.
func (s shape) cache() int64 {
	token := int64(s.kvHeads*s.headSize) * 2 * 2 // a key and a value of two bytes each
	return token * (int64(s.layers-s.windowed)*Context + int64(s.windowed)*int64(s.window+batch))
}

// Fit says whether a model runs in so much memory.
type Fit string

// How a model fits.
const (
	Fits     Fit = "fits"      // there is room for it now
	Tight    Fit = "tight"     // it fits if other programs give way
	TooLarge Fit = "too large" // it would be read from disk over and over
	Unknown  Fit = "unknown"   // the system does not tell what it has
)

// Fit tells how the model fits a machine with so much memory, in bytes: what can be taken
// now, and all that there is for a model. 0 is not known.
func (m Model) Fit(free, most uint64) Fit {
	need := uint64(m.Memory())
	switch {
	case most == 0:
		return Unknown
	case need <= free:
		return Fits
	case need <= most:
		return Tight
	}
	return TooLarge
}
