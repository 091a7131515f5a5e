package native

import (
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// Estimates where a file does not tell, on the side of too much: what does not
// fit ends in a failed allocation, or in a slow model on a half empty device.
const (
	ubatch            = 512     // tokens that llama.cpp computes at once
	unknownVocabulary = 160_000 // of a model that tells no size
	fewestPatches     = 4096    // of a picture: encoders of any resolution take large ones
)

// needs is what a model takes, whatever its context size.
type needs struct {
	trained    int     // context size that it was trained for, in tokens; 0 if it does not tell
	layers     []int64 // bytes of the weights that can go to a device, see demand
	cached     []int64 // bytes of each token in the KV cache, by layer; nothing in the output layer
	embeddings int64   // bytes of the tokens' embeddings, which stay on the CPU
	tied       bool    // the output layer is the same embeddings once more
	projector  int64   // see demand

	// The sizes of the largest tensors of a batch, in numbers.
	perToken   int // a token's
	perContext int // a token's, for each token of the context
}

// needsOf estimates what the spec's model takes: its weights by the sizes of its
// tensors, the KV cache and the buffers to compute in by llama.cpp's formulas
// (llama-kv-cache.cpp; the largest tensors of a batch).
func needsOf(s spec, cache llamacpp.CacheType) (needs, error) {
	parts, err := models.ReadParts(s.Model)
	if err != nil {
		return needs{}, err
	}
	h := newHyperparameters(parts[0])
	n := needs{trained: h.number("context_length")}
	for _, a := range s.LoRAs { // their tensors lie where those are that they are about
		g, err := models.ReadGGUF(a.Path)
		if err != nil {
			return needs{}, err
		}
		parts = append(parts, g)
	}
	var output int64
	if n.layers, output, n.embeddings, n.tied = weights(parts); len(n.layers) == 0 {
		return needs{}, fmt.Errorf("%s has no tensors of layers", s.Model)
	}
	for i := range n.layers {
		n.cached = append(n.cached, cache.Bytes(int64(h.cached(i))))
	}
	n.layers, n.cached = append(n.layers, output), append(n.cached, 0)

	vocabulary := h.number("vocab_size")
	if tokens, ok := parts[0].Values["tokenizer.ggml.tokens"].(models.Array); ok {
		vocabulary = int(tokens.Len)
	}
	if vocabulary == 0 {
		vocabulary = unknownVocabulary
	}
	n.perToken = vocabulary + 2*h.of("feed_forward_length", 0) + 8*h.number("embedding_length")
	n.perContext = 1 // the mask
	if s.FlashAttn == "off" {
		n.perContext += h.of("attention.head_count", 0)
	}
	if s.Projector != "" {
		weights, work, err := projectorDemand(s)
		if err != nil {
			return needs{}, err
		}
		n.projector = int64(weights + work)
	}
	return n, nil
}

// buffers is what it takes to compute with a context size, in bytes.
func (n needs) buffers(size int) int64 {
	return 4 * int64(min(ubatch, size)) * (int64(n.perToken) + int64(size)*int64(n.perContext))
}

// at is the demand with a context size.
func (n needs) at(size int) demand {
	d := demand{buffers: n.buffers(size), projector: n.projector}
	for i, bytes := range n.layers {
		d.layers = append(d.layers, bytes+int64(size)*n.cached[i])
	}
	return d
}

// demandOf estimates what the spec's model asks of devices.
func demandOf(s spec, cache llamacpp.CacheType) (demand, error) {
	n, err := needsOf(s, cache)
	if err != nil {
		return demand{}, err
	}
	size := s.ContextSize
	if size == 0 || n.trained > 0 && size > n.trained {
		size = n.trained
	}
	return n.at(size), nil
}

// weights adds up what the tensors of each layer take, those of the output layer
// and the embeddings of tokens. These stay on the CPU; a model without a matrix
// for its output uses them for it, so that they count there, too: it is tied.
func weights(parts []*models.GGUF) (layers []int64, output, embeddings int64, tied bool) {
	tied = true
	for _, g := range parts {
		of, rest := g.LayerBytes()
		output += int64(rest)
		for i, bytes := range of {
			if i == len(layers) {
				layers = append(layers, 0)
			}
			layers[i] += int64(bytes)
		}
		for _, t := range g.Tensors {
			switch t.Name {
			case "token_embd.weight":
				embeddings += int64(t.Bytes)
			case "output.weight":
				tied = false
			}
		}
	}
	if !tied {
		output -= embeddings
	}
	return layers, output, embeddings, tied
}

// projectorDemand estimates what the projector takes: its weights, and room to
// compute.
func projectorDemand(s spec) (weights, work uint64, err error) {
	g, err := models.ReadGGUF(s.Projector)
	if err != nil {
		return 0, 0, err
	}
	patches := fewestPatches
	if side, patch := g.Int("clip.vision.image_size"), g.Int("clip.vision.patch_size"); patch > 0 {
		patches = max(patches, (side/patch)*(side/patch))
	}
	width, inner := g.Int("clip.vision.embedding_length"), g.Int("clip.vision.feed_forward_length")
	work = 4 * uint64(patches) * uint64(2*inner+8*width)
	if s.FlashAttn == "off" {
		work += 4 * uint64(patches) * uint64(patches) * uint64(g.Int("clip.vision.attention.head_count"))
	}
	return g.TensorBytes(), work, nil
}

// hyperparameters are the numbers that a model's file has under its
// architecture's name.
type hyperparameters struct {
	file   *models.GGUF
	prefix string
}

func newHyperparameters(g *models.GGUF) hyperparameters {
	return hyperparameters{g, g.String("general.architecture") + "."}
}

// number returns a number that is the whole model's, 0 if there is none.
func (h hyperparameters) number(key string) int { return h.file.Int(h.prefix + key) }

// of returns a layer's number, which can be another for each, 0 if there is none.
func (h hyperparameters) of(key string, layer int) int {
	if a, ok := h.file.Values[h.prefix+key].(models.Array); ok {
		if layer < len(a.Numbers) {
			return int(a.Numbers[layer])
		}
		return 0
	}
	return h.number(key)
}

// heads returns how many numbers an attention head of a layer has in a key and
// in a value.
func (h hyperparameters) heads(layer int) (key, value int) {
	if heads := h.of("attention.head_count", layer); heads > 0 {
		key = h.number("embedding_length") / heads
	}
	value = key
	if n := h.of("attention.key_length", layer); n > 0 {
		key = n
	}
	if n := h.of("attention.value_length", layer); n > 0 {
		value = n
	}
	return key, value
}

// checkCache refuses a KV cache whose blocks the numbers of an attention head
// don't fill: some builds of llama.cpp end the process over it.
func checkCache(s spec, cache llamacpp.CacheType) error {
	if !cache.Quantised() {
		return nil
	}
	g, err := models.ReadGGUF(s.Model)
	if err != nil {
		return &engine.Error{Kind: engine.ModelInvalid, Message: "reading " + s.Model + ": " + err.Error(), Err: err}
	}
	h := newHyperparameters(g)
	for layer := range h.number("block_count") {
		if key, value := h.heads(layer); key%cache.Block != 0 || value%cache.Block != 0 {
			return &engine.Error{
				Kind: engine.ModelInvalid,
				Message: fmt.Sprintf("%s can't have a KV cache of type %s: that has blocks of %d numbers, and an attention head has %d in a key and %d in a value",
					s.Model, cache.Name, cache.Block, key, value),
				Hint: "--kv-type f16, bf16 or f32 can be used with any model",
			}
		}
	}
	return nil
}

// cached is how many numbers a layer keeps of each token in the KV cache. Windows
// and recurrent states, which keep less, are not looked at.
func (h hyperparameters) cached(layer int) int {
	heads := h.of("attention.head_count_kv", layer)
	if heads == 0 {
		heads = h.of("attention.head_count", layer)
	}
	key, value := h.heads(layer)
	return heads * (key + value)
}
