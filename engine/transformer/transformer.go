// Package transformer has the parts that encoders of pictures and texts are made of:
// linear layers, layer norms, attention within a sequence and from one to another,
// perceptrons, and the blocks of them. A part is made of a checkpoint's weights by
// their names, and adds itself to a graph.
//
// Sequences are tensors [width, length, batch], as ggml has them: the contiguous
// dimension is first. The shapes of weights are as in files, where it is last.
package transformer

import "github.com/vlmchat/vlmchat/engine/llamacpp"

// Source has the weights of a checkpoint. A tensor that is missing or has another shape
// is the Source's to note; what it returns for it is no tensor, and a graph made of such
// parts computes nothing.
type Source interface {
	// Tensor is a tensor as the checkpoint has it: for matrices.
	Tensor(name string, shape ...int) llamacpp.Tensor
	// Floats is a tensor as 32-bit floats: for what is added or multiplied one by one.
	Floats(name string, shape ...int) llamacpp.Tensor
}

// Linear is a matrix and what is added to its product.
type Linear struct {
	Weight llamacpp.Tensor
	Bias   llamacpp.Tensor // may be none
}

// NewLinear takes name.weight and name.bias, which turn in numbers into out.
func NewLinear(s Source, name string, in, out int) Linear {
	return Linear{s.Tensor(name+".weight", out, in), s.Floats(name+".bias", out)}
}

// Apply turns [in, …] into [out, …].
func (l Linear) Apply(g *llamacpp.Graph, x llamacpp.Tensor) llamacpp.Tensor {
	shape := x.Shape
	// One product of many columns is faster than several of few.
	y := g.MulMat(l.Weight, g.Reshape(x, shape[0], shape[1]*shape[2]*shape[3]))
	if l.Bias.Given() {
		y = g.Add(y, l.Bias)
	}
	return g.Reshape(y, l.Weight.Shape[1], shape[1], shape[2], shape[3])
}

// Norm is a layer norm.
type Norm struct {
	Weight, Bias llamacpp.Tensor
	Epsilon      float32
}

// NewNorm takes name.weight and name.bias.
func NewNorm(s Source, name string, width int, epsilon float32) Norm {
	return Norm{s.Floats(name+".weight", width), s.Floats(name+".bias", width), epsilon}
}

// Apply normalises each position.
func (n Norm) Apply(g *llamacpp.Graph, x llamacpp.Tensor) llamacpp.Tensor {
	return g.Add(g.Mul(g.Norm(x, n.Epsilon), n.Weight), n.Bias)
}

// MLP is a perceptron with one hidden layer.
type MLP struct {
	Up, Down   Linear
	Activation Activation
}

// Apply computes each position by itself.
func (m MLP) Apply(g *llamacpp.Graph, x llamacpp.Tensor) llamacpp.Tensor {
	return m.Down.Apply(g, m.Activation(g, m.Up.Apply(g, x)))
}

// Embedding is a table of vectors for tokens.
type Embedding struct {
	Table     llamacpp.Tensor // [width, tokens]
	Positions llamacpp.Tensor // [width, length], or longer
}

// Apply embeds a batch of sequences of the same length, one after the other in tokens.
func (e Embedding) Apply(g *llamacpp.Graph, tokens []int32, length int) llamacpp.Tensor {
	positions := make([]int32, length)
	for i := range positions {
		positions[i] = int32(i)
	}
	x := g.Rows(e.Table, g.Ints(tokens))
	x = g.Reshape(x, x.Shape[0], length, len(tokens)/length)
	return g.Add(x, g.Rows(e.Positions, g.Ints(positions)))
}
