package llamacpp

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ebitengine/purego"
)

func newBackend(t *testing.T) *Backend {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	b, err := lib.NewBackend(nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// TestGraph computes what can be checked by hand, with weights that are mapped, copied,
// and copied as they lie at an odd address.
func TestGraph(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	numbers := []byte{0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64} // 1 2 3 4
	page := make([]byte, 3*4096)
	page = page[(4096-int(addr(page)%4096))%4096:]
	copy(page, numbers)
	copy(page[101:], numbers)
	w := b.NewWeights(3, [][]byte{page[:4096]})
	defer w.Close()
	var all []Tensor
	for _, data := range [][]byte{page[:16], numbers, page[101:117]} {
		matrix, err := w.Add(F32, []int{2, 2}, data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, matrix)
	}
	if _, err := w.Add(F32, []int{2, 2}, numbers); err == nil {
		t.Error("there was room for a fourth tensor")
	}
	if len(w.copied) != 2 {
		t.Errorf("%d tensors are copied of two", len(w.copied))
	}
	if err := w.Load(func(float64) bool { return true }); err != nil {
		t.Fatal(err)
	}
	for i, matrix := range all {
		g := b.NewGraph()
		x := g.Floats([]float32{10, 1}, 2)
		got, err := g.Compute(context.Background(), g.Add(g.MulMat(matrix, x), g.Rows(matrix, g.Ints([]int32{1}))))
		if err != nil || !slices.Equal(got, []float32{15, 38}) {
			t.Errorf("weights %d: %v, %v", i, got, err)
		}
		g.Close()
	}
}

// TestGraphMistakes makes every sort of mistake for which ggml ends the process.
func TestGraphMistakes(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	for name, mistake := range map[string]func(g *Graph, x, y Tensor) Tensor{ // [4, 6] and [3, 2]
		"a product":             func(g *Graph, x, y Tensor) Tensor { return g.MulMat(x, y) },
		"a product of columns":  func(g *Graph, x, y Tensor) Tensor { return g.MulMat(g.Permute(x, [4]int{1, 0, 2, 3}), x) },
		"a sum":                 func(g *Graph, x, y Tensor) Tensor { return g.Add(x, y) },
		"a product of elements": func(g *Graph, x, y Tensor) Tensor { return g.Mul(x, y) },
		"a mask":                func(g *Graph, x, y Tensor) Tensor { return g.SoftMax(x, y, 1) },
		"a shape":               func(g *Graph, x, y Tensor) Tensor { return g.Reshape(x, 5, 5) },
		"five dimensions":       func(g *Graph, x, y Tensor) Tensor { return g.Reshape(x, 1, 1, 4, 6, 1) },
		"an order":              func(g *Graph, x, y Tensor) Tensor { return g.Permute(x, [4]int{0, 0, 2, 3}) },
		"no dimension":          func(g *Graph, x, y Tensor) Tensor { return g.Permute(x, [4]int{0, 1, 2, 4}) },
		"a row":                 func(g *Graph, x, y Tensor) Tensor { return g.Rows(x, g.Ints([]int32{6})) },
		"a row before":          func(g *Graph, x, y Tensor) Tensor { return g.Rows(x, g.Ints([]int32{-1})) },
		"rows by floats":        func(g *Graph, x, y Tensor) Tensor { return g.Rows(x, y) },
		"an unordered function": func(g *Graph, x, y Tensor) Tensor { return g.Silu(g.Permute(x, [4]int{1, 0, 2, 3})) },
		"an unordered result":   func(g *Graph, x, y Tensor) Tensor { return g.Permute(x, [4]int{1, 0, 2, 3}) },
		"no tensor":             func(g *Graph, x, y Tensor) Tensor { return g.Norm(Tensor{}, 1) },
		"no result":             func(g *Graph, x, y Tensor) Tensor { return Tensor{} },
		"an input":              func(g *Graph, x, y Tensor) Tensor { return g.Floats([]float32{1, 2}, 3) },
		"an empty input":        func(g *Graph, x, y Tensor) Tensor { return g.Floats(nil, 0) },
		"whole numbers":         func(g *Graph, x, y Tensor) Tensor { return g.Norm(g.Ints([]int32{1}), 1) },
		"too much": func(g *Graph, x, y Tensor) Tensor {
			for range graphRoom {
				x = g.Sqr(x)
			}
			return x
		},
	} {
		g := b.NewGraph()
		x, y := g.Floats(make([]float32, 24), 4, 6), g.Floats(make([]float32, 6), 3, 2)
		if _, err := g.Compute(context.Background(), g.Scale(mistake(g, x, y), 2)); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := g.Compute(context.Background(), mistake(g, x, y)); err == nil {
			t.Errorf("%s: no error in the end", name)
		}
		g.Close()
	}
	w := b.NewWeights(10, nil)
	defer w.Close()
	for _, shape := range [][]int{{3}, {0}, {-4}, {math.MaxInt, math.MaxInt}, {1, 1, 1, 1, 4}} {
		if _, err := w.Add(F32, shape, make([]byte, 16)); err == nil {
			t.Errorf("16 bytes are of the shape %v", shape)
		}
	}
	if _, err := w.Add(F32, []int{4}, make([]byte, 16)); err != nil {
		t.Error(err)
	}
	if err := w.Load(func(float64) bool { return false }); !errors.Is(err, ErrCancelled) {
		t.Errorf("stopped: %v", err)
	}
}

// TestGraphCancel stops a graph while it is computed, and computes another one.
func TestGraphCancel(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	const n = 512
	build := func(g *Graph, steps int) Tensor {
		x := g.Floats(make([]float32, n*n), n, n)
		y := x
		for range steps {
			y = g.MulMat(x, y)
		}
		return y
	}
	ctx, cancel := context.WithCancel(context.Background())
	g := b.NewGraph()
	defer g.Close()
	y := build(g, graphRoom-10)
	done := make(chan error)
	go func() {
		_, err := g.Compute(ctx, y)
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	after := b.NewGraph()
	defer after.Close()
	if _, err := after.Compute(context.Background(), build(after, 2)); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// TestGraphWithout asks a build for graphs that lacks what they need.
func TestGraphWithout(t *testing.T) {
	t.Parallel()
	lib, err := library()
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	old := Library{base: lib.base, graph: lib.graph, extras: lib.extras, ggml: lib.ggml, strlen: lib.strlen}
	old.graph.Norm, old.graph.GallocrNew, old.extras.GeluErf = nil, 0, 0
	if _, err := old.NewBackend(nil, 1); err == nil || !strings.Contains(err.Error(), "lacks ggml_norm, ggml_gallocr_new") {
		t.Errorf("without functions: %v", err)
	}
	b := newBackend(t)
	b.lib = &old
	old.graph = lib.graph
	g := b.NewGraph()
	defer g.Close()
	if _, err := g.Compute(context.Background(), g.GeluErf(g.Floats([]float32{1}, 1))); err == nil || !strings.Contains(err.Error(), "ggml_gelu_erf") {
		t.Errorf("without the exact GELU: %v", err)
	}
}

// TestGraphPrepare asks whether a device can compute a graph before it has to: one that can,
// and one that lacks an operation.
func TestGraphPrepare(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	build := func() (*Graph, Tensor) {
		g := b.NewGraph()
		t.Cleanup(g.Close)
		return g, g.Sqr(g.Scale(g.Floats([]float32{1, 2}, 2), 3))
	}
	g, y := build()
	if err := g.Prepare(y); err != nil {
		t.Fatal(err)
	}
	if got, err := g.Compute(context.Background(), y); err != nil || !slices.Equal(got, []float32{9, 36}) {
		t.Errorf("what was prepared computes %v, %v", got, err)
	}
	lib := b.lib
	poor := Library{base: lib.base, graph: lib.graph, extras: lib.extras, ggml: lib.ggml, strlen: lib.strlen}
	poor.graph.DevSupportsOp = proc(purego.NewCallback(func(_, op uintptr) uintptr {
		if goString(lib.graph.OpDesc.call(op)) == "SQR" {
			return 0
		}
		return 1
	}))
	b.lib = &poor
	g, y = build()
	var unsupported *UnsupportedError
	if err := g.Prepare(y); !errors.As(err, &unsupported) || unsupported.Operation != "SQR" {
		t.Errorf("a device without an operation: %v", err)
	}
	if _, err := g.Compute(context.Background(), y); !errors.As(err, &unsupported) {
		t.Errorf("computing on it all the same: %v", err)
	}
}
