package native

import (
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// shape is a model by its published hyperparameters and the sizes of its files.
type shape struct {
	layers, heads, head int // attention heads of the KV cache and their numbers
	width, inner, vocab int
	trained             int
	weights, embeddings int64 // in bytes
	projector           int64
	tied                bool
}

func (m shape) needs() needs {
	n := needs{
		trained: m.trained, embeddings: m.embeddings, tied: m.tied, projector: m.projector,
		vocabulary: m.vocab, perToken: 3*m.inner + 5*m.width, perOutput: m.vocab + 6*m.width, masks: 1, perMask: 2, sequences: 16,
		repacked: make([]int64, m.layers+1),
	}
	for range m.layers {
		n.layers = append(n.layers, (m.weights-2*m.embeddings)/int64(m.layers))
		n.cached = append(n.cached, layerCache{perToken: int64(2 * 2 * m.heads * m.head)}) // f16, keys and values
	}
	n.layers, n.cached = append(n.layers, m.embeddings), append(n.cached, layerCache{})
	return n
}

const mb, gb = 1_000_000, 1_000_000_000

var (
	smolVLM2 = shape{32, 5, 64, 960, 2560, 49280, 8192, 530 * mb, 50 * mb, 109 * mb, true} // 500M, Q8_0
	qwen7B   = shape{28, 4, 128, 3584, 18944, 152064, 128000, 4683 * mb, 370 * mb, 1350 * mb, false}
	llava7B  = shape{32, 32, 128, 4096, 11008, 32064, 4096, 4080 * mb, 90 * mb, 624 * mb, false}
	gemma12B = shape{48, 8, 256, 3840, 15360, 262208, 131072, 7300 * mb, 800 * mb, 854 * mb, true}
	pixtral  = shape{40, 8, 128, 5120, 14336, 131072, 1024000, 7480 * mb, 450 * mb, 870 * mb, false}
	qwen72B  = shape{80, 8, 128, 8192, 29568, 152064, 32768, 47400 * mb, 900 * mb, 1400 * mb, false}
)

// on is a space with so much free for the CPU, and on devices.
func on(host int64, rooms ...int64) space {
	return space{host: host, rooms: rooms, home: min(0, len(rooms)-1), layers: AllLayers}
}

func TestContextSize(t *testing.T) {
	t.Parallel()
	few, kept := on(16*gb, 23*gb), on(16*gb, 7500*mb)
	few.layers, kept.home = 10, -1
	shared, full := on(12*gb, 11*gb), on(6500*mb, 11*gb)
	shared.shared, full.shared = true, true
	for _, c := range []struct {
		name  string
		model shape
		space space
		want  int
	}{
		{"a small model in a small machine", smolVLM2, on(2 * gb), 8192},
		{"just the usual size", smolVLM2, on(1200 * mb), 8192},
		{"not quite", smolVLM2, on(900 * mb), 3072},
		{"the weights alone are larger", smolVLM2, on(300 * mb), 2048},
		{"no memory at all", smolVLM2, on(100 * mb), 0},
		{"all used up", smolVLM2, on(0), 0},
		{"plenty", qwen7B, on(64 * gb), 32768},
		{"a usual machine", qwen7B, on(16 * gb), 32768},
		{"most of it is the model's", qwen7B, on(8 * gb), 8192},
		{"the last room goes to the usual size", qwen7B, on(7 * gb), 8192},
		{"less room", qwen7B, on(6700 * mb), 4096},
		{"weights that are read again and again", qwen7B, on(4 * gb), 2048},
		{"no more than trained", llava7B, on(64 * gb), 4096},
		{"many heads take much", llava7B, on(6500 * mb), 2048},
		{"half a terabyte", gemma12B, on(512 * gb), 32768},
		{"a large cache in a usual machine", gemma12B, on(16 * gb), 8192},
		{"a large cache, less room", gemma12B, on(10500 * mb), 6144},
		{"trained for a million", pixtral, on(32 * gb), 32768},
		{"trained for a million, less room", pixtral, on(12 * gb), 8192},
		{"a large model", qwen72B, on(128 * gb), 32768},
		{"a large model, just so", qwen72B, on(56 * gb), 8192},
		{"a large model in too small a machine", qwen72B, on(32 * gb), 2048},
		{"nobody tells the memory", qwen7B, on(unknownSpace), 8192},
		{"nobody tells the memory or how it was trained", shape{layers: 2, vocab: 9, weights: 10}, on(unknownSpace), 8192},
		{"nobody tells the memory, a short training", llava7B, on(unknownSpace), 4096},

		{"a GPU that is filled", qwen7B, on(16*gb, 7500*mb), 8192},
		{"a large GPU", qwen7B, on(16*gb, 23*gb), 32768},
		{"a large GPU, nobody tells the rest", qwen7B, on(unknownSpace, 23*gb), 32768},
		{"a large GPU in a small machine", qwen7B, on(1*gb, 23*gb), 32768},
		{"two GPUs", gemma12B, on(16*gb, 11*gb, 11*gb), 8192},
		{"two larger ones", gemma12B, on(16*gb, 23*gb, 23*gb), 16384},
		{"a very large one", qwen72B, on(16*gb, 76*gb), 16384},
		{"a small GPU, as many layers as with the usual size", qwen7B, on(16*gb, 3500*mb), 8192},
		{"a small GPU in a small machine", qwen7B, on(3700*mb, 3500*mb), 3072},
		{"ten layers are wanted there", qwen7B, few, 32768},
		{"the projector stays on the CPU", qwen7B, kept, 12288},
		{"a GPU without memory of its own", qwen7B, shared, 16384},
		{"a GPU without memory of its own, and little of it", qwen7B, full, 2048},
	} {
		n := c.model.needs()
		got := n.contextSize(c.space)
		if got != c.want {
			t.Errorf("%s: %d tokens, want %d; the KV cache has %.1f GB, there are %.1f GB and %d on devices, which take %+v",
				c.name, got, c.want, n.cache(0, len(n.layers), got)/1e9, gigabytes(c.space.host), c.space.rooms, n.place(got, c.space))
		}
	}
}

// More memory never means a smaller context, and a larger one than usual never
// takes a layer from a device.
func TestContextSizeGrows(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]shape{"smolVLM2": smolVLM2, "qwen7B": qwen7B, "llava7B": llava7B, "gemma12B": gemma12B, "pixtral": pixtral, "qwen72B": qwen72B} {
		n := m.needs()
		for _, gpu := range []bool{false, true} {
			last := 0
			for gigabyte := range int64(100) {
				sp := on(gigabyte * gb)
				if gpu {
					sp = on(64*gb, gigabyte*gb)
				}
				size := n.contextSize(sp)
				if size < last && !gpu { // with more layers there, buffers go there, too
					t.Errorf("%s: %d GB give %d tokens, and one less gives %d", name, gigabyte, size, last)
				}
				last = size
				if most := n.largest(); size > most || size != 0 && size < min(leastContext, most) {
					t.Errorf("%s: %d tokens", name, size)
				}
				if usual := min(usualContext, n.largest()); size > usual && n.place(size, sp) != n.place(usual, sp) {
					t.Errorf("%s: with %d GB, %+v has a place beside %d tokens, and %+v beside %d", name, gigabyte, n.place(size, sp), size, n.place(usual, sp), usual)
				}
			}
		}
	}
}

func TestContextSizes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		least, most int
		want        []int
	}{
		{2048, 32768, []int{32768, 24576, 16384, 12288, 8192, 6144, 4096, 3072, 2048}},
		{2048, 10000, []int{10000, 8192, 6144, 4096, 3072, 2048}},
		{500, 500, []int{500}},
	} {
		if got := contextSizes(c.least, c.most); !slices.Equal(got, c.want) {
			t.Errorf("from %d to %d there are %d", c.least, c.most, got)
		}
	}
}

// The model's own figures and this machine's memory decide.
func TestAutoContext(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.ContextSize = AutoContext
	for trained, want := range map[uint32]int{1500: 1536, 20_000: 20_224, 100_000: 32768} { // multiples of 256
		o.Model.Path = variant(t, "model.gguf", hostile.Number("llama.context_length", trained))
		e := open(t, o)
		info, err := e.Info(t.Context())
		if err != nil || info.ContextSize != want {
			t.Errorf("trained for %d tokens, the context has %d, %v", trained, info.ContextSize, err)
		}
	}
}

// What to try when a context can't be allocated.
func TestLessContext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size        int
		fewerLayers bool
		want        int
	}{
		{32768, true, 16384}, {12288, true, 8192}, {8192, true, 0}, {4096, true, 0},
		{12288, false, 6144}, {8192, false, 4096}, {3072, false, 2048}, {2048, false, 0}, {512, false, 0},
	} {
		if got := lessContext(c.size, c.fewerLayers); got != c.want {
			t.Errorf("after %d tokens, fewer layers on devices %v: %d, want %d", c.size, c.fewerLayers, got, c.want)
		}
	}
}
