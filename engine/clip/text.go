package clip

import (
	"slices"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/engine/transformer"
)

// textTower turns the tokens of texts into vectors.
type textTower struct {
	config    TextConfig
	causal    bool // each token sees those before it only (CLIP)
	embedding transformer.Embedding
	blocks    []transformer.Block
	final     transformer.Norm
	project   transformer.Linear
}

// newText makes the tower of a checkpoint.
func newText(w *weights, c Config) *textTower {
	const name = "text_model."
	width := c.Text.Width
	t := &textTower{
		config: c.Text,
		causal: c.Type == "clip",
		embedding: transformer.Embedding{
			Table:     w.Tensor(name+"embeddings.token_embedding.weight", c.Text.Vocabulary, width),
			Positions: w.Floats(name+"embeddings.position_embedding.weight", c.Text.Length, width),
		},
		blocks: newBlocks(w, "text_model", c.Text.TowerConfig),
		final:  transformer.NewNorm(w, name+"final_layer_norm", width, float32(c.Text.Epsilon)),
	}
	if t.causal {
		t.project.Weight = w.Tensor("text_projection.weight", c.Dimensions, width)
	} else {
		t.project = transformer.NewLinear(w, name+"head", width, c.Dimensions)
	}
	return t
}

// pooled is the position of a text whose vector becomes the text's.
func (t *textTower) pooled(tokens []int32) int {
	if !t.causal {
		return t.config.Length - 1
	}
	end := usualEnd
	if t.config.End != nil {
		end = *t.config.End
	}
	// Configurations from before July 2023 have a 2 that means nothing; the end was then
	// the token with the highest number.
	if end == 2 {
		return slices.Index(tokens, slices.Max(tokens))
	}
	return max(0, slices.Index(tokens, int32(end)))
}

// length is how many positions are computed for the longest of some texts. In a causal
// tower nothing behind a text changes what was computed for it.
func (t *textTower) length(texts [][]int32) int {
	if !t.causal {
		return t.config.Length
	}
	longest := 0
	for _, tokens := range texts {
		longest = max(longest, len(tokens))
	}
	return longest
}

// build adds the tower to a graph, for a batch of texts: the vectors, one for each.
func (t *textTower) build(g *llamacpp.Graph, texts [][]int32) llamacpp.Tensor {
	padding := int32(usualPadding)
	if t.config.Padding != nil {
		padding = int32(*t.config.Padding)
	}
	if t.causal {
		padding = 0 // any will do
	}
	length := t.length(texts)
	all := make([]int32, 0, length*len(texts))
	positions := make([]int, len(texts))
	for i, tokens := range texts {
		positions[i] = t.pooled(tokens)
		all = append(all, tokens...)
		for len(all) < (i+1)*length {
			all = append(all, padding)
		}
	}
	var mask, last llamacpp.Tensor
	if t.causal {
		mask, last = transformer.CausalMask(g, length), transformer.CausalMaskAt(g, length, positions)
	}
	x := runTo(g, t.blocks, t.embedding.Apply(g, all, length), positions, mask, last)
	return t.project.Apply(g, t.final.Apply(g, x))
}
