// Package tinyvlm holds the demo model: a tiny vision-language model that knows
// coloured shapes and digits. See README.md in this folder for what it is and
// how it was made.
package tinyvlm

import _ "embed"

// Model is the language model, a GGUF file.
//
//go:embed tiny-vlm.gguf
var Model []byte

// Projector is the picture encoder that belongs to it, a GGUF file.
//
//go:embed tiny-vlm-mmproj.gguf
var Projector []byte

// EncoderLayers is the number of layers of the picture encoder.
const EncoderLayers = 4
