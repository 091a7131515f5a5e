// Package catalogue is a short list of vision models that are worth beginning with, from
// 256 million weights to 30 thousand million: what each is good at, what it takes on disk
// and in memory, and what it is called at Hugging Face. It is data and asks nobody.
package catalogue

import "strings"

// LookedUp is the day on which the facts were looked up.
const LookedUp = "2026-11-30"

// Model is a vision model that is published in GGUF format.
type Model struct {
	Name       string // short, for people to write
	GoodAt     string // in a few words, from what its makers say of it
	Parameters int64  // weights of the language model and the picture encoder
	Licence    string // by its name at SPDX, or in words
	Hub        string // hf:owner/repo:variant
	Projector  string // the file of the repository that is its projector

	Weights, Encoder int64 // bytes of the language model's files and of the projector
	About            bool  // they were seen rounded

	shape shape
}

// Size is what is fetched, in bytes.
func (m Model) Size() int64 { return m.Weights + m.Encoder }

// All returns the models, the smallest first.
func All() []Model { return append([]Model(nil), table...) }

// Find returns the model of a name, in whatever case that is written.
func Find(name string) (Model, bool) {
	for _, m := range table {
		if strings.EqualFold(m.Name, name) {
			return m, true
		}
	}
	return Model{}, false
}
