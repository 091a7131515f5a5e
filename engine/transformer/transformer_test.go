package transformer

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/engine/llamacpp/runtimetest"
)

// The parts are held against the plainest Go that computes the same, in double precision.

// matrix is rows of numbers: of a sequence, a row a position; of weights, a row an output.
type matrix [][]float64

func random(r *rand.Rand, rows, columns int) matrix {
	m := make(matrix, rows)
	for i := range m {
		for range columns {
			m[i] = append(m[i], float64(float32(r.NormFloat64())))
		}
	}
	return m
}

// epsilon is that of all norms here, large enough to be seen.
const epsilon = 1e-2

// width and heads are those of all attention here.
const (
	width = 12
	heads = 3
)

// plain has random weights, and the graph's tensors of them.
type plain struct {
	g      *llamacpp.Graph
	r      *rand.Rand
	values map[string]matrix
}

func (p *plain) Tensor(name string, shape ...int) llamacpp.Tensor {
	rows, columns := 1, shape[len(shape)-1]
	if len(shape) == 2 {
		rows = shape[0]
	}
	m := random(p.r, rows, columns)
	if rows > 1 {
		for _, row := range m {
			for i := range row {
				row[i] = float64(float32(row[i] / math.Sqrt(float64(columns))))
			}
		}
	}
	p.values[name] = m
	return p.input(columns, m)
}

func (p *plain) Floats(name string, shape ...int) llamacpp.Tensor { return p.Tensor(name, shape...) }

// input makes sequences of the same length a tensor [width, length, batch].
func (p *plain) input(width int, sequences ...matrix) llamacpp.Tensor {
	var all []float32
	for _, m := range sequences {
		for _, row := range m {
			for _, v := range row {
				all = append(all, float32(v))
			}
		}
	}
	return p.g.Floats(all, width, len(sequences[0]), len(sequences))
}

func (p *plain) linear(name string, x matrix) matrix {
	var y matrix
	for _, row := range x {
		var out []float64
		for i, w := range p.values[name+".weight"] {
			sum := p.values[name+".bias"][0][i]
			for j, v := range row {
				sum += w[j] * v
			}
			out = append(out, sum)
		}
		y = append(y, out)
	}
	return y
}

func (p *plain) norm(name string, x matrix) matrix {
	var y matrix
	for _, row := range x {
		mean, variance := 0.0, 0.0
		for _, v := range row {
			mean += v / float64(len(row))
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / float64(len(row))
		}
		var out []float64
		for i, v := range row {
			out = append(out, (v-mean)/math.Sqrt(variance+epsilon)*p.values[name+".weight"][0][i]+p.values[name+".bias"][0][i])
		}
		y = append(y, out)
	}
	return y
}

// attention of x on context; allowed says which position of x sees which of context.
func (p *plain) attention(name string, x, context matrix, allowed func(query, key int) bool) matrix {
	q, k, v := p.linear(name+"q", x), p.linear(name+"k", context), p.linear(name+"v", context)
	width := len(q[0]) / heads
	y := make(matrix, len(x))
	for i := range x {
		y[i] = make([]float64, len(q[0]))
		for head := range heads {
			part := func(row []float64) []float64 { return row[head*width : (head+1)*width] }
			var scores []float64
			total := 0.0
			for j := range context {
				score := 0.0
				for d, a := range part(q[i]) {
					score += a * part(k[j])[d]
				}
				weight := 0.0
				if allowed(i, j) {
					weight = math.Exp(score / math.Sqrt(float64(width)))
				}
				scores = append(scores, weight)
				total += weight
			}
			for j, weight := range scores {
				for d, a := range part(v[j]) {
					y[i][head*width+d] += weight / total * a
				}
			}
		}
	}
	return p.linear(name+"o", y)
}

func (p *plain) mlp(name string, x matrix) matrix {
	h := p.linear(name+"up", x)
	for _, row := range h {
		for i, v := range row {
			row[i] = v / 2 * (1 + math.Erf(v/math.Sqrt2))
		}
	}
	return p.linear(name+"down", h)
}

// plus is a + b.
func plus(a, b matrix) matrix {
	var sum matrix
	for i, row := range a {
		var out []float64
		for j, v := range row {
			out = append(out, v+b[i][j])
		}
		sum = append(sum, out)
	}
	return sum
}

func (p *plain) newAttention(name string, other int) Attention {
	return Attention{
		Query: NewLinear(p, name+"q", width, width), Key: NewLinear(p, name+"k", other, width),
		Value: NewLinear(p, name+"v", other, width), Out: NewLinear(p, name+"o", width, width), Heads: heads,
	}
}

func (p *plain) newMLP(name string, width, hidden int) MLP {
	return MLP{Up: NewLinear(p, name+"up", width, hidden), Down: NewLinear(p, name+"down", hidden, width), Activation: Activations["gelu"]}
}

// TestBlocks compares the blocks, on sequences of two in a batch.
func TestBlocks(t *testing.T) {
	t.Parallel()
	const other, hidden, length, seen = 20, 28, 7, 5
	backend := newBackend(t)
	g := backend.NewGraph()
	defer g.Close()
	p := &plain{g: g, r: rand.New(rand.NewPCG(1, 2)), values: map[string]matrix{}}
	x := []matrix{random(p.r, length, width), random(p.r, length, width)}
	context := []matrix{random(p.r, seen, other), random(p.r, seen, other)}
	var mask []float32
	allowed := func(query, key int) bool { return (query+2*key)%3 != 0 || key == 0 }
	for query := range length {
		for key := range seen {
			mask = append(mask, 0)
			if !allowed(query, key) {
				mask[len(mask)-1] = float32(math.Inf(-1))
			}
		}
	}
	causal := func(query, key int) bool { return key <= query }
	in := p.input(width, x...)

	self := Block{
		Norm1: NewNorm(p, "1", width, epsilon), Attention: p.newAttention("self", width),
		Norm2: NewNorm(p, "2", width, epsilon), MLP: p.newMLP("mlp", width, hidden),
	}
	compare(t, "a causal block", g, self.Apply(g, in, CausalMask(g, length)), x, func(i int) matrix {
		h := p.norm("1", x[i])
		y := plus(x[i], p.attention("self", h, h, causal))
		return plus(y, p.mlp("mlp", p.norm("2", y)))
	})

	g = backend.NewGraph()
	defer g.Close()
	p.g = g
	in = p.input(width, x...)
	at := []int{4, 1}
	last := Block{
		Norm1: NewNorm(p, "l1", width, epsilon), Attention: p.newAttention("last", width),
		Norm2: NewNorm(p, "l2", width, epsilon), MLP: p.newMLP("lmlp", width, hidden),
	}
	compare(t, "a position of a causal block", g, last.ApplyAt(g, in, at, CausalMaskAt(g, length, at)), x, func(i int) matrix {
		h := p.norm("l1", x[i])
		y := plus(x[i], p.attention("last", h, h, causal))
		return plus(y, p.mlp("lmlp", p.norm("l2", y)))[at[i] : at[i]+1]
	})

	g = backend.NewGraph()
	defer g.Close()
	p.g = g
	in, seeing := p.input(width, x...), p.input(other, context...)
	cross := p.newAttention("cross", other)
	compare(t, "attention across, masked", g, cross.Apply(g, in, seeing, g.Floats(mask, seen, length)), x, func(i int) matrix {
		return p.attention("cross", x[i], context[i], allowed)
	})
}

// compare computes a tensor, and compares each sequence of its batch.
func compare(t *testing.T, name string, g *llamacpp.Graph, y llamacpp.Tensor, x []matrix, want func(int) matrix) {
	t.Helper()
	got, err := g.Compute(context.Background(), y)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	worst := 0.0
	for i := range x {
		for _, v := range slices.Concat(want(i)...) {
			worst = max(worst, math.Abs(v-float64(got[0])))
			got = got[1:]
		}
	}
	t.Logf("%s: off by up to %.2g", name, worst)
	if worst > 2e-5 || len(got) > 0 {
		t.Errorf("%s: off by %g, %d numbers too many", name, worst, len(got))
	}
}

// TestActivations compares the functions over all that layers compute.
func TestActivations(t *testing.T) {
	t.Parallel()
	backend := newBackend(t)
	var xs []float32
	for x := float32(-40); x < 40; x += 0.01 {
		xs = append(xs, x)
	}
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	tanh := func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) }
	for name, want := range map[string]func(float64) float64{
		"quick_gelu":        func(x float64) float64 { return x * sigmoid(1.702*x) },
		"gelu":              func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) },
		"gelu_pytorch_tanh": tanh, "gelu_new": tanh,
		"silu": func(x float64) float64 { return x * sigmoid(x) }, "swish": func(x float64) float64 { return x * sigmoid(x) },
	} {
		g := backend.NewGraph()
		got, err := g.Compute(context.Background(), Activations[name](g, g.Floats(xs, len(xs))))
		g.Close()
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i, x := range xs {
			worst = max(worst, math.Abs(want(float64(x))-float64(got[i]))/max(1, math.Abs(float64(x))))
		}
		if worst > 1e-6 {
			t.Errorf("%s is off by %g", name, worst)
		}
	}
	if len(Activations) != 6 {
		t.Errorf("there are %d activations", len(Activations))
	}
}

// TestMissing makes a graph of parts that were not found, which is an error and not the
// end of the process.
func TestMissing(t *testing.T) {
	t.Parallel()
	g := newBackend(t).NewGraph()
	defer g.Close()
	x := g.Floats(make([]float32, 24), 4, 6)
	y := Attention{Heads: 2}.Apply(g, x, x, llamacpp.Tensor{})
	if _, err := g.Compute(context.Background(), y); err == nil || !strings.Contains(fmt.Sprint(err), "lacks") {
		t.Errorf("computing it: %v", err)
	}
}

func newBackend(t *testing.T) *llamacpp.Backend {
	t.Helper()
	b, err := runtimetest.Library(t).NewBackend(nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}
