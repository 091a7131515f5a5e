package models

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Check refuses a header whose numbers would end the process that loads it, or
// make llama.cpp compute nonsense: it divides by some of them, sizes memory by
// others, and asserts the rest. What llama.cpp refuses by itself with an error,
// such as an architecture that it doesn't know or a tensor that is missing, is
// left to it.
func (g *GGUF) Check() error {
	c := newChecker(g)
	if isProjector(g) {
		c.projector()
	} else {
		c.model(g.String("general.architecture") + ".")
	}
	return c.err
}

// Bounds of a model's numbers, beyond those of real models.
const (
	maxContext = 1 << 24 // tokens; a model's KV cache grows with it
	maxWidth   = 1 << 18 // of embeddings
	maxHidden  = 1 << 22 // of feed-forward layers
	maxHeads   = 1 << 14
	maxHeadDim = 1 << 14
	maxExperts = 1 << 10 // as llama.cpp's LLAMA_MAX_EXPERTS
)

// checker collects the first thing that is wrong.
type checker struct {
	g       *GGUF
	tensors map[string]Tensor
	err     error
}

func newChecker(g *GGUF) *checker {
	c := &checker{g: g, tensors: make(map[string]Tensor, len(g.Tensors))}
	for _, t := range g.Tensors {
		c.tensors[t.Name] = t
	}
	return c
}

// fail says what is wrong with a value.
func (c *checker) fail(key, expected string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s is %s, and %s is expected", shown(key), told(c.g.Values[key]), fmt.Sprintf(expected, args...))
	}
}

// told is a value as an error shows it.
func told(v any) string {
	switch v := v.(type) {
	case nil:
		return "missing"
	case string:
		return shown(v)
	case Array:
		if len(v.Numbers) > 0 && len(v.Numbers) <= 8 {
			return fmt.Sprint(v.Numbers)
		}
		return fmt.Sprintf("an array of %d elements", v.Len)
	case float64:
		return fmt.Sprintf("%g", v)
	}
	return fmt.Sprint(v)
}

// number returns a value that is one number.
func (c *checker) number(key string) (float64, bool) {
	v, ok := c.g.Values[key]
	n := number(v)
	return n, ok && !math.IsNaN(n)
}

// between makes sure of a number's range, if it is there. It returns the
// number, 0 if it is not there or out of range.
func (c *checker) between(key string, least, most float64) float64 {
	n := number(c.g.Values[key])
	switch _, isFloat := c.g.Values[key].(float64); {
	case math.IsNaN(n) && !isFloat:
		return 0
	case !(least <= n && n <= most):
		c.fail(key, "a number from %.0f to %.0f", least, most)
		return 0
	}
	return n
}

// perLayer is between for a number that may differ by layer. It returns one
// number for each layer, 0 where there is none.
func (c *checker) perLayer(key string, layers int, least, most float64) []float64 {
	a, isArray := c.g.Values[key].(Array)
	if !isArray {
		n := c.between(key, least, most)
		all := make([]float64, layers)
		for i := range all {
			all[i] = n
		}
		return all
	}
	if a.Len != uint64(layers) || len(a.Numbers) != layers {
		c.fail(key, "one number for each of %d layers", layers)
		return make([]float64, layers)
	}
	for _, n := range a.Numbers {
		if !(0 <= n && n <= most) { // a layer without attention has 0
			c.fail(key, "numbers up to %.0f", most)
		}
	}
	return a.Numbers
}

func (c *checker) has(tensor string) bool { _, ok := c.tensors[tensor]; return ok }

// need makes sure that there is a tensor.
func (c *checker) need(tensor string) {
	if !c.has(tensor) && c.err == nil {
		c.err = fmt.Errorf("the tensor %s is missing", shown(tensor))
	}
}

// model checks a language model whose keys begin with its architecture.
func (c *checker) model(arch string) {
	layers := int(c.between(arch+"block_count", 1, maxLayers))
	c.between(arch+"context_length", 1, maxContext)
	width := c.between(arch+"embedding_length", 1, maxWidth)
	if c.err != nil {
		return
	}
	c.perLayer(arch+"feed_forward_length", layers, 0, maxHidden)
	c.between(arch+"nextn_predict_layers", 0, float64(layers))
	c.between(arch+"attention.layer_norm_epsilon", 0, 1)
	c.between(arch+"attention.layer_norm_rms_epsilon", 0, 1)
	c.attention(arch, layers, width)
	c.experts(arch, layers)
	c.vocabulary()
	c.linear()
}

// attention checks the heads. Models without attention have 0 of them.
func (c *checker) attention(arch string, layers int, width float64) {
	if !slices.ContainsFunc(c.g.Tensors, func(t Tensor) bool {
		return strings.HasSuffix(t.Name, ".attn_q.weight") || strings.HasSuffix(t.Name, ".attn_qkv.weight") || strings.HasSuffix(t.Name, ".attn_q_a.weight")
	}) {
		return
	}
	heads := c.perLayer(arch+"attention.head_count", layers, 1, maxHeads)
	shared := c.perLayer(arch+"attention.head_count_kv", layers, 1, maxHeads)
	for i := range min(len(heads), len(shared)) {
		if heads[i] > 0 && shared[i] > 0 && math.Mod(heads[i], shared[i]) != 0 {
			c.fail(arch+"attention.head_count_kv", "a divisor of head_count, %.0f,", heads[i])
		}
	}
	c.between(arch+"attention.value_length", 1, maxHeadDim)
	size := c.between(arch+"attention.key_length", 1, maxHeadDim)
	if _, given := c.g.Values[arch+"attention.key_length"]; !given {
		count, ok := c.number(arch + "attention.head_count")
		if !ok || count == 0 || width == 0 {
			return
		}
		if math.Mod(width, count) != 0 {
			c.fail(arch+"attention.head_count", "a divisor of embedding_length, %.0f,", width)
		}
		size = width / count
	}
	if size == 0 {
		return // it is wrong, or of a kind that is not known
	}
	if rotated, ok := c.number(arch + "rope.dimension_count"); ok && (rotated > size || math.Mod(rotated, 2) != 0 || rotated < 0) {
		c.fail(arch+"rope.dimension_count", "an even number up to the size of a head, %.0f,", size)
	} else if ok && rotated == 0 && slices.ContainsFunc(rotating, func(family string) bool { return strings.HasPrefix(arch, family) }) {
		c.fail(arch+"rope.dimension_count", "2 or more") // ggml would not come to an end, which no cancelling stops
	}
}

// rotating are families of architectures that surely rotate; hybrid ones may
// have no rotation and say 0.
var rotating = []string{"gemma", "qwen", "phi", "glm4", "minicpm", "smollm"}

// experts checks a mixture of experts.
func (c *checker) experts(arch string, layers int) {
	if _, byLayer := c.g.Values[arch+"expert_count"].(Array); byLayer {
		return
	}
	all := c.between(arch+"expert_count", 0, maxExperts)
	if strings.HasPrefix(arch, "hunyuan") && all <= 1 {
		return // dense models that say that they have one
	}
	used := c.perLayer(arch+"expert_used_count", layers, 0, maxExperts)
	most := 0.0
	for _, n := range used {
		most = max(most, n)
	}
	if most > all || all > 0 && most == 0 {
		c.fail(arch+"expert_used_count", "a number from %d to expert_count, %.0f,", min(1, int(all)), all)
	}
}

// vocabulary checks the tokenizer's arrays against each other.
func (c *checker) vocabulary() {
	tokens, ok := c.array(tokensKey, "texts", ggufString)
	if !ok {
		return
	}
	if tokens.Len == 0 {
		c.fail(tokensKey, "an array of texts")
	}
	for _, of := range []struct {
		key   string
		types []uint32
	}{
		{"tokenizer.ggml.scores", []uint32{ggufFloat32, ggufInt32}},
		{"tokenizer.ggml.token_type", []uint32{ggufInt32, ggufUint32}},
	} {
		if a, ok := c.array(of.key, "numbers", of.types...); ok && a.Len < tokens.Len {
			c.fail(of.key, "one number for each of %d tokens", tokens.Len)
		}
	}
	c.array("tokenizer.ggml.merges", "texts", ggufString)
}

// array makes sure that a value, if it is there, is an array of one of the types.
func (c *checker) array(key, of string, types ...uint32) (Array, bool) {
	v, ok := c.g.Values[key]
	if !ok {
		return Array{}, false
	}
	a, ok := v.(Array)
	for _, t := range types {
		if ok && a.Type == t {
			return a, true
		}
	}
	c.fail(key, "an array of %s", of)
	return Array{}, false
}

// linear makes sure that numbers to be multiplied and added are floats or
// quantized.
func (c *checker) linear() {
	for _, t := range c.g.Tensors {
		if t.Type >= typeI8 && t.Type <= typeF64 && computedWith(t.Name) && c.err == nil {
			c.err = fmt.Errorf("the tensor %s has the type %d, and one of 32 bits or fewer for floats is expected", shown(t.Name), t.Type)
		}
	}
}

// computedWith reports whether a tensor is computed with, as its name tells;
// others may be tables of integers.
func computedWith(tensor string) bool {
	name, weight := strings.CutSuffix(tensor, ".weight")
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case strings.HasPrefix(tensor, "v.") || strings.HasPrefix(tensor, "mm."):
		return weight || strings.HasSuffix(tensor, ".bias") || tensor == "v.class_embd"
	case !weight:
		return strings.HasSuffix(tensor, ".bias")
	}
	return strings.HasPrefix(last, "attn_") || strings.HasSuffix(last, "norm") ||
		slices.Contains([]string{"token_embd", "output", "ffn_gate", "ffn_up", "ffn_down"}, last)
}
