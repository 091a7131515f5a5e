package llamacpp

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
)

// Model is a language model: its weights and its vocabulary.
type Model struct {
	lib   *Library
	ptr   uintptr
	vocab uintptr
	loras []uintptr // what LoadLoRA loaded
}

// ModelOptions says where a model's weights go.
type ModelOptions struct {
	Devices     []Device // that take layers, such as GPUs; none leaves all to the CPU
	Layers      int      // that go there, the last ones first; the output layer is one of them
	Split       SplitMode
	MainDevice  int       // index in Devices of the one that has all with SplitNone
	TensorSplit []float32 // shares of Devices; nil goes by their free memory
}

// ErrCancelled is returned by a call that Cancel, or a progress function,
// stopped.
var ErrCancelled = errors.New("cancelled")

// errLoad is what the C API tells of a failed load: nothing. The log has the
// reason.
var errLoad = errors.New("llama.cpp could not load it")

// One callback serves all loads of the process, as callbacks are never freed.
var loading struct {
	sync.Mutex
	once     sync.Once
	callback uintptr
	progress func(float32) bool
}

// LoadModel reads a GGUF file. progress is told how much is loaded, 0 to 1 (0
// where that is not known), and may stop the load by returning false.
func (l *Library) LoadModel(path string, o ModelOptions, progress func(float32) bool) (*Model, error) {
	loading.Lock()
	defer loading.Unlock()
	loading.once.Do(func() {
		loading.callback = progressCallback(func(p float32) bool { return loading.progress(p) })
	})
	var stopped atomic.Bool
	loading.progress = func(p float32) bool {
		if progress(p) {
			return true
		}
		stopped.Store(true)
		return false
	}
	var params paramsBuffer
	l.llama.ModelDefaultParams.fillByValue(&params)
	params.setPointer(l.layout.model.ProgressCallback, loading.callback)
	devices, shares := l.place(&params, o)

	name := cString(path)
	ptr := l.llama.ModelLoadFromFile.callByValue(params.object(), addr(name))
	runtime.KeepAlive(name)
	runtime.KeepAlive(devices)
	runtime.KeepAlive(shares)
	switch {
	case ptr == 0 && stopped.Load():
		return nil, ErrCancelled
	case ptr == 0:
		return nil, errLoad
	}
	return &Model{lib: l, ptr: ptr, vocab: l.llama.ModelGetVocab.call(ptr)}, nil
}

// place writes into params where the weights go. What it returns has to be kept
// alive while the model is loaded.
func (l *Library) place(params *paramsBuffer, o ModelOptions) (devices []uintptr, shares []float32) {
	// An empty list is none; without a list llama.cpp takes all that there are.
	devices = make([]uintptr, len(o.Devices)+1)
	for i, d := range o.Devices {
		devices[i] = d.handle
	}
	at := l.layout.model
	params.setPointer(at.Devices, addr(devices))
	params.setInt(at.NGPULayers, int32(o.Layers))
	if len(o.Devices) > 0 {
		// Older builds refuse a main device where there is none to be it.
		params.setInt(at.SplitMode, int32(o.Split))
		params.setInt(at.MainGPU, int32(o.MainDevice))
	}
	if o.TensorSplit != nil {
		// As many as llama.cpp reads, which can be fewer than are named.
		shares = make([]float32, max(len(o.TensorSplit), int(l.llama.MaxDevices.call())))
		copy(shares, o.TensorSplit)
		params.setPointer(at.TensorSplit, addr(shares))
	}
	return devices, shares
}

// Close frees the model and its adapters. Contexts and projectors made with it go
// first.
func (m *Model) Close() {
	m.freeLoRAs()
	m.lib.llama.ModelFree.call(m.ptr)
}

// ContextSize is the number of tokens that the model was trained for.
func (m *Model) ContextSize() int { return int(m.lib.llama.ModelNCtxTrain.callInt(m.ptr)) }

// Layers is the number of layers that can go to a device: the repeating ones and
// the output layer.
func (m *Model) Layers() int { return int(m.lib.llama.ModelNLayer.callInt(m.ptr)) + 1 }

// HasDecoder reports whether the model can generate text.
func (m *Model) HasDecoder() bool { return m.lib.llama.ModelHasDecoder.callBool(m.ptr) }

// EmbeddingSize is the number of floats that stand for one token in the
// model's input; more than its width for models that take extra picture layers.
func (m *Model) EmbeddingSize() int {
	if m.lib.llama.ModelNEmbdInp != 0 {
		return int(m.lib.llama.ModelNEmbdInp.callInt(m.ptr))
	}
	return int(m.lib.llama.ModelNEmbd.callInt(m.ptr))
}

// Meta returns a metadata value of the model's file as text, "" if it has none.
func (m *Model) Meta(key string) string {
	name, buf := cString(key), make([]byte, 256)
	n := m.lib.llama.ModelMetaValStr.callInt(m.ptr, addr(name), addr(buf), uintptr(len(buf)))
	if int(n) >= len(buf) {
		buf = make([]byte, n+1)
		n = m.lib.llama.ModelMetaValStr.callInt(m.ptr, addr(name), addr(buf), uintptr(len(buf)))
	}
	runtime.KeepAlive(name)
	return string(buf[:clamp(n, len(buf)-1)])
}

// ChatTemplate returns the Jinja template of the model's file, "" if it has none.
func (m *Model) ChatTemplate() string {
	return goString(m.lib.llama.ModelChatTemplate.call(m.ptr, 0))
}

func clamp(n int32, most int) int { return min(max(int(n), 0), most) }
