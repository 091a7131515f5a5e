package native

import (
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// layerCache is what a layer keeps of the tokens that it has seen, in bytes.
type layerCache struct {
	perToken int64
	state    int64 // however many tokens there are
}

// bytes is what it takes with a context size.
func (c layerCache) bytes(size int) int64 { return int64(cellsOf(size))*c.perToken + c.state }

// cellsOf is for how many tokens there is room in a cache for at least so many:
// llama.cpp rounds up.
func cellsOf(tokens int) int {
	const together = 256
	return (tokens + together - 1) / together * together
}

// cache is what a layer of so many keeps, by llama.cpp's rules. A layer with a window
// keeps what is beyond, too: without it no conversation could go back.
func (h hyperparameters) cache(layer, layers int, kind llamacpp.CacheType, sequences int) layerCache {
	switch {
	case layer >= layers-h.number("nextn_predict_layers"): // for guesses further ahead, which nobody makes
		return layerCache{}
	case layer >= layers-h.number("attention.shared_kv_layers"): // it reads that of one before
		return layerCache{}
	case h.recurrent(layer):
		return layerCache{state: int64(sequences) * h.state()}
	}
	c := layerCache{}
	key, value := h.heads(layer)
	if h.windowed(layer) {
		if n := h.number("attention.key_length_swa"); n > 0 {
			key = n
		}
		if n := h.number("attention.value_length_swa"); n > 0 {
			value = n
		}
	}
	if h.number("attention.key_length_mla") > 0 {
		value = 0 // it is a part of the key
	}
	c.perToken = kind.Bytes(int64(h.keyHeads(layer) * (key + value)))
	return c
}

// keyHeads is how many heads a layer has in the cache.
func (h hyperparameters) keyHeads(layer int) int {
	if heads := h.of("attention.head_count_kv", layer); heads > 0 {
		return heads
	}
	return h.of("attention.head_count", layer)
}

// recurrent reports whether a layer keeps a state in place of what it was told.
func (h hyperparameters) recurrent(layer int) bool {
	if heads, ok := h.file.Values[h.prefix+"attention.head_count_kv"].(models.Array); ok {
		return layer < len(heads.Numbers) && heads.Numbers[layer] == 0
	}
	every := h.number("full_attention_interval")
	return every > 0 && (layer+1)%every != 0
}

// state is what a recurrent layer keeps for a sequence, in bytes: what it saw last,
// and what came of all before.
func (h hyperparameters) state() int64 {
	inner, state := h.number("ssm.inner_size"), h.number("ssm.state_size")
	last := max(0, h.number("ssm.conv_kernel")-1) * (inner + 2*h.number("ssm.group_count")*state)
	last += max(0, h.number("shortconv.l_cache")-1) * h.number("embedding_length")
	return 4 * int64(last+state*inner)
}

// window is how many tokens a layer with a window looks back, 0 if no layer has one.
func (h hyperparameters) window() int {
	if n := h.number("attention.sliding_window"); n > 0 {
		return n
	}
	return h.number("attention.chunk_size")
}

// patterns are the architectures whose files don't tell which layers have a window:
// all but every so many.
var patterns = map[string]int{
	"gemma2.": 2, "gemma3.": 6, "gemma3n.": 5, "cohere2.": 4, "exaone4.": 4, "gpt-oss.": 2, "llama4.": 4, "olmo2.": 4, "smallthinker.": 4,
}

// windowed reports whether a layer looks back only so far. Where that is not known it
// is said to look at all.
func (h hyperparameters) windowed(layer int) bool {
	if h.window() == 0 {
		return false
	}
	every := patterns[h.prefix]
	switch told := h.file.Values[h.prefix+"attention.sliding_window_pattern"].(type) {
	case models.Array:
		return layer < len(told.Numbers) && told.Numbers[layer] != 0
	case uint64:
		every = int(told)
	}
	return every > 0 && (layer+1)%every != 0
}

// masks is how many ways there are to look at the context: at all of it, and
// through a window.
func (h hyperparameters) masks(layers int) int {
	whole, through := 0, 0
	for i := range layers {
		if h.windowed(i) {
			through = 1
		} else {
			whole = 1
		}
	}
	return whole + through
}
