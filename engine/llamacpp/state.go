package llamacpp

import (
	"errors"
	"fmt"
	"runtime"
)

// errNoState is returned by RestoreState for a whole state that llama.cpp
// refuses all the same.
var errNoState = errors.New("llama.cpp refuses the saved state: it does not fit this context")

// StateSize is how many bytes SaveState makes of a sequence, at most.
func (c *Context) StateSize(seq int) int {
	return stateHeader + int(c.lib.llama.StateSeqGetSize.call(c.ptr, cInt(seq)))
}

// SaveState copies what a sequence holds, its keys and values. The logits of the
// last token are not part of it. model says which model that is, and whatever else the
// state depends on, such as the type of the KV cache: RestoreState has to be told the same.
func (c *Context) SaveState(seq int, model string) ([]byte, error) {
	f := &c.lib.llama
	size := f.StateSeqGetSize.call(c.ptr, cInt(seq))
	sealed := make([]byte, stateHeader+int(size))
	state := sealed[stateHeader:]
	n := f.StateSeqGetData.call(c.ptr, addr(state), size, cInt(seq))
	runtime.KeepAlive(sealed)
	if n == 0 || n > size {
		return nil, fmt.Errorf("llama.cpp could not save the context's state of %d bytes", size)
	}
	sealed = sealed[:stateHeader+int(n)]
	sealState(sealed, c.stateOf(model))
	return sealed, nil
}

// RestoreState replaces what a sequence holds by a saved state. llama.cpp
// trusts these bytes, and takes any memory that they ask for: only those that
// SaveState returned, for the same model and by the same build of llama.cpp,
// come to it. After an error the sequence is empty.
func (c *Context) RestoreState(seq int, sealed []byte, model string) error {
	c.Drop(seq)
	state, err := openState(sealed, c.stateOf(model))
	if err != nil {
		return err
	}
	n := c.lib.llama.StateSeqSetData.call(c.ptr, addr(state), uintptr(len(state)), cInt(seq))
	runtime.KeepAlive(state)
	if n == 0 || n != uintptr(len(state)) {
		c.Drop(seq)
		return errNoState
	}
	return nil
}

// stateOf is what a state belongs to: the format is llama.cpp's own, and moves
// between its builds.
func (c *Context) stateOf(model string) string {
	return c.lib.Version + "\x00" + c.lib.Commit + "\x00" + model
}
