package llamacpp

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// Context is a model at work: its KV cache and compute buffers. It has one
// sequence, number 0. One goroutine uses it at a time, only Cancel may be
// called from any.
type Context struct {
	lib    *Library
	model  *Model
	ptr    uintptr
	memory uintptr // the context itself in builds whose functions on the KV cache take that
	cancel cancelFlag
	batch  batch
}

// ContextOptions says how large a context is and how it computes. Zero leaves a
// choice to llama.cpp: the context size that the model was trained for, keys and
// values as f16, and a batch of 2048 tokens computed 512 at a time.
type ContextOptions struct {
	Size    int // in tokens
	Threads int // for generation; prompts use as many until SetThreads says otherwise

	Flash FlashAttention
	Cache CacheType // of the keys and values
}

// NewContext allocates a context.
func (m *Model) NewContext(o ContextOptions) (*Context, error) {
	l := m.lib
	var params paramsBuffer
	l.llama.ContextDefaultParams.fillByValue(&params)
	c := l.layout.context
	params.setInt(c.NCtx, int32(o.Size))
	params.setInt(c.NThreads, int32(o.Threads))
	params.setInt(c.NThreadsBatch, int32(o.Threads))
	params.setBool(c.NoPerf, true)
	if c.FlashAttn.has() {
		params.setInt(c.FlashAttn, o.Flash.enum())
	} else if c.FlashAttnBool.has() { // which is no by itself
		params.setBool(c.FlashAttnBool, o.Flash == FlashOn || o.Cache.Quantised())
	}
	if o.Cache.Block > 0 {
		params.setInt(c.TypeK, o.Cache.id)
		params.setInt(c.TypeV, o.Cache.id)
	}
	ptr := l.llama.InitFromModel.callByValue(params.object(), m.ptr)
	if ptr == 0 {
		return nil, errors.New("llama.cpp could not make a context, for want of memory or for a model that it can't run")
	}
	// The last proof that the parameters were written where the library reads
	// them: fields on both sides of this one have moved between builds.
	if got := int(l.llama.NThreads.callInt(ptr)); o.Threads > 0 && got != o.Threads {
		l.llama.Free.call(ptr)
		return nil, fmt.Errorf("%s reads its struct %s in a way that is not known: it has %d threads, and %d were set", l.name(), contextStruct, got, o.Threads)
	}
	ctx := &Context{lib: l, model: m, ptr: ptr, memory: ptr, cancel: newCancelFlag()}
	if l.llama.GetMemory != 0 {
		ctx.memory = l.llama.GetMemory.call(ptr)
	}
	ctx.batch = newBatch(ctx.BatchSize())
	l.llama.SetAbortCallback.call(ptr, l.strlen, ctx.cancel.address())
	return ctx, nil
}

// Close frees the context.
func (c *Context) Close() {
	c.lib.llama.Free.call(c.ptr)
	runtime.KeepAlive(c.cancel.word)
}

// Size is the number of tokens that the context holds. It can be more than was
// asked for.
func (c *Context) Size() int { return int(c.lib.llama.NCtx.callInt(c.ptr)) }

// BatchSize is the number of tokens that one Decode takes at most.
func (c *Context) BatchSize() int { return int(c.lib.llama.NBatch.callInt(c.ptr)) }

// SetThreads sets the number of threads for generation and for prompts.
func (c *Context) SetThreads(generate, prompt int) {
	c.lib.llama.SetNThreads.call(c.ptr, cInt(generate), cInt(prompt))
}

// Cancel stops a Decode under way, and those to come until Resume. It may be
// called from any goroutine.
func (c *Context) Cancel() { c.cancel.set() }

// Resume ends the effect of Cancel.
func (c *Context) Resume() { c.cancel.clear() }

// Cancelled reports whether Cancel is in effect.
func (c *Context) Cancelled() bool { return c.cancel.get() }

// Truncate forgets all positions from pos on. It reports whether the sequence
// can go on from there: recurrent models can't go back, and models with a
// sliding window only as far as the window's keys are still there. If not, only
// Clear is left.
func (c *Context) Truncate(pos int) bool {
	f := &c.lib.llama
	if f.MemorySeqRm.callBool(c.memory, 0, cInt(pos), cInt(-1)) {
		window := 0
		if f.ModelNSWA != 0 {
			window = int(f.ModelNSWA.callInt(c.model.ptr))
		}
		oldest := int(f.MemorySeqPosMin.callInt(c.memory, 0))
		return oldest <= max(0, pos-window)
	}
	return false
}

// Clear forgets everything.
func (c *Context) Clear() { c.lib.llama.MemoryClear.call(c.memory, 1) }

// ErrContextFull is returned by Decode when the KV cache has no room left.
var ErrContextFull = errors.New("the context is full")

// ErrNoMemory is returned by Decode when there was no memory to compute in.
var ErrNoMemory = errors.New("llama.cpp could not allocate memory to compute in")

// DecodeTokens computes tokens at the positions from pos on, at most BatchSize
// of them. With logits, the last one's are kept for Sampler.Sample. After an
// error the positions from pos on hold nothing certain: Truncate them.
func (c *Context) DecodeTokens(tokens []Token, pos int, logits bool) error {
	if len(tokens) == 0 || len(tokens) > len(c.batch.pos) {
		return fmt.Errorf("%d tokens for a batch of %d", len(tokens), len(c.batch.pos))
	}
	for i := range tokens {
		c.batch.pos[i] = int32(pos + i)
	}
	c.batch.logits[len(tokens)-1] = int8(cBool(logits))
	err := c.decode(len(tokens), addr(tokens), 0, c.batch.pos)
	c.batch.logits[len(tokens)-1] = 0
	runtime.KeepAlive(tokens)
	return err
}

// decode runs llama_decode on n tokens or embeddings.
func (c *Context) decode(n int, tokens, embeddings uintptr, pos []int32) error {
	b := &c.batch
	object := &b.object
	*(*int32)(unsafe.Pointer(&object[0])) = int32(n)
	object[1], object[2] = tokens, embeddings
	object[3], object[4] = addr(pos), addr(b.nSeqID)
	object[5], object[6] = addr(b.seqID), addr(b.logits)
	switch rc := int32(c.lib.llama.Decode.callByValue(object[:], c.ptr)); {
	case rc == 0:
		return nil
	case rc == 2 || c.cancel.get():
		return ErrCancelled
	case rc == 1:
		return ErrContextFull
	case rc == -2:
		return ErrNoMemory
	default:
		return fmt.Errorf("llama_decode failed with code %d", rc)
	}
}

// batch is the memory of a struct llama_batch whose tokens all belong to
// sequence 0.
type batch struct {
	object [7]uintptr // n_tokens, token, embd, pos, n_seq_id, seq_id, logits
	pos    []int32
	nSeqID []int32
	seqID  []uintptr // each points to zero
	zero   []int32
	logits []int8
}

func newBatch(n int) batch {
	b := batch{
		pos: make([]int32, n), nSeqID: make([]int32, n), seqID: make([]uintptr, n),
		zero: make([]int32, 1), logits: make([]int8, n),
	}
	for i := range n {
		b.nSeqID[i], b.seqID[i] = 1, addr(b.zero)
	}
	return b
}
