package llamacpp

import (
	"sync/atomic"
	"unsafe"
)

// cancelFlag is asked by C whether to go on. llama.cpp asks some hundred times
// a token, and a callback into Go would cost more than a small model's token.
// So the callback is C's own strlen: it reads the flag's bytes as a string,
// which is empty ("go on") or one byte long ("stop"; the low byte of strlen's
// result is C's true).
type cancelFlag struct{ word *uint32 }

func newCancelFlag() cancelFlag {
	// Two words, so that the string always ends within the allocation.
	return cancelFlag{word: &(&[2]uint32{})[0]}
}

func (f cancelFlag) set()      { atomic.StoreUint32(f.word, 1) }
func (f cancelFlag) clear()    { atomic.StoreUint32(f.word, 0) }
func (f cancelFlag) get() bool { return atomic.LoadUint32(f.word) != 0 }

// address is what C reads. The flag stays where it is for as long as the
// cancelFlag is referenced.
func (f cancelFlag) address() uintptr { return uintptr(unsafe.Pointer(f.word)) }
