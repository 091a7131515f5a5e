package llamacpp

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// Context is a model at work: its KV cache and compute buffers. One goroutine
// uses it at a time, only Cancel may be called from any.
type Context struct {
	lib       *Library
	model     *Model
	ptr       uintptr
	memory    uintptr // the context itself in builds whose functions on the KV cache take that
	cancel    cancelFlag
	batchSize int
	window    int    // how far back a layer with a sliding window looks; 0: there is none
	single    *Batch // of one sequence's tokens or embeddings
}

// ContextOptions says how large a context is and how it computes. Zero leaves a
// choice to llama.cpp: the context size that the model was trained for, keys and
// values as f16, and a batch of 2048 tokens computed 512 at a time.
type ContextOptions struct {
	Size      int // in tokens, of all sequences together
	Sequences int // how many there can be at once, numbered from 0; 0 is one
	Threads   int // for generation; prompts use as many until SetThreads says otherwise

	Flash FlashAttention
	Cache CacheType // of the keys and values
	LoRAs []LoRA    // of the model, all that were loaded

	// AtOnce is how many tokens have to be computed at once, if that is more than
	// llama.cpp's own choice.
	AtOnce int

	// Embeddings makes a context for an Embedding in place of one for logits.
	Embeddings bool
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
	params.setInt(c.NSeqMax, int32(max(1, o.Sequences)))
	if c.KVUnified.has() { // builds without it know nothing else
		params.setBool(c.KVUnified, true)
	}
	if o.AtOnce > int(defaults[contextStruct]["n_ubatch"]) {
		params.setInt(c.NUbatch, int32(o.AtOnce))
		params.setInt(c.NBatch, int32(max(o.AtOnce, int(defaults[contextStruct]["n_batch"]))))
	}
	if o.Embeddings {
		params.setBool(c.Embeddings, true)
		kind := m.pooling()
		if !m.builtIn() {
			kind = poolingNone
		}
		params.setInt(c.Pooling, int32(kind))
	}
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
	if err := l.setLoRAs(ptr, o.LoRAs); err != nil {
		l.llama.Free.call(ptr)
		return nil, err
	}
	ctx := &Context{lib: l, model: m, ptr: ptr, memory: ptr, cancel: newCancelFlag()}
	if l.llama.GetMemory != 0 {
		ctx.memory = l.llama.GetMemory.call(ptr)
	}
	if l.llama.ModelNSWA != 0 {
		ctx.window = int(l.llama.ModelNSWA.callInt(m.ptr))
	}
	ctx.batchSize = int(l.llama.NBatch.callInt(ptr))
	ctx.single = NewBatch(ctx.batchSize)
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
func (c *Context) BatchSize() int { return c.batchSize }

// AtOnce is the number of tokens of a Decode that are computed at once.
func (c *Context) AtOnce() int { return int(c.lib.llama.NUbatch.callInt(c.ptr)) }

// SetThreads sets the number of threads for generation and for prompts.
func (c *Context) SetThreads(generate, prompt int) {
	c.lib.llama.SetNThreads.call(c.ptr, cInt(generate), cInt(prompt))
}

// Cancel stops a Decode under way, and those to come until Resume. It may be
// called from any goroutine.
func (c *Context) Cancel() { c.cancel.set() }

// Resume ends the effect of Cancel.
func (c *Context) Resume() { c.cancel.clear() }

// ErrContextFull is returned by Decode when the KV cache has no room left.
var ErrContextFull = errors.New("the context is full")

// ErrNoMemory is returned by Decode when there was no memory to compute in.
var ErrNoMemory = errors.New("llama.cpp could not allocate memory to compute in")

// Decode computes a batch of tokens. Those of which the batch wants logits have
// them until the next Decode. After an error nothing is certain of the batch's
// tokens: Truncate their sequences to the positions before them.
func (c *Context) Decode(b *Batch) error {
	if n := len(b.tokens); n == 0 || n > c.batchSize {
		return fmt.Errorf("%d tokens for a batch of %d", n, c.batchSize)
	}
	err := c.decode(b, len(b.tokens), addr(b.tokens), 0, b.pos)
	runtime.KeepAlive(b)
	return err
}

// DecodeTokens computes tokens of a sequence at the positions from pos on. With
// logits, the last one's are kept.
func (c *Context) DecodeTokens(seq int, tokens []Token, pos int, logits bool) error {
	if len(tokens) > c.batchSize {
		return fmt.Errorf("%d tokens for a batch of %d", len(tokens), c.batchSize)
	}
	c.single.Reset()
	for i, t := range tokens {
		c.single.Add(t, pos+i, seq, logits && i == len(tokens)-1)
	}
	return c.Decode(c.single)
}

// decode runs llama_decode on n tokens or embeddings of a batch.
func (c *Context) decode(b *Batch, n int, tokens, embeddings uintptr, pos []int32) error {
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

// Logits returns what the model makes of the token that the last Decode had at
// index, or of its last one with -1: a number for each token of the vocabulary,
// valid until the next Decode. It is nil if none were wanted there.
func (c *Context) Logits(index int) []float32 {
	if c.lib.llama.GetLogitsIth == 0 {
		return nil
	}
	p := c.lib.llama.GetLogitsIth.call(c.ptr, cInt(index))
	if p == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(pointer(p)), c.model.VocabSize())
}
