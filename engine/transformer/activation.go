package transformer

import (
	"math"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// Activation is the non-linear function of a perceptron.
type Activation func(*llamacpp.Graph, llamacpp.Tensor) llamacpp.Tensor

// Activations are those that encoders have, by the names of their configurations.
var Activations = map[string]Activation{
	"quick_gelu":        quickGELU,
	"gelu":              (*llamacpp.Graph).GeluErf,
	"gelu_pytorch_tanh": tanhGELU,
	"gelu_new":          tanhGELU,
	"silu":              (*llamacpp.Graph).Silu,
	"swish":             (*llamacpp.Graph).Silu,
}

// quickGELU is x·sigmoid(1.702·x). ggml's own rounds to half precision.
func quickGELU(g *llamacpp.Graph, x llamacpp.Tensor) llamacpp.Tensor {
	const steepness = 1.702
	return g.Scale(g.Silu(g.Scale(x, steepness)), 1/float32(steepness))
}

// tanhGELU is x/2·(1+tanh(√(2/π)·(x+0.044715·x³))), which is x·sigmoid of twice that
// argument. ggml's own rounds to half precision.
func tanhGELU(g *llamacpp.Graph, x llamacpp.Tensor) llamacpp.Tensor {
	twice := 2 * math.Sqrt(2/math.Pi)
	cube := g.Mul(g.Scale(g.Sqr(x), float32(0.044715*twice)), x)
	return g.Mul(x, g.Sigmoid(g.Add(cube, g.Scale(x, float32(twice)))))
}
