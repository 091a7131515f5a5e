package transformer

import (
	"math"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// Attention is attention with several heads. Keys and values may be of another sequence
// than the queries, and of another width.
type Attention struct {
	Query, Key, Value Linear
	Out               Linear
	Heads             int
}

// Apply lets each position of x [width, n, batch] look at those of context [width', m,
// batch]. mask [m, n], or [m, n, 1, batch] with one for each sequence, is added to the scores
// of each head; a zero Tensor is no mask.
func (a Attention) Apply(g *llamacpp.Graph, x, context, mask llamacpp.Tensor) llamacpp.Tensor {
	q := a.heads(g, a.Query.Apply(g, x))
	k := a.heads(g, a.Key.Apply(g, context))
	v := a.heads(g, a.Value.Apply(g, context))
	width, length, heads, batch := q.Shape[0], q.Shape[1], q.Shape[2], q.Shape[3]

	scores := g.MulMat(k, q) // [m, n, heads, batch]
	weights := g.SoftMax(scores, mask, float32(1/math.Sqrt(float64(width))))
	v = g.Dense(g.Permute(v, [4]int{1, 0, 2, 3}))                     // [m, width of a head, heads, batch]
	y := g.Dense(g.Permute(g.MulMat(v, weights), [4]int{0, 2, 1, 3})) // [width of a head, heads, n, batch]
	return a.Out.Apply(g, g.Reshape(y, width*heads, length, batch))
}

// heads gives each head its part of [width, length, batch]: [width of a head, length,
// heads, batch].
func (a Attention) heads(g *llamacpp.Graph, x llamacpp.Tensor) llamacpp.Tensor {
	x = g.Reshape(x, x.Shape[0]/a.Heads, a.Heads, x.Shape[1], x.Shape[2])
	return g.Permute(x, [4]int{0, 2, 1, 3})
}

// CausalMask lets each of n positions look at itself and those before it.
func CausalMask(g *llamacpp.Graph, n int) llamacpp.Tensor {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return g.Floats(causal(n, all), n, n)
}

// CausalMaskAt is the mask of one position of each of some sequences of n positions.
func CausalMaskAt(g *llamacpp.Graph, n int, positions []int) llamacpp.Tensor {
	return g.Floats(causal(n, positions), n, 1, 1, len(positions))
}

// causal has a row for each of some positions, of what it sees of all n.
func causal(n int, positions []int) []float32 {
	values := make([]float32, n*len(positions))
	for i, position := range positions {
		for key := position + 1; key < n; key++ {
			values[i*n+key] = float32(math.Inf(-1))
		}
	}
	return values
}
