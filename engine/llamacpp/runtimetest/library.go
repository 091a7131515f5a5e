// Package runtimetest lets tests compute with the llama.cpp runtime in their own process.
// Those of package llamacpp itself, which listen to its log, load it by themselves.
package runtimetest

import (
	"os"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/runtimes"
)

// loaded is the runtime, loaded once, as a process can have one.
var loaded = sync.OnceValues(func() (*llamacpp.Library, error) {
	r, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		return nil, err
	}
	return llamacpp.Load(llamacpp.Paths{GGMLBase: r.GGMLBase, GGML: r.GGML, Llama: r.Llama, MTMD: r.MTMD, Backends: r.BackendDir},
		func(llamacpp.Level, string) {})
})

// Library is the runtime, the same for all tests of a package.
func Library(t testing.TB) *llamacpp.Library {
	t.Helper()
	lib, err := loaded()
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	return lib
}
