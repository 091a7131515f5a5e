package hostile

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// loraRank is how many columns the matrices of an adapter have.
const loraRank = 4

// LoRA is a good adapter of the demo model, of random numbers: of its attention,
// its feed-forward layers, its output and its embeddings.
func LoRA(seed uint64) *File {
	base := Open(tinyvlm.Model)
	f := &File{Version: version, Values: []Value{
		String("general.architecture", "llama"), String("general.type", "adapter"), String("adapter.type", "lora"),
		{"adapter.lora.alpha", F32, binary.LittleEndian.AppendUint32(nil, math.Float32bits(2*loraRank))},
	}}
	r := rand.New(rand.NewPCG(seed, 0))
	add := func(name string, columns, rows uint64) {
		t := Tensor{Name: name, Dims: []uint64{columns, rows}}
		for range columns * rows {
			t.Data = binary.LittleEndian.AppendUint32(t.Data, math.Float32bits(float32(r.NormFloat64())*0.2))
		}
		f.Tensors = append(f.Tensors, t)
	}
	for _, t := range base.Tensors {
		switch {
		case len(t.Dims) != 2:
		case t.Name == "token_embd.weight":
			add(t.Name+".lora_a", loraRank, t.Dims[1])
			add(t.Name+".lora_b", loraRank, t.Dims[0])
		default:
			add(t.Name+".lora_a", t.Dims[0], loraRank)
			add(t.Name+".lora_b", loraRank, t.Dims[1])
		}
	}
	return f
}

const q = "blk.2.attn_q.weight"

// LoRAs are hostile adapters, or those of another model.
var LoRAs = []Case{
	{"a model", func() []byte { return tinyvlm.Model }, "general.type is model, and adapter is expected"},
	{"a projector", func() []byte { return tinyvlm.Projector }, "and adapter is expected"},
	{"an adapter of no kind", lora(without("adapter.type")), "adapter.type is missing"},
	{"a control vector", lora(set(String("adapter.type", "control_vector"))), "adapter.type is control_vector"},
	{"a type that is a number", lora(set(Number("adapter.type", 1))), "adapter.type is 1"},
	{"a general type that is a number", lora(set(Number("general.type", 1))), "general.type is 1"},
	{"an architecture that is a number", lora(set(Number("general.architecture", 1))), "general.architecture is 1"},
	{"another architecture", lora(set(String("general.architecture", "qwen2vl"))), "its architecture is qwen2vl, that of the model llama"},
	{"an alpha in words", lora(set(String("adapter.lora.alpha", "much"))), "adapter.lora.alpha is much"},
	{"an alpha of 64 bits", lora(set(Value{"adapter.lora.alpha", F64, make([]byte, 8)})), "adapter.lora.alpha is 0, and a 32-bit float"},
	{"an alpha that is no number", lora(set(Value{"adapter.lora.alpha", F32, binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))})), "adapter.lora.alpha is NaN"},
	{"an activated LoRA", lora(set(Numbers("adapter.alora.invocation_tokens", 1, 2))), "it is an activated LoRA"},
	{"a matrix of integers", lora(tensor(q+".lora_a", func(t *Tensor) { t.Type = 26 })), "attn_q.weight.lora_a has the type 26"},
	{"a tensor that is no part of it", lora(func(f *File) {
		f.Tensors = append(f.Tensors, Tensor{Name: q + ".lora_c", Dims: []uint64{4}, Data: make([]byte, 16)})
	}), "lora_c is no part of a LoRA"},
	{"one matrix of two", lora(func(f *File) { f.Tensors = f.Tensors[1:] }), "it has one matrix of two"},
	{"a layer that is not there", lora(func(f *File) {
		for i := range f.Tensors {
			f.Tensors[i].Name = strings.Replace(f.Tensors[i].Name, "blk.2.", "blk.77.", 1)
		}
	}), "which the model does not have"},
	{"a matrix that is too narrow", lora(tensor(q+".lora_a", func(t *Tensor) { halve(t, 0) })), "for blk.2.attn_q.weight, of shape [128 128], it has the shapes [64 4] and [4 128]"},
	{"matrices of two ranks", lora(tensor(q+".lora_b", func(t *Tensor) { halve(t, 0) })), "it has the shapes [128 4] and [2 128]"},
	{"experts where there are none", lora(tensor(q+".lora_a", func(t *Tensor) { t.Dims = []uint64{128, 2, 2} })), "it has the shapes [128 2 2] and [4 128]"},
	{"embeddings the wrong way round", lora(tensor("token_embd.weight.lora_a", func(t *Tensor) { t.Dims = []uint64{768, 4} })), "it has the shapes [768 4] and [4 128]"},
	{"half a file", func() []byte { b := LoRA(1).Bytes(); return b[:len(b)/2] }, "lies beyond the end of the file"},
}

func lora(edit func(*File)) func() []byte {
	return func() []byte {
		f := LoRA(1)
		edit(f)
		return f.Bytes()
	}
}
