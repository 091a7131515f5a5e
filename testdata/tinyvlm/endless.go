package tinyvlm

import (
	"bytes"
	"encoding/binary"
)

// EndlessContext is the context of the endless model, in tokens.
const EndlessContext = 65536

// Endless is the language model without an end: the token that ends its turn is
// called by another name, which the template in the file uses as well, and is
// none of those that end an answer. It says what Model says and goes on, mostly
// with tokens that have no text, until it is told to stop or the context is full:
// some minutes. Model templates outside the file write EndlessMark for the end of
// a turn.
func Endless() []byte {
	b := bytes.ReplaceAll(Model, []byte("<|im_end|>"), []byte(EndlessMark))
	for key, value := range map[string]uint32{
		"llama.context_length":        EndlessContext,
		"tokenizer.ggml.eos_token_id": 0, // <|endoftext|>, which it never says
		"tokenizer.ggml.eot_token_id": 0,
	} {
		// Behind a key stands the type of its value, in 4 bytes.
		at := bytes.Index(b, []byte(key)) + len(key) + 4
		binary.LittleEndian.PutUint32(b[at:], value)
	}
	return b
}

// EndlessMark is the endless model's end of a turn, as long as the usual one.
const EndlessMark = "<|im_and|>"
