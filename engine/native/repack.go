package native

import (
	"runtime"
	"slices"
	"strings"

	processor "golang.org/x/sys/cpu"

	"github.com/vlmchat/vlmchat/models"
)

// repacks are the types of weights, as ggml numbers them, of which this machine's
// CPU has a copy in another order, with which it is faster (ggml-cpu/repack.cpp).
// What was mapped from the file stays until the system wants its memory back.
func repacks() []uint32 {
	const q4_0, q8_0, q2_K, q4_K, q5_K, q6_K, iq4_NL = 2, 8, 10, 12, 13, 14, 20
	switch {
	case runtime.GOARCH == "arm64":
		return []uint32{q4_0, q8_0, q4_K, q5_K, q6_K, iq4_NL}
	case processor.X86.HasAVX512F:
		return []uint32{q4_0, q4_K, iq4_NL, q2_K}
	case processor.X86.HasAVX2:
		return []uint32{q4_0, q4_K, iq4_NL}
	}
	return nil
}

// repackedBytes adds up the matrices of each layer of which there are copies, and
// those of the output layer.
func repackedBytes(parts []*models.GGUF, layers int, tied bool) []int64 {
	all, types := make([]int64, layers+1), repacks()
	for _, g := range parts {
		for _, t := range g.Tensors {
			if len(t.Dims) < 2 || t.Dims[1]%8 != 0 || !slices.Contains(types, t.Type) || !strings.HasSuffix(t.Name, ".weight") {
				continue
			}
			layer, ok := models.LayerOf(t.Name)
			if output := t.Name == "output.weight" || tied && t.Name == "token_embd.weight"; output {
				layer, ok = layers, true
			}
			if ok && layer <= layers {
				all[layer] += int64(t.Bytes)
			}
		}
	}
	return all
}
