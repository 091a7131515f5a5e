// Package llamacpp binds llama.cpp's C libraries (libggml, libllama, libmtmd)
// with purego: no cgo, no compiler, the libraries are opened at run time. It is
// the only package that knows a C type.
//
// The libraries can end their process (a failed assertion, a lack of device
// memory), so this package is used inside vlmchat's worker process only; see
// package native.
//
// Rules that keep it sound: no Go pointer is kept by C beyond a call unless it
// points to memory that lives as long as its user; memory handed to C is on the
// heap, never on a stack that may move; a Context and what it made are used by
// one goroutine at a time, only Cancel may be called from another; everything
// is closed explicitly, in the reverse order of its making.
package llamacpp

// Adds the layouts of the build whose source tree is in LLAMA_CPP, under the
// name in BUILD: LLAMA_CPP=~/llama.cpp BUILD=b12345 go generate ./engine/llamacpp
//go:generate go run ./abi row $LLAMA_CPP $BUILD
