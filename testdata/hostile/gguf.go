package hostile

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
)

// File is a GGUF file taken apart, to be put together again with whatever makes
// it hostile. It is written for the demo's files, and trusts them.
type File struct {
	Version uint32
	Values  []Value
	Tensors []Tensor
	// Claimed numbers of values and tensors, if they are not 0.
	ClaimedValues, ClaimedTensors uint64
}

// Value is a metadata value: its type and its bytes.
type Value struct {
	Key  string
	Type uint32
	Data []byte
}

// Tensor is a tensor's entry and its data.
type Tensor struct {
	Name  string
	Dims  []uint64
	Type  uint32
	Data  []byte
	Moved uint64 // from where it belongs, in bytes
}

// The types of values, as GGUF numbers them.
const (
	U8      = 0
	I8      = 1
	U16     = 2
	I16     = 3
	U32     = 4
	I32     = 5
	F32     = 6
	Bool    = 7
	Text    = 8
	List    = 9
	U64     = 10
	I64     = 11
	F64     = 12
	align   = 32
	version = 3
)

var widths = map[uint32]int{U8: 1, I8: 1, U16: 2, I16: 2, U32: 4, I32: 4, F32: 4, Bool: 1, U64: 8, I64: 8, F64: 8}

// Open takes a file apart.
func Open(file []byte) *File {
	b, at := file, 0
	take := func(n int) []byte {
		at += n
		return b[at-n : at]
	}
	u32 := func() uint32 { return binary.LittleEndian.Uint32(take(4)) }
	u64 := func() uint64 { return binary.LittleEndian.Uint64(take(8)) }
	text := func() string { return string(take(int(u64()))) }
	take(4)
	f := &File{Version: u32()}
	tensors, values := u64(), u64()
	for range values {
		v := Value{Key: text(), Type: u32()}
		start := at
		switch v.Type {
		case Text:
			text()
		case List:
			of, n := u32(), u64()
			for range n {
				if of == Text {
					text()
				} else {
					take(widths[of])
				}
			}
		default:
			take(widths[v.Type])
		}
		v.Data = slices.Clone(b[start:at])
		f.Values = append(f.Values, v)
	}
	var offsets []uint64
	for range tensors {
		t := Tensor{Name: text()}
		for range u32() {
			t.Dims = append(t.Dims, u64())
		}
		t.Type = u32()
		offsets = append(offsets, u64())
		f.Tensors = append(f.Tensors, t)
	}
	data := b[padded(at):]
	offsets = append(offsets, uint64(len(data)))
	for i := range f.Tensors {
		f.Tensors[i].Data = data[offsets[i]:offsets[i+1]]
	}
	return f
}

func padded(n int) int { return (n + align - 1) / align * align }

// Header is the file without its tensors' data.
func (f *File) Header() []byte {
	b := binary.LittleEndian.AppendUint32([]byte("GGUF"), f.Version)
	count := func(claimed uint64, real int) uint64 {
		if claimed != 0 {
			return claimed
		}
		return uint64(real)
	}
	b = binary.LittleEndian.AppendUint64(b, count(f.ClaimedTensors, len(f.Tensors)))
	b = binary.LittleEndian.AppendUint64(b, count(f.ClaimedValues, len(f.Values)))
	for _, v := range f.Values {
		b = binary.LittleEndian.AppendUint32(appendText(b, v.Key), v.Type)
		b = append(b, v.Data...)
	}
	offset := 0
	for _, t := range f.Tensors {
		b = binary.LittleEndian.AppendUint32(appendText(b, t.Name), uint32(len(t.Dims)))
		for _, n := range t.Dims {
			b = binary.LittleEndian.AppendUint64(b, n)
		}
		b = binary.LittleEndian.AppendUint32(b, t.Type)
		b = binary.LittleEndian.AppendUint64(b, uint64(offset)+t.Moved)
		offset += padded(len(t.Data))
	}
	return append(b, make([]byte, padded(len(b))-len(b))...)
}

// Bytes puts the file together.
func (f *File) Bytes() []byte {
	b := f.Header()
	for _, t := range f.Tensors {
		b = append(b, t.Data...)
		b = append(b, make([]byte, padded(len(t.Data))-len(t.Data))...)
	}
	return b
}

// Set replaces a value, or adds it.
func (f *File) Set(v Value) {
	for i := range f.Values {
		if f.Values[i].Key == v.Key {
			f.Values[i] = v
			return
		}
	}
	f.Values = append(f.Values, v)
}

// Remove takes a value out.
func (f *File) Remove(key string) {
	f.Values = slices.DeleteFunc(f.Values, func(v Value) bool { return v.Key == key })
}

// Tensor returns a tensor by its name.
func (f *File) Tensor(name string) *Tensor {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i]
		}
	}
	panic("the demo has no tensor " + name)
}

func appendText(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}

// Number is a value of an unsigned 32-bit number.
func Number(key string, n uint32) Value {
	return Value{key, U32, binary.LittleEndian.AppendUint32(nil, n)}
}

// String is a value of a text.
func String(key, s string) Value { return Value{key, Text, appendText(nil, s)} }

// Numbers is an array of signed 32-bit numbers.
func Numbers(key string, all ...int32) Value {
	b := listOf(I32, len(all))
	for _, n := range all {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return Value{key, List, b}
}

// Floats is an array of 32-bit floats.
func Floats(key string, all ...float32) Value {
	b := listOf(F32, len(all))
	for _, n := range all {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(n))
	}
	return Value{key, List, b}
}

// Texts is an array of texts.
func Texts(key string, all ...string) Value {
	b := listOf(Text, len(all))
	for _, s := range all {
		b = appendText(b, s)
	}
	return Value{key, List, b}
}

func listOf(kind uint32, n int) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(nil, kind), uint64(n))
}

// Equal reports whether taking a file apart and putting it together again gives
// the same file.
func Equal(file []byte) bool { return bytes.Equal(Open(file).Bytes(), file) }
