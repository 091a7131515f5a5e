// Package hollow writes models with the shapes of real ones and no weights: but for
// a few their numbers are zero, which a file system keeps as holes. They are written
// at once, whatever their size, and say nothing sensible, but they take as much
// memory and time as a model of their shape.
package hollow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// The types that matrices can have, as ggml numbers them.
const (
	F32  = 0
	F16  = 1
	Q4_0 = 2
	Q8_0 = 8
	Q4_K = 12
	Q6_K = 14
)

// blocks are how many numbers of a type are how many bytes.
var blocks = map[uint32][2]uint64{F32: {1, 4}, F16: {1, 2}, Q4_0: {32, 18}, Q8_0: {32, 34}, Q4_K: {256, 144}, Q6_K: {256, 210}}

// Text is the shape of a language model.
type Text struct {
	Architecture string
	Layers       int
	Width        int // numbers for each token
	Inner        int // of a feed-forward layer
	Heads        int
	KeyHeads     int // of the KV cache
	Head         int // numbers of a head
	Vocabulary   int
	Trained      int    // context size
	Type         uint32 // of the layers' matrices
	Embeddings   uint32 // type of the tokens' embeddings
	Tied         bool   // they are the output's, too

	Biased   bool    // queries, keys and values are, as in Qwen2-VL
	Sections []int32 // of the numbers that say where a token is, likewise
}

// Write writes the model to a file.
func (m Text) Write(path string) error {
	f := hostile.Open(tinyvlm.Model)
	for _, key := range []string{"attention.layer_norm_rms_epsilon", "rope.freq_base"} {
		for i := range f.Values {
			if f.Values[i].Key == "llama."+key {
				f.Values[i].Key = m.Architecture + "." + key
			}
		}
	}
	number := func(key string, n int) { f.Set(hostile.Number(m.Architecture+"."+key, uint32(n))) }
	f.Set(hostile.String("general.architecture", m.Architecture))
	number("block_count", m.Layers)
	number("context_length", m.Trained)
	number("embedding_length", m.Width)
	number("feed_forward_length", m.Inner)
	number("attention.head_count", m.Heads)
	number("attention.head_count_kv", m.KeyHeads)
	number("attention.key_length", m.Head)
	number("attention.value_length", m.Head)
	number("rope.dimension_count", m.Head)
	number("vocab_size", m.Vocabulary)
	if m.Sections != nil {
		f.Set(hostile.Numbers(m.Architecture+".rope.dimension_sections", m.Sections...))
	}
	lengthen(f, m.Vocabulary)

	f.Tensors = nil
	add := func(name string, kind uint32, dims ...int) { f.Tensors = append(f.Tensors, zeros(name, kind, dims)) }
	add("token_embd.weight", m.Embeddings, m.Width, m.Vocabulary)
	add("output_norm.weight", F32, m.Width)
	if !m.Tied {
		add("output.weight", m.Embeddings, m.Width, m.Vocabulary)
	}
	queries, keys := m.Heads*m.Head, m.KeyHeads*m.Head
	for i := range m.Layers {
		layer := fmt.Sprintf("blk.%d.", i)
		add(layer+"attn_norm.weight", F32, m.Width)
		add(layer+"attn_q.weight", m.Type, m.Width, queries)
		add(layer+"attn_k.weight", m.Type, m.Width, keys)
		add(layer+"attn_v.weight", m.Type, m.Width, keys)
		if m.Biased {
			add(layer+"attn_q.bias", F32, queries)
			add(layer+"attn_k.bias", F32, keys)
			add(layer+"attn_v.bias", F32, keys)
		}
		add(layer+"attn_output.weight", m.Type, queries, m.Width)
		add(layer+"ffn_norm.weight", F32, m.Width)
		add(layer+"ffn_gate.weight", m.Type, m.Width, m.Inner)
		add(layer+"ffn_up.weight", m.Type, m.Width, m.Inner)
		add(layer+"ffn_down.weight", m.Type, m.Inner, m.Width)
	}
	return write(f, path)
}

// lengthen fills the demo's vocabulary up with tokens that no text has.
func lengthen(f *hostile.File, size int) {
	for i, v := range f.Values {
		if v.Key != "tokenizer.ggml.tokens" && v.Key != "tokenizer.ggml.token_type" {
			continue
		}
		n := int(binary.LittleEndian.Uint64(v.Data[4:]))
		binary.LittleEndian.PutUint64(v.Data[4:], uint64(size))
		for ; n < size; n++ {
			if v.Key == "tokenizer.ggml.token_type" {
				v.Data = binary.LittleEndian.AppendUint32(v.Data, 1)
				continue
			}
			token := fmt.Sprintf("hollow-%d", n)
			v.Data = append(binary.LittleEndian.AppendUint64(v.Data, uint64(len(token))), token...)
		}
		f.Values[i] = v
	}
}

// Eye is the shape of a picture encoder and its projector.
type Eye struct {
	Kind   string // mlp or qwen2.5vl_merger
	Side   int    // of a picture, in pixels
	Patch  int
	Layers int
	Width  int
	Inner  int
	Heads  int
	Output int    // width of the language model
	Merged int    // patches a side that become one token; 0 is 1
	Type   uint32 // of its matrices
}

// Write writes the projector to a file.
func (m Eye) Write(path string) error {
	f := hostile.Open(tinyvlm.Projector)
	number := func(key string, n int) { f.Set(hostile.Number("clip.vision."+key, uint32(n))) }
	f.Remove("clip.vision.feature_layer")
	f.Set(hostile.String("clip.projector_type", m.Kind))
	number("block_count", m.Layers)
	number("image_size", m.Side)
	number("patch_size", m.Patch)
	number("embedding_length", m.Width)
	number("feed_forward_length", m.Inner)
	number("attention.head_count", m.Heads)
	number("projection_dim", m.Output)

	f.Tensors = nil
	add := func(name string, kind uint32, dims ...int) { f.Tensors = append(f.Tensors, zeros(name, kind, dims)) }
	layer := func(name string, from, to int) {
		add(name+".weight", m.Type, from, to)
		add(name+".bias", F32, to)
	}
	norm := func(name string, biased bool) {
		add(name+".weight", F32, m.Width)
		if biased {
			add(name+".bias", F32, m.Width)
		}
	}
	merged := max(1, m.Merged)
	patches := (m.Side / m.Patch) * (m.Side / m.Patch)
	qwen := m.Kind == "qwen2.5vl_merger"
	add("v.patch_embd.weight", F32, m.Patch, m.Patch, 3, m.Width)
	if qwen {
		add("v.patch_embd.weight.1", F32, m.Patch, m.Patch, 3, m.Width)
		number("n_wa_pattern", 8)
		f.Set(hostile.Value{Key: "clip.use_gelu", Type: hostile.Bool, Data: []byte{0}})
		f.Set(hostile.Value{Key: "clip.use_silu", Type: hostile.Bool, Data: []byte{1}})
	} else {
		add("v.patch_embd.bias", F32, m.Width)
		add("v.position_embd.weight", F32, m.Width, patches)
	}
	norm("v.post_ln", !qwen)
	for i := range m.Layers {
		b := fmt.Sprintf("v.blk.%d.", i)
		norm(b+"ln1", !qwen)
		norm(b+"ln2", !qwen)
		for _, name := range []string{"attn_q", "attn_k", "attn_v", "attn_out"} {
			layer(b+name, m.Width, m.Width)
		}
		if qwen {
			layer(b+"ffn_gate", m.Width, m.Inner)
		}
		layer(b+"ffn_up", m.Width, m.Inner)
		layer(b+"ffn_down", m.Inner, m.Width)
	}
	block := m.Width * merged * merged
	switch m.Kind {
	case "mlp":
		layer("mm.0", m.Width, m.Output)
		layer("mm.2", m.Output, m.Output)
	case "qwen2.5vl_merger":
		layer("mm.0", block, block)
		layer("mm.2", block, m.Output)
	}
	// llama.cpp takes an embedding of zeros for none.
	binary.LittleEndian.PutUint32(f.Tensor("mm.2.bias").Data, math.Float32bits(1))
	return write(f, path)
}

func zeros(name string, kind uint32, dims []int) hostile.Tensor {
	t := hostile.Tensor{Name: name, Type: kind}
	numbers := uint64(1)
	for _, n := range dims {
		t.Dims = append(t.Dims, uint64(n))
		numbers *= uint64(n)
	}
	block := blocks[kind]
	t.Data = make([]byte, numbers/block[0]*block[1]) // which nobody touches
	return t
}

// write writes the header, what begins with no zero, and a hole for the rest.
func write(f *hostile.File, path string) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	header := f.Header()
	if _, err := file.Write(header); err != nil {
		return err
	}
	at := int64(len(header))
	for _, t := range f.Tensors {
		if first := t.Data[:4]; !bytes.Equal(first, make([]byte, 4)) {
			if _, err := file.WriteAt(first, at); err != nil {
				return err
			}
		}
		at += (int64(len(t.Data)) + 31) / 32 * 32
	}
	return file.Truncate(at)
}
