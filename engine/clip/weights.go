package clip

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/engine/transformer"
	"github.com/vlmchat/vlmchat/models/safetensors"
)

// weights hands the parts of a model their tensors, and notes the first that is not as
// the configuration says. Without loaded it only looks.
type weights struct {
	file   *safetensors.Checkpoint
	loaded *llamacpp.Weights
	err    error
}

// numberTypes are the types of weights that are computed with.
var numberTypes = map[safetensors.Type]llamacpp.NumberType{
	safetensors.F32: llamacpp.F32, safetensors.F16: llamacpp.F16, safetensors.BF16: llamacpp.BF16,
}

// Tensor is a tensor of the checkpoint as it is there.
func (w *weights) Tensor(name string, shape ...int) llamacpp.Tensor {
	t, ok := w.find(name, shape)
	if !ok || w.loaded == nil {
		return llamacpp.Tensor{}
	}
	return w.add(name, numberTypes[t.Type], shape, w.file.Bytes(t))
}

// Floats is a tensor of the checkpoint as 32-bit floats.
func (w *weights) Floats(name string, shape ...int) llamacpp.Tensor {
	t, ok := w.find(name, shape)
	if !ok || w.loaded == nil {
		return llamacpp.Tensor{}
	}
	if t.Type == safetensors.F32 {
		return w.add(name, llamacpp.F32, shape, w.file.Bytes(t))
	}
	return w.made(name, shape, floats(t.Type, w.file.Bytes(t)))
}

// values are a tensor's numbers; none while nothing is loaded.
func (w *weights) values(name string, shape ...int) []float32 {
	t, ok := w.find(name, shape)
	if !ok || w.loaded == nil {
		return nil
	}
	return floats(t.Type, w.file.Bytes(t))
}

// made is a tensor of numbers that were made of those in the checkpoint.
func (w *weights) made(name string, shape []int, values []float32) llamacpp.Tensor {
	if w.loaded == nil || w.err != nil {
		return llamacpp.Tensor{}
	}
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return w.add(name, llamacpp.F32, shape, data)
}

func (w *weights) add(name string, t llamacpp.NumberType, shape []int, data []byte) llamacpp.Tensor {
	tensor, err := w.loaded.Add(t, shape, data)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("the tensor %s: %w", name, err)
	}
	return tensor
}

// find looks whether the checkpoint has a tensor of this shape.
func (w *weights) find(name string, shape []int) (safetensors.Tensor, bool) {
	if w.err != nil {
		return safetensors.Tensor{}, false
	}
	t, ok := w.file.Tensor(name)
	switch {
	case !ok:
		w.err = fmt.Errorf("the tensor %s is missing", name)
	case !slices.Equal(t.Shape, shape):
		w.err = fmt.Errorf("the tensor %s has the shape %v, and by config.json it should have %v", name, t.Shape, shape)
	case !known(t.Type):
		w.err = fmt.Errorf("the tensor %s has numbers of the type %s; F32, F16 and BF16 are supported", name, t.Type)
	}
	return t, w.err == nil
}

func known(t safetensors.Type) bool {
	_, ok := numberTypes[t]
	return ok
}

// third is the i-th third of a linear layer that holds the projections of queries, keys
// and values one behind the other (torch.nn.MultiheadAttention).
func (w *weights) third(i int, matrix, bias string, width int) transformer.Linear {
	m, ok := w.find(matrix, []int{3 * width, width})
	b := w.values(bias, 3*width)
	if !ok || w.loaded == nil || w.err != nil {
		return transformer.Linear{}
	}
	data := w.file.Bytes(m)
	n := len(data) / 3
	return transformer.Linear{
		Weight: w.add(matrix, numberTypes[m.Type], []int{width, width}, data[i*n:(i+1)*n]),
		Bias:   w.made(bias, []int{width}, b[i*width:(i+1)*width]),
	}
}

// floats turns a tensor's bytes into numbers.
func floats(t safetensors.Type, data []byte) []float32 {
	if t == safetensors.F32 {
		values := make([]float32, len(data)/4)
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		return values
	}
	values := make([]float32, len(data)/2)
	for i := range values {
		bits := binary.LittleEndian.Uint16(data[2*i:])
		if t == safetensors.BF16 {
			values[i] = math.Float32frombits(uint32(bits) << 16)
		} else {
			values[i] = half(bits)
		}
	}
	return values
}

// half is a number of half precision (IEEE 754 binary16).
func half(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10&0x1f), uint32(bits&0x3ff)
	switch exponent {
	case 0:
		v := float32(fraction) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(v))
	case 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
