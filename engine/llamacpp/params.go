package llamacpp

import (
	"encoding/binary"
	"unsafe"
)

// bytes views the buffer's memory.
func (b *paramsBuffer) bytes() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&b.Words[0])), len(b.Words)*int(unsafe.Sizeof(b.Words[0])))
}

// object is the part of the buffer that is passed by value: the struct and the
// zeros behind it.
func (b *paramsBuffer) object() []uintptr { return b.Words[:maxParamsWords] }

func (b *paramsBuffer) setInt(at offset, v int32) {
	binary.LittleEndian.PutUint32(b.bytes()[at:], uint32(v))
}

func (b *paramsBuffer) setBool(at offset, v bool) { b.bytes()[at] = byte(cBool(v)) }

func (b *paramsBuffer) setPointer(at offset, p uintptr) {
	binary.LittleEndian.PutUint64(b.bytes()[at:], uint64(p))
}
