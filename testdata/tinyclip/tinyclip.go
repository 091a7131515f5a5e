// Package tinyclip holds the demo encoder: a tiny CLIP that knows coloured shapes and
// digits. See README.md in this folder for what it is and how it was made.
package tinyclip

import "embed"

// Files are those of the checkpoint, as transformers writes them.
//
//go:embed config.json model.safetensors preprocessor_config.json tokenizer.json
var Files embed.FS
