package models

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// Tensor is one of a file's tensors, without its data.
type Tensor struct {
	Name   string
	Dims   []uint64 // at most 4, each at least 1, the fastest first
	Type   uint32   // as ggml numbers types
	Offset uint64   // from GGUF.Data, in bytes
	// Bytes is the size of its data; up to the next tensor if the type is not
	// known.
	Bytes uint64
}

// shape is Dims without the last ones that are 1, as C sees them: converters may
// leave the dimension that a batch had.
func (t Tensor) shape() []uint64 {
	dims := t.Dims
	for len(dims) > 1 && dims[len(dims)-1] == 1 {
		dims = dims[:len(dims)-1]
	}
	return dims
}

const (
	maxDims           = 4
	maxTensorName     = 64 // with C's terminating zero
	maxTensorElements = 1<<63 - 1
)

// layout of a tensor type: so many elements are a block of so many bytes.
type layout struct{ elements, bytes uint64 }

// tensorTypes are ggml's types. A type that is not here is newer than this
// list, or was given up by ggml, and is llama.cpp's to judge.
var tensorTypes = map[uint32]layout{
	0:  {1, 4},     // F32
	1:  {1, 2},     // F16
	2:  {32, 18},   // Q4_0
	3:  {32, 20},   // Q4_1
	6:  {32, 22},   // Q5_0
	7:  {32, 24},   // Q5_1
	8:  {32, 34},   // Q8_0
	9:  {32, 36},   // Q8_1
	10: {256, 84},  // Q2_K
	11: {256, 110}, // Q3_K
	12: {256, 144}, // Q4_K
	13: {256, 176}, // Q5_K
	14: {256, 210}, // Q6_K
	15: {256, 292}, // Q8_K
	16: {256, 66},  // IQ2_XXS
	17: {256, 74},  // IQ2_XS
	18: {256, 98},  // IQ3_XXS
	19: {256, 50},  // IQ1_S
	20: {32, 18},   // IQ4_NL
	21: {256, 110}, // IQ3_S
	22: {256, 82},  // IQ2_S
	23: {256, 136}, // IQ4_XS
	24: {1, 1},     // I8
	25: {1, 2},     // I16
	26: {1, 4},     // I32
	27: {1, 8},     // I64
	28: {1, 8},     // F64
	29: {256, 56},  // IQ1_M
	30: {1, 2},     // BF16
	34: {256, 54},  // TQ1_0
	35: {256, 66},  // TQ2_0
	39: {32, 17},   // MXFP4
	40: {64, 36},   // NVFP4
	41: {128, 18},  // Q1_0
	42: {64, 18},   // Q2_0
}

// The types from 8-bit integers to 64-bit floats, which nothing is computed with.
const (
	typeI8  = 24
	typeF64 = 28
)

// LayerBytes adds up the tensors of each layer of a language model ("blk.0.…")
// and those of no layer: embeddings, output, norms. The layers are as many as
// have tensors, in their order; a layer without one has 0.
func (g *GGUF) LayerBytes() (layers []uint64, rest uint64) {
	for _, t := range g.Tensors {
		n, ok := LayerOf(t.Name)
		if !ok {
			rest += t.Bytes
			continue
		}
		for len(layers) <= n {
			layers = append(layers, 0)
		}
		layers[n] += t.Bytes
	}
	return layers, rest
}

// LayerOf reads a layer's number from the name of its tensor.
func LayerOf(tensor string) (int, bool) {
	name, ok := strings.CutPrefix(tensor, "blk.")
	if !ok {
		return 0, false
	}
	name, _, _ = strings.Cut(name, ".")
	n, err := strconv.Atoi(name)
	return n, err == nil && n >= 0 && n < maxLayers
}

// TensorBytes is the size of all tensors together.
func (g *GGUF) TensorBytes() uint64 {
	layers, sum := g.LayerBytes()
	for _, n := range layers {
		sum += n
	}
	return sum
}

// readTensors reads the tensors' places and makes sure that the file holds them.
func (g *GGUF) readTensors(d *ggufReader, n uint64) error {
	names := map[string]bool{}
	for range n {
		t, err := readTensor(d)
		if err != nil {
			return err
		}
		if names[t.Name] {
			return fmt.Errorf("the tensor %s occurs twice", shown(t.Name))
		}
		names[t.Name] = true
		g.Tensors = append(g.Tensors, t)
	}
	g.Data = (d.read + g.Alignment - 1) / g.Alignment * g.Alignment
	for i := range g.Tensors {
		if err := g.place(i); err != nil {
			return fmt.Errorf("the tensor %s %w", shown(g.Tensors[i].Name), err)
		}
	}
	return nil
}

func readTensor(d *ggufReader) (Tensor, error) {
	t := Tensor{Name: d.string(maxKeyLength)}
	if len(t.Name) >= maxTensorName {
		return t, fmt.Errorf("the tensor name %s has %d bytes, and at most %d are expected", shown(t.Name), len(t.Name), maxTensorName-1)
	}
	dims := d.uint(4)
	if d.err == nil && dims > maxDims {
		return t, fmt.Errorf("the tensor %s has %d dimensions, and at most %d are expected", shown(t.Name), dims, maxDims)
	}
	for range dims {
		t.Dims = append(t.Dims, d.uint(8))
	}
	t.Type, t.Offset = uint32(d.uint(4)), d.uint(8)
	return t, d.err
}

// place computes the size of a tensor's data and makes sure that it lies within
// the file.
func (g *GGUF) place(i int) error {
	t := &g.Tensors[i]
	elements, row := uint64(1), uint64(1)
	for j, n := range t.Dims {
		if n == 0 {
			return fmt.Errorf("has the shape %v, and no dimension may be 0", t.Dims)
		}
		if j == 0 {
			row = n
		}
		over, product := bits.Mul64(elements, n)
		if over != 0 || product > maxTensorElements {
			return fmt.Errorf("has the shape %v: too many elements", t.Dims)
		}
		elements = product
	}
	if t.Offset%g.Alignment != 0 {
		return fmt.Errorf("lies at %d, and a multiple of %d is expected", t.Offset, g.Alignment)
	}
	if g.Data > g.Size || t.Offset > g.Size-g.Data {
		return fmt.Errorf("lies beyond the end of the file, which has %d bytes: %w", g.Size, errCutShort)
	}
	room := g.Size - g.Data - t.Offset
	unit, known := tensorTypes[t.Type]
	if !known {
		t.Bytes = room
		if i+1 < len(g.Tensors) {
			t.Bytes = min(room, max(g.Tensors[i+1].Offset, t.Offset)-t.Offset)
		}
		return nil
	}
	if row%unit.elements != 0 {
		return fmt.Errorf("has rows of %d elements, and its type %d has blocks of %d", row, t.Type, unit.elements)
	}
	blocks := elements / unit.elements
	if over, size := bits.Mul64(blocks, unit.bytes); over != 0 || size > room {
		return fmt.Errorf("of shape %v lies beyond the end of the file, which has %d bytes: %w", t.Dims, g.Size, errCutShort)
	}
	t.Bytes = blocks * unit.bytes
	return nil
}

// errCutShort is the usual reason of tensors beyond the end.
var errCutShort = errors.New("it was cut short, or its header lies")
