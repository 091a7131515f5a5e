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

// Digest begins the SHA-256 of Model, by which one release of the demo model is
// told from another.
const Digest = "d15fb513f71434c2"

// EncoderLayers is the number of layers of the picture encoder.
const EncoderLayers = 4
