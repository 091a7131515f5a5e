package models

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

const (
	maxPictureSide = 1 << 14 // pixels
	maxMerge       = 1 << 8  // patches that become one token, in each direction
)

// projectorTypes are the types of values that libmtmd asserts, by the end of
// their keys.
var projectorTypes = []struct {
	kind uint32
	name string
	keys []string
}{
	{ggufBool, "true or false", []string{
		"clip.has_vision_encoder", "clip.has_audio_encoder", "clip.has_gen_audio_encoder", "clip.use_gelu", "clip.use_silu",
	}},
	{ggufString, "a text", []string{
		"general.name", "general.description", "clip.projector_type", "clip.vision.projector_type", "clip.audio.projector_type",
		"clip.vision.mm_patch_merge_type",
	}},
	{ggufFloat32, "a 32-bit float", []string{"clip.vision.attention.layer_norm_epsilon", "clip.audio.attention.layer_norm_epsilon"}},
	{ggufUint32, "an unsigned 32-bit number", []string{
		"clip.vision.embedding_length", "clip.vision.feed_forward_length", "clip.vision.block_count", "clip.vision.projection_dim",
		"clip.vision.attention.head_count", "clip.vision.attention.head_count_kv", "clip.vision.attention.head_dim",
		"clip.audio.embedding_length", "clip.audio.feed_forward_length", "clip.audio.block_count", "clip.audio.projection_dim",
		"clip.audio.attention.head_count", "clip.audio.attention.head_count_kv", "clip.audio.attention.head_dim",
		"clip.vision.image_size", "clip.vision.patch_size", "clip.vision.image_crop_resolution", "clip.vision.image_min_pixels",
		"clip.vision.image_max_pixels", "clip.vision.preproc_min_tiles", "clip.vision.preproc_max_tiles", "clip.vision.preproc_image_size",
		"clip.vision.projector.scale_factor", "clip.vision.projector.query_side", "clip.vision.projector.window_side",
		"clip.vision.spatial_merge_size", "clip.vision.n_wa_pattern", "clip.vision.window_size", "clip.minicpmv_query_num",
		"clip.vision.sam.head_count", "clip.vision.sam.block_count", "clip.vision.sam.embedding_length",
		"clip.audio.num_mel_bins", "clip.audio.projector.stack_factor",
	}},
	{ggufInt32, "a signed 32-bit number", []string{"clip.minicpmv_version"}},
}

// projector checks a picture encoder.
func (c *checker) projector() {
	for _, of := range projectorTypes {
		for _, key := range of.keys {
			if kind, ok := c.g.kinds[key]; ok && kind != of.kind {
				c.fail(key, "%s", of.name)
			}
		}
	}
	for _, encoder := range []struct{ keys, tensors string }{{"clip.vision.", "v.blk."}, {"clip.audio.", "a.blk."}} {
		c.encoder(encoder.keys, encoder.tensors)
	}
	c.linear()
	c.biases()
	c.pictures()
	c.patches()
	c.output()
}

// encoder checks the layers of an encoder for pictures or for sound.
func (c *checker) encoder(keys, tensors string) {
	layers := c.between(keys+"block_count", 0, maxLayers)
	width := c.between(keys+"embedding_length", 1, maxWidth)
	c.between(keys+"feed_forward_length", 0, maxHidden)
	c.between(keys+"projection_dim", 0, maxWidth)
	c.between(keys+"attention.layer_norm_epsilon", 0, 1)
	if layers > 0 && c.attends(tensors) {
		heads := c.between(keys+"attention.head_count", 1, maxHeads)
		if _, given := c.number(keys + "attention.head_dim"); !given && heads > 0 && math.Mod(width, heads) != 0 {
			c.fail(keys+"attention.head_count", "a divisor of embedding_length, %.0f,", width)
		}
		c.between(keys+"attention.head_dim", 1, maxHeadDim)
		shared := c.between(keys+"attention.head_count_kv", 1, maxHeads)
		if heads > 0 && shared > 0 && math.Mod(heads, shared) != 0 {
			c.fail(keys+"attention.head_count_kv", "a divisor of head_count, %.0f,", heads)
		}
	}
	if chosen, ok := c.array(keys+"feature_layer", "signed 32-bit numbers", ggufInt32); ok {
		for _, n := range chosen.Numbers {
			if math.Abs(n) > layers {
				c.fail(keys+"feature_layer", "layers up to %.0f", layers)
			}
		}
	}
	if c.err != nil || !slices.Contains(plainEncoders, c.g.String("clip.projector_type")) {
		return // the number of layers may be any, or their tensors
	}
	for i := range int(layers) {
		c.layer(tensors+strconv.Itoa(i)+".", int(width))
	}
}

// plainEncoders are the projectors whose encoders are transformers with the
// tensors that layer knows. Others join keys and values, or have layers of
// several kinds.
var plainEncoders = append([]string{"qwen2vl_merger", "qwen2.5vl_merger", "pixtral"}, oneSize...)

// attends reports whether there is a layer with attention; convolutions have 0
// heads.
func (c *checker) attends(tensors string) bool {
	return slices.ContainsFunc(c.g.Tensors, func(t Tensor) bool {
		return strings.HasPrefix(t.Name, tensors) && strings.Contains(t.Name, ".attn_")
	})
}

// layer checks one layer of an encoder. libmtmd takes these tensors for optional
// and then follows a null pointer.
func (c *checker) layer(prefix string, width int) {
	if !c.has(prefix + "attn_out.weight") {
		return // no transformer, or llama.cpp says that it is missing
	}
	inner := 0 // the width between the heads and the way out
	if c.has(prefix + "attn_qkv.weight") {
		c.shaped(prefix+"attn_qkv.weight", width, 0)
	} else {
		inner = c.shaped(prefix+"attn_q.weight", width, 0)
		c.shaped(prefix+"attn_k.weight", width, 0)
		c.shaped(prefix+"attn_v.weight", width, 0)
	}
	c.shaped(prefix+"attn_out.weight", inner, width)
	up, down := prefix+"ffn_up.weight", prefix+"ffn_down.weight"
	if c.has(up) && c.has(down) {
		if dims := c.tensors[down].shape(); len(dims) == 2 && dims[0] == uint64(width) && dims[1] != uint64(width) {
			up, down = down, up // as older converters named them
		}
		c.shaped(down, c.shaped(up, width, 0), width)
	}
	for _, norm := range []string{"ln1.weight", "ln2.weight"} {
		if c.has(prefix + norm) {
			c.shaped(prefix+norm, width)
		}
	}
}

// shaped makes sure of a tensor's dimensions, where they are not 0. It returns
// the last one.
func (c *checker) shaped(tensor string, dims ...int) int {
	c.need(tensor)
	got := c.tensors[tensor].shape()
	for len(got) < len(dims) && len(got) > 0 {
		got = append(got[:len(got):len(got)], 1)
	}
	wrong := len(got) != len(dims)
	for i := range min(len(got), len(dims)) {
		wrong = wrong || dims[i] != 0 && got[i] != uint64(dims[i])
	}
	if wrong && c.err == nil {
		c.err = fmt.Errorf("the tensor %s has the shape %v, and %s is expected", shown(tensor), got,
			strings.ReplaceAll(fmt.Sprint(dims), " 0]", " …]"))
	}
	if wrong {
		return 0
	}
	return int(got[len(dims)-1])
}

// biases makes sure that a bias is as wide as what it is added to. Of language
// models llama.cpp knows every tensor's shape by itself.
func (c *checker) biases() {
	for _, t := range c.g.Tensors {
		name, weight := strings.CutSuffix(t.Name, ".weight")
		if dims := t.shape(); weight && len(dims) == 2 && c.has(name+".bias") && !strings.HasSuffix(name, "norm") {
			c.shaped(name+".bias", int(dims[1]))
		}
	}
}

// pictures checks how pictures are prepared.
func (c *checker) pictures() {
	const keys = "clip.vision."
	side := c.between(keys+"image_size", 0, maxPictureSide)
	most := maxPictureSide + 0.0
	if side > 0 {
		most = side
	}
	c.between(keys+"patch_size", 1, most)
	c.between(keys+"preproc_image_size", 0, maxPictureSide)
	c.between(keys+"image_crop_resolution", 0, maxPictureSide)
	c.between(keys+"spatial_merge_size", 1, maxMerge)
	c.between(keys+"projector.scale_factor", 1, maxMerge)
	if least, ok := c.number(keys + "image_min_pixels"); ok {
		c.between(keys+"image_max_pixels", least, math.MaxInt32)
	}
	for _, key := range []string{keys + "image_mean", keys + "image_std"} {
		a, ok := c.array(key, "3 floats", ggufFloat32)
		if !ok {
			continue
		}
		if len(a.Numbers) < 3 {
			c.fail(key, "an array of 3 floats")
		}
		for _, n := range a.Numbers {
			if math.IsNaN(n) || math.IsInf(n, 0) || n == 0 && key == keys+"image_std" {
				c.fail(key, "an array of 3 floats that pixels can be scaled by")
			}
		}
	}
	if sizes, ok := c.array(keys+"image_grid_pinpoints", "signed 32-bit numbers", ggufInt32); ok {
		for _, n := range sizes.Numbers {
			if n < 1 || n > maxPictureSide {
				c.fail(keys+"image_grid_pinpoints", "widths and heights up to %d", maxPictureSide)
			}
		}
		if sizes.Len%2 != 0 {
			c.fail(keys+"image_grid_pinpoints", "pairs of width and height")
		}
	}
}

// oneSize are the projectors for pictures of one size, whose patches have an
// embedding each.
var oneSize = []string{"mlp", "ldp", "ldpv2", "gemma3", "idefics3", "internvl"}

// patches checks the projectors for pictures of one size.
func (c *checker) patches() {
	kind := c.g.String("clip.projector_type")
	if !slices.Contains(oneSize, kind) {
		return
	}
	c.need("v.patch_embd.weight")
	c.need("v.position_embd.weight")
	side := c.between("clip.vision.image_size", 1, maxPictureSide)
	patch := c.between("clip.vision.patch_size", 1, maxPictureSide)
	if c.err != nil || side == 0 || patch == 0 {
		return
	}
	n := uint64(side/patch) * uint64(side/patch)
	if c.has("v.class_embd") {
		n++
	}
	exact := kind == "gemma3" || kind == "internvl" // others look their rows up
	dims := c.tensors["v.position_embd.weight"].shape()
	rows := uint64(1)
	if len(dims) == 2 {
		rows = dims[1]
	}
	if len(dims) > 2 || rows < n || exact && rows != n {
		c.err = fmt.Errorf("the tensor v.position_embd.weight has the shape %v, and a row for each of %d patches is expected", dims, n)
	}
}

// lastTensors are the tensors that compute what a projector gives, by its type,
// and the dimension that is its width: libmtmd's clip_n_mmproj_embd, for those
// that it needs no more than one tensor for.
var lastTensors = map[string]struct {
	tensor string
	dim    int
}{
	"mlp":              {"mm.2.weight", 1},
	"gemma3":           {"mm.input_projection.weight", 0},
	"idefics3":         {"mm.model.fc.weight", 1},
	"internvl":         {"mm.model.mlp.3.weight", 1},
	"qwen2vl_merger":   {"mm.2.weight", 1},
	"qwen2.5vl_merger": {"mm.2.weight", 1},
}

// output makes sure that there is the tensor that computes what a projector
// gives.
func (c *checker) output() {
	kind := c.g.String("clip.projector_type")
	last, ok := lastTensors[kind]
	if !ok || kind == "mlp" && c.has("mm.3.weight") { // which makes it an mlp_norm
		return
	}
	c.need(last.tensor)
	if kind != "mlp" {
		return
	}
	chosen, _ := c.g.Values["clip.vision.feature_layer"].(Array)
	width := c.g.Int("clip.vision.embedding_length") * max(1, len(chosen.Numbers)) // the layers' outputs side by side
	c.shaped(last.tensor, c.shaped("mm.0.weight", width, 0), 0)
	c.need("mm.0.bias")
	c.need("mm.2.bias")
}

// outputWidth is how many numbers a projector gives for each token of a
// picture, 0 where that is not known.
func (g *GGUF) outputWidth() uint64 {
	last, ok := lastTensors[g.String("clip.projector_type")]
	t, found := newChecker(g).tensors[last.tensor]
	dims := t.shape()
	if !ok || !found || len(dims) != 2 {
		return 0
	}
	return dims[last.dim]
}
