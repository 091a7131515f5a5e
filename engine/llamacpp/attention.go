package llamacpp

import "slices"

// FlashAttention says whether attention is computed in one fused operation.
type FlashAttention int32

// What can be said of it; nothing leaves it to what the devices can.
const (
	FlashAuto FlashAttention = iota
	FlashOff
	FlashOn
)

// enum is the value of llama_flash_attn_type.
func (f FlashAttention) enum() int32 { return int32(f) - 1 }

// CacheType is a type of numbers that a KV cache can hold.
type CacheType struct {
	Name  string
	Block int // numbers that are stored together: more than one if it is quantised
	bytes int // of a block
	id    int32
}

// CacheTypes are the types that llama.cpp has attention for, the first being
// its own choice; another would end the process. The ids are those of ggml_type
// and the blocks those of ggml-common.h.
var CacheTypes = []CacheType{
	{"f16", 1, 2, 1}, {"bf16", 1, 2, 30}, {"f32", 1, 4, 0},
	{"q8_0", 32, 34, 8}, {"q5_1", 32, 24, 7}, {"q5_0", 32, 22, 6},
	{"q4_1", 32, 20, 3}, {"q4_0", 32, 18, 2}, {"iq4_nl", 32, 18, 20},
}

// CacheTypeNamed finds a type; an empty name is the first.
func CacheTypeNamed(name string) (CacheType, bool) {
	if name == "" {
		return CacheTypes[0], true
	}
	i := slices.IndexFunc(CacheTypes, func(t CacheType) bool { return t.Name == name })
	if i < 0 {
		return CacheType{}, false
	}
	return CacheTypes[i], true
}

// Quantised reports whether numbers lose precision in blocks. Values of such a
// type need flash attention, and a head's size has to be a multiple of Block.
func (t CacheType) Quantised() bool { return t.Block > 1 }

// Bytes is how large n numbers are.
func (t CacheType) Bytes(n int64) int64 { return n * int64(t.bytes) / int64(t.Block) }
