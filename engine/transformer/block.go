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

// GatedBlock lets a sequence look at another one, such as words at a picture, by as much
// as two gates have opened in training (Flamingo, https://arxiv.org/abs/2204.14198).
type GatedBlock struct {
	Norm1         Norm
	Attention     Attention
	AttentionGate llamacpp.Tensor // one number; its tanh is the factor
	Norm2         Norm
	MLP           MLP
	MLPGate       llamacpp.Tensor
}

// Apply computes x [width, n, batch] with what it sees in context [width', m, batch].
func (b GatedBlock) Apply(g *llamacpp.Graph, x, context, mask llamacpp.Tensor) llamacpp.Tensor {
	seen := b.Attention.Apply(g, b.Norm1.Apply(g, x), context, mask)
	x = g.Add(x, g.Mul(seen, g.Tanh(b.AttentionGate)))
	return g.Add(x, g.Mul(b.MLP.Apply(g, b.Norm2.Apply(g, x)), g.Tanh(b.MLPGate)))
}
