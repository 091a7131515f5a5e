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
func (l *Library) LoadModel(path string, progress func(float32) bool) (*Model, error) {
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

	name := cString(path)
	ptr := l.llama.ModelLoadFromFile.callByValue(params.object(), addr(name))
	runtime.KeepAlive(name)
	switch {
	case ptr == 0 && stopped.Load():
		return nil, ErrCancelled
	case ptr == 0:
		return nil, errLoad
	}
	return &Model{lib: l, ptr: ptr, vocab: l.llama.ModelGetVocab.call(ptr)}, nil
}

// Close frees the model. Contexts and projectors made with it go first.
func (m *Model) Close() { m.lib.llama.ModelFree.call(m.ptr) }

// ContextSize is the number of tokens that the model was trained for.
func (m *Model) ContextSize() int { return int(m.lib.llama.ModelNCtxTrain.callInt(m.ptr)) }

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

// Description is a short text such as "llama 7B Q4_K - Medium".
func (m *Model) Description() string {
	buf := make([]byte, 256)
	n := m.lib.llama.ModelDesc.callInt(m.ptr, addr(buf), uintptr(len(buf)))
	return string(buf[:clamp(n, len(buf)-1)])
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
