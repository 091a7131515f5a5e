package clip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// Options say where and how a model is computed.
type Options struct {
	Threads int              // on the CPU; 0 for the library's choice
	Device  *llamacpp.Device // nil for the CPU
}

// Model is a checkpoint that can be computed with. It is used by one goroutine at a time.
type Model struct {
	checkpoint *Checkpoint
	backend    *llamacpp.Backend
	weights    *llamacpp.Weights
	vision     *visionTower
	text       *textTower
}

// Load maps the weights into memory, where the CPU computes with them as they lie in the
// file; a device gets a copy. progress gets the part that is done, and returns whether to
// go on. A device that lacks an operation or the room for one says so here, and not in the
// middle of the work. Its errors are engine errors, or llamacpp.ErrCancelled.
func (c *Checkpoint) Load(lib *llamacpp.Library, o Options, progress func(float64) bool) (*Model, error) {
	if err := c.file.Map(); err != nil {
		return nil, c.invalid(err)
	}
	m := &Model{checkpoint: c}
	var err error
	if m.backend, err = lib.NewBackend(o.Device, o.Threads); err != nil {
		m.Close()
		return nil, &engine.Error{Kind: engine.RuntimeIncompatible, Message: err.Error(), Hint: "install a newer llama.cpp runtime: vlmchat runtime install", Err: err}
	}
	// A pooling head takes one tensor apart.
	m.weights = m.backend.NewWeights(len(c.file.Names())+8, c.file.Mapped())
	w := &weights{file: c.file, loaded: m.weights}
	m.vision, m.text = newVision(w, c.Config), newText(w, c.Config)
	if w.err != nil {
		m.Close()
		return nil, c.invalid(w.err)
	}
	if err := m.weights.Load(progress); err != nil {
		m.Close()
		return nil, c.failed("loading", err)
	}
	if err := m.reserve(); err != nil {
		m.Close()
		return nil, c.failed("loading", err)
	}
	return m, nil
}

// reserve makes sure that the device can compute both towers, and takes the memory for the
// largest graphs that there will be, as llama.cpp does. What grew later might find no room any
// more. And Mesa's software driver 22.3 would not survive it: ggml's sets of descriptors go on
// naming a buffer that was freed, where no shader looks, and that driver looks there.
func (m *Model) reserve() error {
	pictures := m.picturesAtOnce()
	patches := make([]float32, pictures*m.vision.numbers())
	// As many texts of full length as have at least the tokens that are computed at once.
	length := m.text.config.Length
	texts := slices.Repeat([][]int32{make([]int32, length)}, tokensAtOnce/length+1)
	for _, build := range []func(*llamacpp.Graph) llamacpp.Tensor{
		func(g *llamacpp.Graph) llamacpp.Tensor { return m.vision.build(g, patches, pictures) },
		func(g *llamacpp.Graph) llamacpp.Tensor { return m.text.build(g, texts) },
	} {
		g := m.backend.NewGraph()
		err := g.Prepare(build(g))
		g.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// SetThreads sets with how many threads the next pictures and texts are computed.
func (m *Model) SetThreads(n int) { m.backend.SetThreads(n) }

// Close frees the model.
func (m *Model) Close() {
	if m.weights != nil {
		m.weights.Close()
	}
	if m.backend != nil {
		m.backend.Close()
	}
	m.checkpoint.file.Close()
}

// Most of what is computed at once. On a CPU a product of few columns waits for the weights
// to be read, and one of many for the columns; a GPU is busy with several pictures only.
const (
	picturesOnGPU  = 8
	positionsOnCPU = 200 // of pictures
	tokensAtOnce   = 512
)

// picturesAtOnce is how many pictures are computed at once.
func (m *Model) picturesAtOnce() int {
	if m.backend.Device.Type != llamacpp.CPU {
		return picturesOnGPU
	}
	return max(1, positionsOnCPU/m.vision.length())
}

// Pictures returns a vector of unit length for each picture, given as Pixels prepares it.
func (m *Model) Pictures(ctx context.Context, pixels [][]byte) ([][]float32, error) {
	size := int(m.vision.config.Size)
	for _, p := range pixels {
		if len(p) != 3*size*size {
			return nil, fmt.Errorf("%d bytes are no picture of %d × %d pixels", len(p), size, size)
		}
	}
	n := m.vision.numbers()
	var vectors [][]float32
	for some := range slices.Chunk(pixels, m.picturesAtOnce()) {
		patches := make([]float32, n*len(some))
		for i, p := range some {
			m.vision.gather(p, &m.checkpoint.levels, patches[i*n:(i+1)*n])
		}
		v, err := m.compute(ctx, len(some), func(g *llamacpp.Graph) llamacpp.Tensor {
			return m.vision.build(g, patches, len(some))
		})
		if err != nil {
			return nil, m.checkpoint.failed("encoding a picture with", err)
		}
		vectors = append(vectors, v...)
	}
	return vectors, nil
}

// Texts returns a vector of unit length for each text, given as Tokens prepares it.
func (m *Model) Texts(ctx context.Context, tokens [][]int32) ([][]float32, error) {
	for _, text := range tokens {
		if len(text) == 0 || len(text) > m.text.config.Length {
			return nil, fmt.Errorf("a text of %d tokens is not between 1 and %d", len(text), m.text.config.Length)
		}
		for _, token := range text {
			if token < 0 || int(token) >= m.text.config.Vocabulary {
				return nil, fmt.Errorf("there is no token %d among the model's %d", token, m.text.config.Vocabulary)
			}
		}
	}
	// Those of about the same length are computed together.
	order := make([]int, len(tokens))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(tokens[a]), len(tokens[b])) })
	vectors := make([][]float32, len(tokens))
	for len(order) > 0 {
		var some [][]int32
		for len(some) < len(order) {
			next := append(some, tokens[order[len(some)]])
			if len(some) > 0 && len(next)*m.text.length(next) > tokensAtOnce {
				break
			}
			some = next
		}
		v, err := m.compute(ctx, len(some), func(g *llamacpp.Graph) llamacpp.Tensor { return m.text.build(g, some) })
		if err != nil {
			return nil, m.checkpoint.failed("encoding a text with", err)
		}
		for i := range some {
			vectors[order[i]] = v[i]
		}
		order = order[len(some):]
	}
	return vectors, nil
}

// compute computes a graph that makes n vectors.
func (m *Model) compute(ctx context.Context, n int, build func(*llamacpp.Graph) llamacpp.Tensor) ([][]float32, error) {
	g := m.backend.NewGraph()
	defer g.Close()
	values, err := g.Compute(ctx, build(g))
	if err != nil {
		return nil, err
	}
	var vectors [][]float32
	for v := range slices.Chunk(values, len(values)/n) {
		if !engine.ToUnit(v) {
			return nil, errNaN
		}
		vectors = append(vectors, v)
	}
	return vectors, nil
}

// errNaN is for weights that are damaged.
var errNaN = errors.New("it computes what is not a number: its weights are damaged, or too large for their type")

// failed says what could not be done with the checkpoint.
func (c *Checkpoint) failed(doing string, err error) error {
	if errors.Is(err, llamacpp.ErrCancelled) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("%s %s: %v", doing, c.Name, err), Err: err}
	var unsupported *llamacpp.UnsupportedError
	switch {
	case errors.Is(err, errNaN):
		e.Kind = engine.ModelInvalid
		e.Hint = "get the checkpoint again"
	case errors.Is(err, llamacpp.ErrNoMemory):
		e.Kind = engine.OutOfMemory
	case errors.As(err, &unsupported):
		e.Kind = engine.NoDevice
	}
	return e
}
