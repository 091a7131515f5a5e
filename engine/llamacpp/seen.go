package llamacpp

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unsafe"
)

// Input is what a projector's encoder gets of a picture or a tile of one, behind
// all that libmtmd does to it before: resized, padded, cut and normalised.
type Input struct {
	Width, Height int
	// Planes are the normalised values, a plane for each of red, green and blue,
	// each row by row: (value/255 - mean) / standard deviation.
	Planes [3][]float32
}

// errNoInput is for builds and encoders whose input can't be found.
var errNoInput = errors.New("this llama.cpp build does not show what the picture encoder gets; newer ones do")

// Inputs returns what the encoder gets of a picture chunk: usually one picture, of
// some models several. Nothing is encoded.
//
// No function of libmtmd tells it. But an encoder's graph begins with it, as the
// tensor inp_raw, and the callback that is asked before each node sees that
// tensor among what the node is made of.
func (p *Projector) Inputs(c Chunk) ([]Input, error) {
	if !p.lib.layout.projector.CBEval.has() || p.lib.base.NBytes == 0 || p.lib.base.TensorGet == 0 {
		return nil, errNoInput
	}
	encoding.Lock()
	defer encoding.Unlock()
	in := &inputs{base: &p.lib.base}
	encoding.input = in
	defer func() { encoding.input = nil }()
	// Computing was stopped, so neither the code nor the embeddings mean anything.
	p.lib.mtmd.EncodeChunk.callInt(p.ptr, c.ptr)
	if in.err == nil && len(in.all) == 0 {
		in.err = errNoInput
	}
	return in.all, in.err
}

// inputs gathers the inputs of the graphs that an Encode computes.
type inputs struct {
	base  *ggmlBaseFuncs
	all   []Input
	found bool // in the graph under way, which is to end
	err   error
}

// observe takes the input of a graph from among the sources of its first nodes,
// and ends the graph then.
func (in *inputs) observe(tensor uintptr, ask bool) bool {
	if !ask {
		// The next node that is asked for is another graph's.
		in.found = false
		return false
	}
	if in.found || in.err != nil {
		return true
	}
	if in.err = in.checkLayout(tensor); in.err != nil {
		return true
	}
	for i := range tensorSources {
		source := *(*uintptr)(pointer(tensor + tensorSrc + i*unsafe.Sizeof(tensor)))
		if source == 0 || !strings.Contains(goString(in.base.GetName.call(source)), "inp_raw") {
			continue
		}
		in.found = true
		in.err = in.take(source)
		break
	}
	return in.found || in.err != nil
}

// struct ggml_tensor as it has been since December 2024 (ggml.h): type, buffer,
// ne[4], nb[4], op, op_params[16], flags, src[10], view_src, view_offs, data, name.
const (
	tensorNe      = 16
	tensorSrc     = 152
	tensorSources = uintptr(10)
	tensorName    = 256
)

// checkLayout proves the offsets: ggml_get_name returns the address of the name,
// behind all the rest, and ggml_nbytes is computed of ne.
func (in *inputs) checkLayout(tensor uintptr) error {
	if in.base.GetName.call(tensor) != tensor+tensorName {
		return errNoInput
	}
	return nil
}

// take copies the pictures of an input: 32-bit floats, planes of rows, one picture
// after the other.
func (in *inputs) take(tensor uintptr) error {
	const most = 1 << 16 // of a side, to keep the product small
	ne := *(*[4]int64)(pointer(tensor + tensorNe))
	for _, n := range ne {
		if n < 1 || n > most {
			return errNoInput
		}
	}
	width, height, planes, pictures := int(ne[0]), int(ne[1]), int(ne[2]), int(ne[3])
	if planes != 3 || width*height*planes*pictures*4 != int(in.base.NBytes.call(tensor)) {
		return fmt.Errorf("the picture encoder gets %d×%d×%d×%d numbers, which is no picture", width, height, planes, pictures)
	}
	values := make([]float32, width*height*planes*pictures)
	in.base.TensorGet.call(tensor, addr(values), 0, uintptr(4*len(values)))
	runtime.KeepAlive(values)
	for range pictures {
		one := Input{Width: width, Height: height}
		for i := range one.Planes {
			one.Planes[i], values = values[:width*height:width*height], values[width*height:]
		}
		in.all = append(in.all, one)
	}
	return nil
}
