package transformer

import "github.com/vlmchat/vlmchat/engine/llamacpp"

// Block is a layer of an encoder that normalises before it computes: attention within the
// sequence, then a perceptron, each added to what came in.
type Block struct {
	Norm1     Norm
	Attention Attention
	Norm2     Norm
	MLP       MLP
}

// Apply computes a batch of sequences [width, length, batch].
func (b Block) Apply(g *llamacpp.Graph, x, mask llamacpp.Tensor) llamacpp.Tensor {
	h := b.Norm1.Apply(g, x)
	x = g.Add(x, b.Attention.Apply(g, h, h, mask))
	return g.Add(x, b.MLP.Apply(g, b.Norm2.Apply(g, x)))
}

// ApplyAt computes one position of each sequence of a batch only: [width, 1, batch]. It
// is for the last layer, behind which nothing looks at the other positions. mask is of these
// positions alone, [length, 1, 1, batch].
func (b Block) ApplyAt(g *llamacpp.Graph, x llamacpp.Tensor, positions []int, mask llamacpp.Tensor) llamacpp.Tensor {
	h := b.Norm1.Apply(g, x)
	x = g.Add(pick(g, x, positions), b.Attention.Apply(g, pick(g, h, positions), h, mask))
	return g.Add(x, b.MLP.Apply(g, b.Norm2.Apply(g, x)))
}

// pick takes one position of each sequence of a batch [width, length, batch]: [width, 1,
// batch].
func pick(g *llamacpp.Graph, x llamacpp.Tensor, positions []int) llamacpp.Tensor {
	width, length, batch := x.Shape[0], x.Shape[1], x.Shape[2]
	rows := make([]int32, len(positions))
	for i, p := range positions {
		rows[i] = int32(i*length + p)
	}
	picked := g.Rows(g.Reshape(x, width, length*batch), g.Ints(rows))
	return g.Reshape(picked, width, 1, batch)
}
