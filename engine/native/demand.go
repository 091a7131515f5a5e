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
	fewestPatches     = 4096    // of a picture
	anyPatches        = 92 * 92 // of one of any size: libmtmd begins with room for a side of 92
)

// needs is what a model takes, whatever its context size.
type needs struct {
	trained    int          // context size that it was trained for, in tokens; 0 if it does not tell
	layers     []int64      // bytes of the weights that can go to a device, see demand
	repacked   []int64      // of them, what the CPU has a second time, see repacks
	cached     []layerCache // of these layers; nothing in the output layer
	embeddings int64        // bytes of the tokens' embeddings, which stay on the CPU
	tied       bool         // the output layer is the same embeddings once more
	projector  int64        // see demand
	eye        eye
	vocabulary int // in tokens
	merges     int // of the tokenizer

	// The numbers of a token in a batch that there are at once: in a layer, and when
	// it is to be said which token comes next.
	perToken, perOutput int
	// Bytes of such a token for each token of the context: whether it sees it, and how
	// much, which flash attention never has as a whole.
	perMask, perContext int
	masks               int // that say which tokens a token sees
	sequences           int // of the context
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
	n := needs{trained: h.number("context_length"), sequences: sequences(s)}
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
	n.repacked = repackedBytes(parts, len(n.layers), n.tied)
	for i := range n.layers {
		n.cached = append(n.cached, h.cache(i, len(n.layers), cache, n.sequences))
	}
	n.masks = h.masks(len(n.layers))
	n.layers, n.cached = append(n.layers, output), append(n.cached, layerCache{})

	n.vocabulary = h.number("vocab_size")
	if tokens, ok := parts[0].Values["tokenizer.ggml.tokens"].(models.Array); ok {
		n.vocabulary = int(tokens.Len)
	}
	if n.vocabulary == 0 {
		n.vocabulary = unknownVocabulary
	}
	if merges, ok := parts[0].Values["tokenizer.ggml.merges"].(models.Array); ok {
		n.merges = int(merges.Len)
	}
	n.perToken, n.perOutput = h.batch(len(n.layers)-1), n.vocabulary+6*h.number("embedding_length")
	n.perMask = 2 // it is of half precision
	if s.FlashAttn == "off" {
		n.perMask, n.perContext = 4, 4*h.of("attention.head_count", 0)
	}
	if s.Projector != "" {
		if n.eye, err = eyeOf(s); err != nil {
			return needs{}, err
		}
		n.projector = n.eye.weights + n.eye.work(n.eye.largest())
	}
	return n, nil
}

// batch is how many numbers of a token there are at once while a batch is computed
// in a layer: those of its widest part, and what goes on beside it.
func (h hyperparameters) batch(layers int) int {
	width := h.number("embedding_length")
	most := 0
	for i := range layers {
		key, value := h.heads(i)
		queries, keys := h.of("attention.head_count", i), h.of("attention.head_count_kv", i)
		most = max(most, 3*h.of("feed_forward_length", i)+5*width, queries*(2*key+value)+2*keys*(key+value)+2*width)
	}
	// Experts that are asked side by side.
	experts := h.of("expert_used_count", 0)
	return max(most, experts*(3*h.number("expert_feed_forward_length")+width)+5*width)
}

// buffers is what it takes to compute with a context size on a device, in bytes.
// llama.cpp keeps room for what is said after every token of a batch.
func (n needs) buffers(size int) int64 {
	return batched(size)*max(4*int64(n.perOutput), n.inLayer(size)) + n.masked(size)
}

// touched is what of it the CPU comes to use: memory is taken when something is
// written there, and but for a few tokens of a batch nobody asks what comes next.
// What is done with in a layer leaves gaps, a third as much as it had.
func (n needs) touched(size int) int64 {
	return batched(size)*(n.inLayer(size)+4*int64(n.perToken)/3) + n.masked(size) + 4*int64(n.sequences)*int64(n.vocabulary)
}

// inLayer is what a token of a batch takes in a layer.
func (n needs) inLayer(size int) int64 {
	return 4*int64(n.perToken) + int64(cellsOf(size))*int64(n.perContext)
}

// masked is what the masks of a batch take.
func (n needs) masked(size int) int64 {
	return batched(size) * int64(cellsOf(size)) * int64(n.masks*n.perMask)
}

// batched is how many tokens are computed at once.
func batched(size int) int64 { return int64(min(ubatch, size)) }

// at is the demand with a context size.
func (n needs) at(size int) demand {
	d := demand{buffers: n.buffers(size), projector: n.projector}
	for i, bytes := range n.layers {
		d.layers = append(d.layers, bytes+n.cached[i].bytes(size))
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
		of, rest := layerBytes(g)
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
