package llamacpp

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

// Tensor is a tensor of a model's weights, or what a graph will compute. The zero Tensor
// is none.
type Tensor struct {
	Type  NumberType
	Shape [4]int // the contiguous dimension first, which files have last; 1 where there is no such dimension

	ptr   uintptr
	rows  bool // the numbers of each row lie one after the other
	dense bool // all of its numbers do
}

// Given reports whether it is a tensor at all.
func (t Tensor) Given() bool { return t.ptr != 0 }

// count is how many numbers a tensor has.
func (t Tensor) count() int { return t.Shape[0] * t.Shape[1] * t.Shape[2] * t.Shape[3] }

// Graph is a computation that is put together, computed once and closed. Each of its
// operations is checked before ggml sees it, which ends the process over a wrong shape.
// The first mistake makes all operations that follow do nothing; Compute returns it.
type Graph struct {
	b       *Backend
	context uintptr
	ptr     uintptr
	room    int // for tensors
	nodes   []Tensor
	inputs  []input
	err     error
}

// input is a tensor with the numbers that it is given when all are in place.
type input struct {
	tensor Tensor
	floats []float32
	ints   []int32
}

// graphRoom is how many tensors a graph may have: some fifty blocks of a transformer
// take a thousand.
const graphRoom = 8192

// NewGraph begins a graph.
func (b *Backend) NewGraph() *Graph {
	g := &Graph{b: b, context: b.lib.newContext(graphRoom, true), room: graphRoom}
	g.ptr = b.lib.graph.NewGraph.call(g.context, graphRoom, 0)
	return g
}

// Close frees the graph.
func (g *Graph) Close() { g.b.lib.graph.Free.call(g.context) }

// fail notes the first mistake.
func (g *Graph) fail(format string, args ...any) Tensor {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
	return Tensor{}
}

// ready reports whether an operation on these tensors can be added.
func (g *Graph) ready(tensors ...Tensor) bool {
	if g.err != nil {
		return false
	}
	for _, t := range tensors {
		if !t.Given() {
			g.fail("an operation lacks one of its tensors")
			return false
		}
	}
	if g.room--; g.room < 0 {
		g.fail("the graph has more than %d tensors", graphRoom)
		return false
	}
	return true
}

// node adds what an operation returned.
func (g *Graph) node(ptr uintptr, t NumberType, shape [4]int, dense bool) Tensor {
	n := Tensor{Type: t, Shape: shape, ptr: ptr, rows: dense, dense: dense}
	g.nodes = append(g.nodes, n)
	return n
}

// Floats is an input of these numbers, in a shape whose contiguous dimension is first.
func (g *Graph) Floats(values []float32, shape ...int) Tensor {
	return g.input(input{floats: values}, F32, len(values), shape)
}

// Ints is an input of these numbers, for Rows.
func (g *Graph) Ints(values []int32) Tensor {
	return g.input(input{ints: values}, I32, len(values), []int{len(values)})
}

func (g *Graph) input(in input, t NumberType, n int, shape []int) Tensor {
	if !g.ready() {
		return Tensor{}
	}
	full := [4]int{1, 1, 1, 1}
	copy(full[:], shape)
	in.tensor = g.b.lib.newTensor(g.context, t, full)
	if len(shape) > len(full) || in.tensor.count() != n || n == 0 {
		return g.fail("%d numbers don't make an input of the shape %v", n, shape)
	}
	g.b.lib.graph.SetInput.call(in.tensor.ptr)
	g.inputs = append(g.inputs, in)
	return in.tensor
}

// Prepare takes the memory that a tensor's computation needs, or tells why the device can't
// compute it: it lacks an operation (UnsupportedError) or the room (ErrNoMemory). The memory
// stays the backend's, for all graphs that need no more.
func (g *Graph) Prepare(result Tensor) error {
	f := &g.b.lib.graph
	if !g.ready(result) {
		return g.err
	}
	if result.Type != F32 || !result.dense {
		return errors.New("only dense tensors of 32-bit floats can be results")
	}
	for _, n := range g.nodes {
		if !f.DevSupportsOp.callBool(g.b.Device.handle, n.ptr) {
			return &UnsupportedError{Device: g.b.Device, Operation: goString(f.OpDesc.call(n.ptr))}
		}
	}
	for _, in := range g.inputs {
		f.Expand.call(g.ptr, in.tensor.ptr) // so that it has memory even if nothing reads it
	}
	f.SetOutput.call(result.ptr)
	f.Expand.call(g.ptr, result.ptr)
	if !f.GallocrAlloc.callBool(g.b.allocator, g.ptr) {
		return fmt.Errorf("%w: the device %s has no room for what is computed in between", ErrNoMemory, g.b.Device.Name)
	}
	return nil
}

// Compute computes a tensor and returns its numbers, the contiguous dimension fastest.
// It ends early when ctx does, on the CPU between two operations.
func (g *Graph) Compute(ctx context.Context, result Tensor) ([]float32, error) {
	if err := g.Prepare(result); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f := &g.b.lib.graph
	for _, in := range g.inputs {
		if in.ints != nil {
			f.TensorSet.call(in.tensor.ptr, addr(in.ints), 0, uintptr(4*len(in.ints)))
		} else {
			f.TensorSet.call(in.tensor.ptr, addr(in.floats), 0, uintptr(4*len(in.floats)))
		}
		runtime.KeepAlive(in)
	}
	g.b.cancel.clear()
	stop := context.AfterFunc(ctx, g.b.cancel.set)
	status := f.BackendCompute.callInt(g.b.ptr, g.ptr)
	stop()
	switch {
	case status == statusAborted && ctx.Err() != nil:
		return nil, ctx.Err()
	case status != 0:
		return nil, fmt.Errorf("the device %s failed to compute it (status %d)", g.b.Device.Name, status)
	}
	values := make([]float32, result.count())
	f.TensorGet.call(result.ptr, addr(values), 0, uintptr(4*len(values)))
	return values, nil
}

// UnsupportedError is for a device that lacks an operation.
type UnsupportedError struct {
	Device    Device
	Operation string
}

// Error names both.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("the device %s can't compute %s", e.Device.Name, e.Operation)
}
