package native

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// Estimates where a file does not tell, on the side of too much: what does not
// fit ends in a failed allocation, or in a slow model on a half empty device.
const (
	ubatch            = 512     // tokens that llama.cpp computes at once
	unknownVocabulary = 160_000 // of a model that tells no size
	fewestPatches     = 4096    // of a picture: encoders of any resolution take large ones
	maxBlocks         = 10_000  // of a model that can be believed
)

// demandOf estimates what the spec's model asks of devices. The KV cache and the
// buffers follow llama.cpp's formulas (llama-kv-cache.cpp; the largest tensors of
// a batch), the weights are the files' sizes.
func demandOf(s spec, cache llamacpp.CacheType) (demand, error) {
	g, err := models.ReadGGUF(s.Model)
	if err != nil {
		return demand{}, err
	}
	h := hyperparameters(g)
	size := s.ContextSize
	if trained := h("context_length"); size == 0 || trained > 0 && size > trained {
		size = trained
	}
	var d demand
	d.layers, err = layerWeights(s.Model, g, h("block_count"))
	if err != nil {
		return demand{}, err
	}
	keys, values := headSizes(h)
	heads := h("attention.head_count")
	if n := h("attention.head_count_kv"); n > 0 {
		heads = n
	}
	kv := cache.Bytes(int64(size) * int64(heads*(keys+values)))
	if heads == 0 { // they differ from layer to layer
		kv = cache.Bytes(int64(size) * 2 * int64(h("embedding_length")))
	}
	for i := range len(d.layers) - 1 {
		d.layers[i] += kv
	}
	vocabulary := h("vocab_size")
	if vocabulary == 0 {
		vocabulary = unknownVocabulary
	}
	batch := int64(min(ubatch, size))
	d.buffers = 4 * batch * int64(vocabulary+2*h("feed_forward_length")+8*h("embedding_length"))
	d.buffers += 4 * batch * int64(size) // the mask
	if s.FlashAttn == "off" {
		d.buffers += 4 * batch * int64(size) * int64(h("attention.head_count"))
	}
	if s.Projector != "" {
		weights, work, err := projectorDemand(s)
		if err != nil {
			return demand{}, err
		}
		d.projector = int64(weights + work)
	}
	return d, nil
}

// layerWeights is how large each layer is that can go to a device: equal parts
// of the model's files.
func layerWeights(path string, g *models.GGUF, blocks int) ([]int64, error) {
	if blocks < 1 || blocks > maxBlocks {
		return nil, fmt.Errorf("%s says that it has %d layers", path, blocks)
	}
	total := int64(0)
	for _, part := range parts(path, g.Int("split.count")) {
		fi, err := os.Stat(part)
		if err != nil {
			return nil, err
		}
		total += fi.Size()
	}
	layers := make([]int64, blocks+1)
	for i := range layers {
		layers[i] = total / int64(len(layers))
	}
	return layers, nil
}

// parts names the files of a model that is split into count files, by
// llama.cpp's pattern.
func parts(path string, count int) []string {
	stem, found := strings.CutSuffix(path, fmt.Sprintf("-00001-of-%05d.gguf", count))
	if count < 2 || !found {
		return []string{path}
	}
	var all []string
	for i := range count {
		all = append(all, filepath.Clean(fmt.Sprintf("%s-%05d-of-%05d.gguf", stem, i+1, count)))
	}
	return all
}

// projectorDemand estimates what the projector takes: its weights, and room to
// compute.
func projectorDemand(s spec) (weights, work uint64, err error) {
	fi, err := os.Stat(s.Projector)
	if err != nil {
		return 0, 0, err
	}
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
	return uint64(fi.Size()), work, nil
}

// hyperparameters returns a lookup of the numbers that a model's file has under
// its architecture's name.
func hyperparameters(g *models.GGUF) func(string) int {
	prefix := g.String("general.architecture") + "."
	return func(key string) int { return g.Int(prefix + key) }
}

// headSizes returns how many numbers an attention head has in a key and in a
// value; 0 if that differs from layer to layer.
func headSizes(h func(string) int) (key, value int) {
	if heads := h("attention.head_count"); heads > 0 {
		key = h("embedding_length") / heads
	}
	value = key
	if n := h("attention.key_length"); n > 0 {
		key = n
	}
	if n := h("attention.value_length"); n > 0 {
		value = n
	}
	return key, value
}
