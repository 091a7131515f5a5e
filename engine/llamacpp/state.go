package llamacpp

import (
	"errors"
	"fmt"
	"runtime"
)

// errNoState is returned by RestoreState for bytes that llama.cpp refuses.
var errNoState = errors.New("llama.cpp refuses the saved state: it is another model's, or damaged")

// SaveState copies what the context holds (the keys and values of its
// sequence), in llama.cpp's own format. The logits of the last token are not
// part of it.
func (c *Context) SaveState() ([]byte, error) {
	f := &c.lib.llama
	state := make([]byte, f.StateSeqGetSize.call(c.ptr, 0))
	n := f.StateSeqGetData.call(c.ptr, addr(state), uintptr(len(state)), 0)
	runtime.KeepAlive(state)
	if n == 0 || n > uintptr(len(state)) {
		return nil, fmt.Errorf("llama.cpp could not save the context's state of %d bytes", len(state))
	}
	return state[:n], nil
}

// RestoreState replaces what the context holds by a saved state. llama.cpp
// trusts these bytes: they must be those that SaveState returned, of the same
// build, model and options. After an error the context is empty.
func (c *Context) RestoreState(state []byte) error {
	c.Clear()
	n := c.lib.llama.StateSeqSetData.call(c.ptr, addr(state), uintptr(len(state)), 0)
	runtime.KeepAlive(state)
	if n == 0 || n != uintptr(len(state)) {
		c.Clear()
		return errNoState
	}
	return nil
}
