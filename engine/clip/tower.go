package clip

import (
	"fmt"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/engine/transformer"
)

// newBlocks makes the layers of a tower. All families name their weights alike.
func newBlocks(s transformer.Source, tower string, c TowerConfig) []transformer.Block {
	var blocks []transformer.Block
	for i := range c.Layers {
		name := fmt.Sprintf("%s.encoder.layers.%d.", tower, i)
		linear := func(part string) transformer.Linear {
			return transformer.NewLinear(s, name+"self_attn."+part, c.Width, c.Width)
		}
		blocks = append(blocks, transformer.Block{
			Norm1: transformer.NewNorm(s, name+"layer_norm1", c.Width, float32(c.Epsilon)),
			Attention: transformer.Attention{
				Query: linear("q_proj"), Key: linear("k_proj"), Value: linear("v_proj"), Out: linear("out_proj"),
				Heads: c.Heads,
			},
			Norm2: transformer.NewNorm(s, name+"layer_norm2", c.Width, float32(c.Epsilon)),
			MLP:   newMLP(s, name+"mlp", c),
		})
	}
	return blocks
}

func newMLP(s transformer.Source, name string, c TowerConfig) transformer.MLP {
	return transformer.MLP{
		Up:         transformer.NewLinear(s, name+".fc1", c.Width, c.Intermediate),
		Down:       transformer.NewLinear(s, name+".fc2", c.Intermediate, c.Width),
		Activation: transformer.Activations[c.Activation],
	}
}

// run computes the layers one after the other.
func run(g *llamacpp.Graph, blocks []transformer.Block, x, mask llamacpp.Tensor) llamacpp.Tensor {
	for _, b := range blocks {
		x = b.Apply(g, x, mask)
	}
	return x
}

// runTo computes the layers, and of the last one only a position of each sequence: [width,
// 1, batch]. last is that layer's mask.
func runTo(g *llamacpp.Graph, blocks []transformer.Block, x llamacpp.Tensor, positions []int, mask, last llamacpp.Tensor) llamacpp.Tensor {
	end := len(blocks) - 1
	return blocks[end].ApplyAt(g, run(g, blocks[:end], x, mask), positions, last)
}
