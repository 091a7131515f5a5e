package llamacpp

import "slices"

// The operations of graphs. Shapes are written with the contiguous dimension first.
// Operations that ggml computes through tables of half precision, as its own GELUs, are
// left out: they are off by a thousandth.

// MulMat is the product of weights [k, n, …] with [k, m, …]: [n, m, …]. The weights' outer
// dimensions are repeated where the other has more. It adds up 32-bit floats.
func (g *Graph) MulMat(weights, x Tensor) Tensor {
	if !g.ready(weights, x) {
		return Tensor{}
	}
	a, b := weights.Shape, x.Shape
	if a[0] != b[0] || b[2]%a[2] != 0 || b[3]%a[3] != 0 || x.Type != F32 || weights.Type == I32 || !weights.rows || !x.rows {
		return g.fail("a matrix of %v can't be multiplied with one of %v", a, b)
	}
	f := &g.b.lib.graph
	n := g.node(f.MulMat.call(g.context, weights.ptr, x.ptr), F32, [4]int{a[1], b[1], b[2], b[3]}, true)
	f.MulMatSetPrec.call(n.ptr, precisionF32)
	return n
}

// Add is a+b, with b repeated where a has more.
func (g *Graph) Add(a, b Tensor) Tensor { return g.elementwise(g.b.lib.graph.Add, "added to", a, b) }

// Mul is a·b element by element, with b repeated where a has more.
func (g *Graph) Mul(a, b Tensor) Tensor {
	return g.elementwise(g.b.lib.graph.Mul, "multiplied with", a, b)
}

func (g *Graph) elementwise(f proc, verb string, a, b Tensor) Tensor {
	if !g.ready(a, b) {
		return Tensor{}
	}
	for i := range a.Shape {
		if a.Shape[i]%b.Shape[i] != 0 || a.Type != F32 || b.Type != F32 || !a.dense || !b.dense {
			return g.fail("%v %v can't be %s %v %v", b.Type, b.Shape, verb, a.Type, a.Shape)
		}
	}
	return g.node(f.call(g.context, a.ptr, b.ptr), F32, a.Shape, true)
}

// Norm takes the mean from each row and divides it by its standard deviation: layer
// norm, without weight and bias.
func (g *Graph) Norm(a Tensor, epsilon float32) Tensor {
	if !g.floats(a) {
		return Tensor{}
	}
	return g.node(g.b.lib.graph.Norm(g.context, a.ptr, epsilon), F32, a.Shape, true)
}

// Scale is a·s.
func (g *Graph) Scale(a Tensor, s float32) Tensor {
	if !g.floats(a) {
		return Tensor{}
	}
	return g.node(g.b.lib.graph.Scale(g.context, a.ptr, s), F32, a.Shape, true)
}

// SoftMax is the softmax of each row of a·scale+mask. The mask, [keys, queries], is
// added to every matrix; there may be one for each of a's last dimension. A zero Tensor is
// no mask.
func (g *Graph) SoftMax(a, mask Tensor, scale float32) Tensor {
	if !g.floats(a) {
		return Tensor{}
	}
	one, each := [4]int{a.Shape[0], a.Shape[1], 1, 1}, [4]int{a.Shape[0], a.Shape[1], 1, a.Shape[3]}
	if mask.Given() && (mask.Type != F32 || !mask.dense || mask.Shape != one && mask.Shape != each) {
		return g.fail("a mask of %v does not fit an attention of %v", mask.Shape, a.Shape)
	}
	return g.node(g.b.lib.graph.SoftMaxExt(g.context, a.ptr, mask.ptr, scale, 0), F32, a.Shape, true)
}

// Sqr is a².
func (g *Graph) Sqr(a Tensor) Tensor { return g.unary(g.b.lib.graph.Sqr, a) }

// Silu is a·sigmoid(a).
func (g *Graph) Silu(a Tensor) Tensor { return g.unary(g.b.lib.graph.Silu, a) }

// Sigmoid is 1/(1+exp(-a)).
func (g *Graph) Sigmoid(a Tensor) Tensor { return g.unary(g.b.lib.graph.Sigmoid, a) }

// GeluErf is the exact GELU.
func (g *Graph) GeluErf(a Tensor) Tensor {
	if g.b.lib.extras.GeluErf == 0 {
		return g.fail("this llama.cpp build has no exact GELU (ggml_gelu_erf); newer ones do")
	}
	return g.unary(g.b.lib.extras.GeluErf, a)
}

func (g *Graph) unary(f proc, a Tensor) Tensor {
	if !g.floats(a) {
		return Tensor{}
	}
	return g.node(f.call(g.context, a.ptr), F32, a.Shape, true)
}

// floats reports whether an operation on dense 32-bit floats can be added.
func (g *Graph) floats(a Tensor) bool {
	if !g.ready(a) {
		return false
	}
	if a.Type != F32 || !a.dense {
		g.fail("%v %v are no dense 32-bit floats", a.Type, a.Shape)
		return false
	}
	return true
}

// Reshape has the same numbers in another shape.
func (g *Graph) Reshape(a Tensor, shape ...int) Tensor {
	if !g.ready(a) {
		return Tensor{}
	}
	full := [4]int{1, 1, 1, 1}
	copy(full[:], shape)
	if len(shape) > len(full) || !a.dense || full[0]*full[1]*full[2]*full[3] != a.count() {
		return g.fail("%v can't be seen as %v", a.Shape, shape)
	}
	ptr := g.b.lib.graph.Reshape.call(g.context, a.ptr, uintptr(full[0]), uintptr(full[1]), uintptr(full[2]), uintptr(full[3]))
	return g.node(ptr, a.Type, full, true)
}

// Permute has dimension i of a as its dimension to[i]. Dense takes it, and MulMat if the
// first dimension stays.
func (g *Graph) Permute(a Tensor, to [4]int) Tensor {
	if !g.ready(a) {
		return Tensor{}
	}
	var shape [4]int
	seen := 0
	for i, d := range to {
		if d < 0 || d > 3 || seen&(1<<d) != 0 {
			return g.fail("%v is no order of dimensions", to)
		}
		seen |= 1 << d
		shape[d] = a.Shape[i]
	}
	ptr := g.b.lib.graph.Permute.call(g.context, a.ptr, cInt(to[0]), cInt(to[1]), cInt(to[2]), cInt(to[3]))
	n := g.node(ptr, a.Type, shape, false)
	n.rows = a.rows && to[0] == 0
	return n
}

// Dense copies a tensor so that its numbers lie one after the other.
func (g *Graph) Dense(a Tensor) Tensor {
	if !g.ready(a) {
		return Tensor{}
	}
	return g.node(g.b.lib.graph.Cont.call(g.context, a.ptr), a.Type, a.Shape, true)
}

// Rows takes rows of a matrix [n, rows] by their numbers, as 32-bit floats. The numbers
// are an input's.
func (g *Graph) Rows(a, numbers Tensor) Tensor {
	if !g.ready(a, numbers) {
		return Tensor{}
	}
	shape := [4]int{a.Shape[0], numbers.Shape[0], 1, 1}
	if a.Shape[2]*a.Shape[3] != 1 || a.Type == I32 || numbers.Type != I32 || numbers.count() != numbers.Shape[0] {
		return g.fail("rows can't be taken of %v %v by %v %v", a.Type, a.Shape, numbers.Type, numbers.Shape)
	}
	i := slices.IndexFunc(g.inputs, func(in input) bool { return in.tensor.ptr == numbers.ptr })
	if i < 0 {
		return g.fail("the numbers of rows are no input")
	}
	for _, row := range g.inputs[i].ints {
		if row < 0 || int(row) >= a.Shape[1] {
			return g.fail("there is no row %d among %d", row, a.Shape[1])
		}
	}
	return g.node(g.b.lib.graph.GetRows.call(g.context, a.ptr, numbers.ptr), F32, shape, true)
}
