package hostile

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// Files are hostile whatever they are for: their headers lie about themselves.
var Files = []Case{
	{"an empty file", func() []byte { return nil }, "not a GGUF file"},
	{"garbage", func() []byte { return []byte("#!/bin/sh\necho hello\n") }, "not a GGUF file"},
	{"version 1", model(func(f *File) { f.Version = 1 }), "version is 1"},
	{"version 9", model(func(f *File) { f.Version = 9 }), "version is 9"},
	{"big-endian", model(func(f *File) { f.Version = 3 << 24 }), "big-endian"},
	{"the header alone", func() []byte { return Open(tinyvlm.Model).Header() }, "lies beyond the end of the file"},
	{"half a file", bytesOf(tinyvlm.Model, func(b []byte) []byte { return b[:len(b)/2] }), "lies beyond the end of the file"},
	{"half a header", bytesOf(tinyvlm.Model, func(b []byte) []byte { return b[:3000] }), "header is damaged"},
	{"4 billion values", model(func(f *File) { f.ClaimedValues = math.MaxUint32 }), "claims 4294967295 values"},
	{"more values than there are", model(func(f *File) { f.ClaimedValues = uint64(len(f.Values)) + 1 }), "header is damaged"},
	{"tensors without end", model(func(f *File) { f.ClaimedTensors = math.MaxUint64 }), "18446744073709551615 tensors"},
	{"a tensor more than there are", model(func(f *File) { f.ClaimedTensors = uint64(len(f.Tensors)) + 1 }), "header is damaged"},
	{"a text of 2^63 bytes", model(set(Value{"general.name", Text, binary.LittleEndian.AppendUint64(nil, 1<<63)})), "general.name: a text of 9223372036854775808 bytes"},
	{"a text longer than the file", model(set(Value{"general.name", Text, binary.LittleEndian.AppendUint64(nil, 10<<20)})), "general.name: a text of 10485760 bytes"},
	{"an array of 2^62 numbers", model(set(Value{"x", List, listOf(F64, 1<<62)})), "x: an array of 4611686018427387904 elements"},
	{"an array longer than the file", model(set(Value{"x", List, listOf(U8, 10<<20)})), "x: an array of 10485760 elements"},
	{"an array of nothing", model(set(Value{"x", List, listOf(77, 3)})), "x: an array of type 77"},
	{"arrays within arrays", model(set(Value{"x", List, []byte(strings.Repeat(string(listOf(List, 1)), 1000))})), "x: an array of type 9"},
	{"a value of no type", model(set(Value{"x", 77, nil})), "x: a value of unknown type 77"},
	{"a value without a name", model(set(Number("", 1))), "a value has no name"},
	{"a value twice", model(func(f *File) { f.Values = append(f.Values, f.Values[0]) }), "general.architecture occurs twice"},
	{"an alignment of 0", model(set(Number("general.alignment", 0))), "general.alignment is 0"},
	{"an alignment of 24", model(set(Number("general.alignment", 24))), "general.alignment is 24"},
	{"an alignment of 2^30", model(set(Number("general.alignment", 1<<30))), "lies beyond the end of the file"},
	{"an alignment in words", model(set(String("general.alignment", "thirty-two"))), "general.alignment is thirty-two"},
	{"a tensor twice", model(rename("blk.0.ffn_up.weight", "blk.0.ffn_gate.weight")), "the tensor blk.0.ffn_gate.weight occurs twice"},
	{"a tensor with a long name", model(rename("blk.0.ffn_up.weight", strings.Repeat("x", 64))), "has 64 bytes"},
	{"a tensor of 5 dimensions", model(tensor("output_norm.weight", func(t *Tensor) { t.Dims = []uint64{128, 1, 1, 1, 1} })), "output_norm.weight has 5 dimensions"},
	{"a dimension of 0", model(tensor("output_norm.weight", func(t *Tensor) { t.Dims = []uint64{128, 0} })), "no dimension may be 0"},
	{"a negative dimension", model(tensor("output_norm.weight", func(t *Tensor) { t.Dims = []uint64{1 << 63} })), "too many elements"},
	{"dimensions whose product is small again", model(tensor("output_norm.weight", func(t *Tensor) { t.Dims = []uint64{1 << 32, 1 << 32, 128} })), "too many elements"},
	{"dimensions whose size is small again", model(tensor("output_norm.weight", func(t *Tensor) { t.Dims = []uint64{1 << 62} })), "lies beyond the end of the file"},
	{"a tensor that ends beyond the file", model(tensor("output_norm.weight", func(t *Tensor) { t.Dims[0] <<= 20 })), "lies beyond the end of the file"},
	{"a tensor that begins beyond the file", model(tensor("output_norm.weight", func(t *Tensor) { t.Moved = 1 << 40 })), "lies beyond the end of the file"},
	{"a tensor before the file", model(tensor("output_norm.weight", func(t *Tensor) { t.Moved = math.MaxUint64 - 1<<30 + 1 })), "lies beyond the end of the file"},
	{"a tensor between two steps", model(tensor("output_norm.weight", func(t *Tensor) { t.Moved = 1 })), "a multiple of 32 is expected"},
	{"a row that is no number of blocks", model(tensor("output_norm.weight", func(t *Tensor) { t.Type, t.Dims[0] = 14, 100 })), "has rows of 100 elements"},
}

// Models are hostile language models.
var Models = []Case{
	{"no heads", model(set(Number("llama.attention.head_count", 0))), "llama.attention.head_count is 0"},
	{"a head too many", model(set(Number("llama.attention.head_count", 5), Number("llama.attention.head_count_kv", 1))), "a divisor of embedding_length"},
	{"2^31 heads", model(set(Number("llama.attention.head_count", 1<<31))), "llama.attention.head_count is 2147483648"},
	{"no heads for keys", model(set(Number("llama.attention.head_count_kv", 0))), "llama.attention.head_count_kv is 0"},
	{"heads for keys that don't share", model(set(Number("llama.attention.head_count_kv", 3))), "a divisor of head_count"},
	{"heads for two layers", model(set(Numbers("llama.attention.head_count", 4, 4))), "one number for each of 5 layers"},
	{"heads that are negative", model(set(Numbers("llama.attention.head_count", 4, 4, -4, 4, 4))), "llama.attention.head_count is [4 4 -4 4 4]"},
	{"100000 layers", model(set(Number("llama.block_count", 100000))), "llama.block_count is 100000"},
	{"no layers", model(set(Number("llama.block_count", 0))), "llama.block_count is 0"},
	{"a context of 2^30", model(set(Number("llama.context_length", 1<<30))), "llama.context_length is 1073741824"},
	{"no context", model(set(Number("llama.context_length", 0))), "llama.context_length is 0"},
	{"no width", model(set(Number("llama.embedding_length", 0))), "llama.embedding_length is 0"},
	{"a width of 2^32-1", model(set(Number("llama.embedding_length", math.MaxUint32))), "llama.embedding_length is 4294967295"},
	{"a feed-forward width of 2^31", model(set(Number("llama.feed_forward_length", 1<<31))), "llama.feed_forward_length is 2147483648"},
	{"feed-forward widths for one layer", model(set(Numbers("llama.feed_forward_length", 256))), "one number for each of 5 layers"},
	{"no keys", model(set(Number("llama.attention.key_length", 0))), "llama.attention.key_length is 0"},
	{"a rotation wider than the head", model(set(Number("llama.rope.dimension_count", 4096))), "llama.rope.dimension_count is 4096"},
	{"a rotation of nothing", model(set(String("general.architecture", "gemma3"), Number("gemma3.block_count", 5), Number("gemma3.embedding_length", 128),
		Number("gemma3.attention.head_count", 4), Number("gemma3.rope.dimension_count", 0))), "gemma3.rope.dimension_count is 0"},
	{"a rotation of an odd width", model(set(Number("llama.rope.dimension_count", 31))), "llama.rope.dimension_count is 31"},
	{"2000 experts", model(set(Number("llama.expert_count", 2000))), "llama.expert_count is 2000"},
	{"more experts in use than there are", model(set(Number("llama.expert_count", 2), Number("llama.expert_used_count", 4))), "llama.expert_used_count is 4"},
	{"a norm that is negative", model(set(Value{"llama.attention.layer_norm_rms_epsilon", F32, binary.LittleEndian.AppendUint32(nil, math.Float32bits(-1))})), "layer_norm_rms_epsilon is -1"},
	{"a norm that is no number", model(set(Value{"llama.attention.layer_norm_rms_epsilon", F32, binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))})), "layer_norm_rms_epsilon is NaN"},
	{"a norm of integers", model(tensor("output_norm.weight", func(t *Tensor) { t.Type = 26 })), "output_norm.weight has the type 26"},
	{"embeddings of integers", model(tensor("token_embd.weight", func(t *Tensor) { t.Type = 25 })), "token_embd.weight has the type 25"},
	{"no tokens", model(set(Texts("tokenizer.ggml.tokens"))), "tokenizer.ggml.tokens is an array of 0 elements"},
	{"a token twice", model(set(Texts("tokenizer.ggml.tokens", "a", "b", "a"))), "the text a occurs twice"},
	{"a token twice, for C", model(set(Texts("tokenizer.ggml.tokens", "a", "b", "a\x00b"))), "the text a occurs twice"},
	{"tokens that are numbers", model(set(Numbers("tokenizer.ggml.tokens", 1, 2, 3))), "tokenizer.ggml.tokens is [1 2 3], and an array of texts is expected"},
	{"tokens that are one text", model(set(String("tokenizer.ggml.tokens", "abc"))), "an array of texts is expected"},
	{"fewer types than tokens", model(set(Numbers("tokenizer.ggml.token_type", 1, 1))), "one number for each of 768 tokens"},
	{"types that are texts", model(set(Texts("tokenizer.ggml.token_type", "x"))), "tokenizer.ggml.token_type is an array of 1 elements"},
	{"fewer scores than tokens", model(set(Floats("tokenizer.ggml.scores", 1))), "tokenizer.ggml.scores is [1]"},
	{"merges that are numbers", model(set(Numbers("tokenizer.ggml.merges", 1))), "tokenizer.ggml.merges is [1]"},
}

// Projectors are hostile projectors.
var Projectors = []Case{
	{"no heads", projector(set(Number("clip.vision.attention.head_count", 0))), "clip.vision.attention.head_count is 0"},
	{"a head too many", projector(set(Number("clip.vision.attention.head_count", 5))), "a divisor of embedding_length"},
	{"heads that are signed", projector(set(Value{"clip.vision.attention.head_count", I32, []byte{4, 0, 0, 0}})), "clip.vision.attention.head_count is 4, and an unsigned 32-bit number is expected"},
	{"100000 layers", projector(set(Number("clip.vision.block_count", 100000))), "clip.vision.block_count is 100000"},
	{"2^32-1 layers", projector(set(Number("clip.vision.block_count", math.MaxUint32))), "clip.vision.block_count is 4294967295"},
	{"patches of 0 pixels", projector(set(Number("clip.vision.patch_size", 0))), "clip.vision.patch_size is 0"},
	{"patches larger than the picture", projector(set(Number("clip.vision.patch_size", 1000))), "clip.vision.patch_size is 1000"},
	{"more patches than embeddings", projector(set(Number("clip.vision.patch_size", 2))), "a row for each of 2304 patches"},
	{"pictures of 0 pixels", projector(set(Number("clip.vision.image_size", 0))), "clip.vision.image_size is 0"},
	{"pictures of a million pixels a side", projector(set(Number("clip.vision.image_size", 1000000))), "clip.vision.image_size is 1000000"},
	{"no width", projector(set(Number("clip.vision.embedding_length", 0))), "clip.vision.embedding_length is 0"},
	{"another width", projector(set(Number("clip.vision.embedding_length", 256))), "and [256 …] is expected"},
	{"a merge of 0 patches", projector(set(Number("clip.vision.spatial_merge_size", 0))), "clip.vision.spatial_merge_size is 0"},
	{"a scale of 0", projector(set(Number("clip.vision.projector.scale_factor", 0))), "clip.vision.projector.scale_factor is 0"},
	{"a layer that is not there", projector(set(Numbers("clip.vision.feature_layer", 9))), "clip.vision.feature_layer is [9]"},
	{"layers side by side, for one", projector(set(Numbers("clip.vision.feature_layer", 1, 2, 3))), "tensor mm.0.weight has the shape"},
	{"a mean of two colours", projector(set(Floats("clip.vision.image_mean", 0.5, 0.5))), "clip.vision.image_mean is [0.5 0.5]"},
	{"a mean that is whole numbers", projector(set(Numbers("clip.vision.image_mean", 1, 1, 1))), "clip.vision.image_mean is [1 1 1], and an array of 3 floats is expected"},
	{"a deviation of 0", projector(set(Floats("clip.vision.image_std", 0.5, 0, 0.5))), "clip.vision.image_std is [0.5 0 0.5]"},
	{"sizes that don't pair", projector(set(Numbers("clip.vision.image_grid_pinpoints", 1, 2, 3))), "pairs of width and height"},
	{"sizes that are negative", projector(set(Numbers("clip.vision.image_grid_pinpoints", -1, 2))), "clip.vision.image_grid_pinpoints is [-1 2]"},
	{"more pixels at least than at most", projector(set(Number("clip.vision.image_min_pixels", 9), Number("clip.vision.image_max_pixels", 1))), "clip.vision.image_max_pixels is 1"},
	{"a negative norm", projector(set(Value{"clip.vision.attention.layer_norm_epsilon", F32, binary.LittleEndian.AppendUint32(nil, math.Float32bits(-1))})), "layer_norm_epsilon is -1"},
	{"a type that is a number", projector(set(Number("clip.projector_type", 1))), "clip.projector_type is 1, and a text is expected"},
	{"a name that is a number", projector(set(Number("general.name", 1))), "general.name is 1, and a text is expected"},
	{"no patch embedding", projector(rename("v.patch_embd.weight", "v.patch_embd.wait")), "the tensor v.patch_embd.weight is missing"},
	{"no queries", projector(rename("v.blk.2.attn_q.weight", "v.blk.2.attn_q.wait")), "the tensor v.blk.2.attn_q.weight is missing"},
	{"no way out", projector(rename("mm.2.weight", "mm.2.wait")), "the tensor mm.2.weight is missing"},
	{"narrow keys", projector(func(f *File) { halve(f.Tensor("v.blk.1.attn_k.weight"), 0) }), "tensor v.blk.1.attn_k.weight has the shape [64 128]"},
	{"a short bias", projector(func(f *File) { halve(f.Tensor("v.blk.3.ffn_up.bias"), 0) }), "tensor v.blk.3.ffn_up.bias has the shape"},
	{"a bias of integers", projector(tensor("v.blk.0.attn_v.bias", func(t *Tensor) { t.Type = 26 })), "v.blk.0.attn_v.bias has the type 26"},
}

// RefusedModels and RefusedProjectors are those that llama.cpp itself refuses,
// which takes a worker to see.
var RefusedModels = []Case{
	{"embeddings for a token more", model(tensor("token_embd.weight", func(t *Tensor) {
		t.Data = append(t.Data[:len(t.Data):len(t.Data)], t.Data[:uint64(len(t.Data))/t.Dims[1]]...)
		t.Dims[1]++
	})), "token_embd.weight"},
	{"fewer tokens than embeddings", model(set(Texts("tokenizer.ggml.tokens", "a", "b"))), "wrong shape"},
	{"an architecture that is not known", model(set(String("general.architecture", "perceptron"))), "unknown model architecture"},
	{"no architecture", model(without("general.architecture")), "unknown model architecture"},
	{"no layer count", model(without("llama.block_count")), "llama.block_count"},
	{"a layer count in words", model(set(String("llama.block_count", "five"))), "llama.block_count"},
	{"no norm", model(without("llama.attention.layer_norm_rms_epsilon")), "layer_norm_rms_epsilon"},
	{"no vocabulary", model(without("tokenizer.ggml.tokens")), "tokenizer"},
	{"no merges", model(without("tokenizer.ggml.merges")), "merges"},
	{"a tokenizer that is not known", model(set(String("tokenizer.ggml.model", "abacus"))), "abacus"},
	{"no keys", model(rename("blk.0.attn_k.weight", "blk.0.attn_k.wait")), "blk.0.attn_k.weight"},
	{"narrow values", model(func(f *File) { halve(f.Tensor("blk.1.attn_v.weight"), 1) }), "blk.1.attn_v.weight"},
	{"a tensor type that is not known", model(tensor("output_norm.weight", func(t *Tensor) { t.Type = 999 })), "999"},
	{"another layer", model(set(Number("llama.block_count", 6))), "blk.5."},
	{"tensors in another order", model(func(f *File) { f.Tensors[3].Moved = 32 }), "offset"},
	{"a part of a model", model(set(Value{"split.count", U16, []byte{3, 0}}, Value{"split.no", U16, []byte{0, 0}})), "split"},
}

var RefusedProjectors = []Case{
	{"a type that is not known", projector(set(String("clip.projector_type", "slide"))), "slide"},
	{"no type", projector(without("clip.projector_type")), "projector type"},
	{"no patch size", projector(without("clip.vision.patch_size")), "clip.vision.patch_size"},
	{"no encoder", projector(without("clip.has_vision_encoder")), "Failed to load"},
	{"no way out of attention", projector(rename("v.blk.0.attn_out.weight", "v.blk.0.attn_out.wait")), "v.blk.0.attn_out.weight"},
	{"another layer", projector(set(Number("clip.vision.block_count", 5))), "v.blk.4."},
	{"a tensor type that is not known", projector(tensor("v.post_ln.weight", func(t *Tensor) { t.Type = 999 })), "999"},
	{"no mean", projector(without("clip.vision.image_mean")), "mean"},
}

// FatalModels and FatalProjectors end the process that loads or uses them.
var FatalModels = []Case{
	{"a scaling that is not known", model(set(String("llama.rope.scaling.type", "elastic"))), "GGML_ASSERT"},
	{"groups of no experts", model(set(Number("llama.expert_group_count", 3))), "GGML_ASSERT"},
	{"another kind of tokenizer", model(set(String("tokenizer.ggml.model", "llama"))), "worker process ended in the middle of the answer"}, // no byte is a token
}

var FatalProjectors = []Case{
	{"patches that are no squares", projector(tensor("v.patch_embd.weight", func(t *Tensor) { t.Dims[0], t.Dims[1] = 6, 24 })), "GGML_ASSERT"},
	{"positions of another width", projector(tensor("v.position_embd.weight", func(t *Tensor) { t.Dims[0], t.Data = 48, t.Data[:len(t.Data)*48/128] })), "GGML_ASSERT"},
	{"a merger without its tensors", projector(set(String("clip.projector_type", "qwen2vl_merger"))), "worker process ended while it loaded"}, // a null pointer
	{"patches without a bias", projector(set(String("clip.projector_type", "qwen3vl_merger"))), "GGML_ASSERT"},
	{"heads of another width", projector(set(Number("clip.vision.attention.head_dim", 8))), "GGML_ASSERT"},
	{"sizes of a pixel", projector(set(Numbers("clip.vision.image_grid_pinpoints", 1, 1, 16384, 16384))), "GGML_ASSERT"},
}
