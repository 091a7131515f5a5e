package models

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// GGUF is the metadata of a GGUF file: what it says about itself before its
// tensors. Format: ggml's docs/gguf.md.
type GGUF struct {
	Version uint32
	Tensors uint64
	// Values has the scalar values by key: string, bool, int64, uint64 or
	// float64. Arrays are left out.
	Values map[string]any
}

// ErrNotGGUF is returned by ReadGGUF for files of another format.
var ErrNotGGUF = errors.New("it is not a GGUF file")

// Bounds of what a file's header may claim, far beyond those of real models.
const (
	maxValues       = 1 << 16
	maxStringLength = 16 << 20
	maxHeaderBytes  = 1 << 30
)

// ReadGGUF reads the metadata of a file. A header that lies costs neither
// memory nor time beyond the bounds above.
func ReadGGUF(path string) (*GGUF, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseGGUF(f)
}

func parseGGUF(r io.Reader) (*GGUF, error) {
	d := &ggufReader{r: bufio.NewReaderSize(io.LimitReader(r, maxHeaderBytes), 64<<10)}
	var magic [4]byte
	if _, err := io.ReadFull(d.r, magic[:]); err != nil || string(magic[:]) != "GGUF" {
		return nil, ErrNotGGUF
	}
	g := &GGUF{Version: uint32(d.uint(4)), Values: map[string]any{}}
	if d.err == nil && (g.Version < 2 || g.Version > 3) {
		return nil, fmt.Errorf("its GGUF version is %d, and versions 2 and 3 are known", g.Version)
	}
	g.Tensors = d.uint(8)
	n := d.uint(8)
	if n > maxValues {
		return nil, fmt.Errorf("its header claims %d values", n)
	}
	for range n {
		key := d.string()
		kind := uint32(d.uint(4))
		v := d.value(kind)
		if d.err != nil {
			return nil, fmt.Errorf("its header is damaged: %w", d.err)
		}
		if v != nil {
			g.Values[key] = v
		}
	}
	if d.err != nil {
		return nil, fmt.Errorf("its header is damaged: %w", d.err)
	}
	return g, nil
}

// The value types of GGUF.
const (
	ggufUint8 = iota
	ggufInt8
	ggufUint16
	ggufInt16
	ggufUint32
	ggufInt32
	ggufFloat32
	ggufBool
	ggufString
	ggufArray
	ggufUint64
	ggufInt64
	ggufFloat64
)

// ggufWidth is the size in bytes of the types of fixed size.
var ggufWidth = map[uint32]int{
	ggufUint8: 1, ggufInt8: 1, ggufUint16: 2, ggufInt16: 2, ggufUint32: 4, ggufInt32: 4,
	ggufFloat32: 4, ggufBool: 1, ggufUint64: 8, ggufInt64: 8, ggufFloat64: 8,
}

// ggufReader reads little-endian values; after its first error it reads zeros.
type ggufReader struct {
	r   *bufio.Reader
	err error
}

func (d *ggufReader) uint(width int) uint64 {
	var b [8]byte
	if d.err == nil {
		_, d.err = io.ReadFull(d.r, b[:width])
	}
	return binary.LittleEndian.Uint64(b[:])
}

func (d *ggufReader) skip(n int64) {
	if d.err == nil {
		_, d.err = io.CopyN(io.Discard, d.r, n)
	}
}

func (d *ggufReader) string() string {
	n := d.uint(8)
	if d.err == nil && n > maxStringLength {
		d.err = fmt.Errorf("a text of %d bytes", n)
	}
	if d.err != nil {
		return ""
	}
	// Read in pieces, so that a length that lies does not allocate.
	b, err := io.ReadAll(io.LimitReader(d.r, int64(n)))
	if err == nil && uint64(len(b)) < n {
		err = io.ErrUnexpectedEOF
	}
	d.err = err
	return string(b)
}

// value reads a value; nil for arrays, which are skipped.
func (d *ggufReader) value(kind uint32) any {
	switch kind {
	case ggufString:
		return d.string()
	case ggufArray:
		d.skipArray(1)
		return nil
	}
	width, known := ggufWidth[kind]
	if !known {
		if d.err == nil {
			d.err = fmt.Errorf("a value of unknown type %d", kind)
		}
		return nil
	}
	bits := d.uint(width)
	switch kind {
	case ggufBool:
		return bits != 0
	case ggufFloat32:
		return float64(math.Float32frombits(uint32(bits)))
	case ggufFloat64:
		return math.Float64frombits(bits)
	case ggufInt8, ggufInt16, ggufInt32, ggufInt64:
		shift := 64 - 8*width
		return int64(bits<<shift) >> shift
	}
	return bits
}

// skipArray skips an array; arrays nest, though real ones do not.
func (d *ggufReader) skipArray(depth int) {
	kind, n := uint32(d.uint(4)), d.uint(8)
	if width, fixed := ggufWidth[kind]; fixed {
		if d.err == nil && n > maxHeaderBytes {
			d.err = fmt.Errorf("an array of %d values", n)
		}
		d.skip(int64(n) * int64(width))
		return
	}
	if d.err == nil && (kind != ggufString && kind != ggufArray || depth > 4) {
		d.err = fmt.Errorf("an array of type %d", kind)
	}
	for i := uint64(0); i < n && d.err == nil; i++ {
		if kind == ggufArray {
			d.skipArray(depth + 1)
			continue
		}
		length := d.uint(8)
		if d.err == nil && length > maxStringLength {
			d.err = fmt.Errorf("a text of %d bytes", length)
		}
		d.skip(int64(length))
	}
}

// String returns a text value, "" if there is none.
func (g *GGUF) String(key string) string {
	s, _ := g.Values[key].(string)
	return s
}

// Int returns a whole number, 0 if there is none.
func (g *GGUF) Int(key string) int {
	switch v := g.Values[key].(type) {
	case uint64:
		return int(v)
	case int64:
		return int(v)
	}
	return 0
}

// Bool returns a truth value, false if there is none.
func (g *GGUF) Bool(key string) bool {
	b, _ := g.Values[key].(bool)
	return b
}
