package models

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// GGUF is the header of a GGUF file: what it says about itself, and where its
// tensors lie. Format: ggml's docs/gguf.md.
type GGUF struct {
	Version uint32
	// Values has the values by key: string, bool, int64, uint64, float64 or
	// Array.
	Values  map[string]any
	Tensors []Tensor
	// Alignment is what the offsets of the tensors are multiples of, in bytes.
	Alignment uint64
	// Data is where the tensors' data begins in the file, and Size where the
	// file ends.
	Data, Size uint64

	kinds map[string]uint32 // the values' types, as GGUF numbers them
}

// Array is an array value, in short: what it is made of and how long it is.
type Array struct {
	Type uint32 // of its elements, as GGUF numbers types
	Len  uint64
	// Numbers has the elements of a short array of numbers or truth values.
	Numbers []float64
}

// ErrNotGGUF is returned by ReadGGUF for files of another format.
var ErrNotGGUF = errors.New("it is not a GGUF file")

// tokensKey names the vocabulary. llama.cpp aborts if a token is in it twice.
const tokensKey = "tokenizer.ggml.tokens"

// maxLayers is how many layers llama.cpp has room for (LLAMA_MAX_LAYERS).
const maxLayers = 512

// Bounds of what a file's header may claim, far beyond those of real models.
const (
	maxValues       = 1 << 16
	maxTensors      = 1 << 16
	maxTokens       = 1 << 22
	maxKeyLength    = 1 << 16
	maxStringLength = 64 << 20 // some files hold a whole tokenizer.json
	maxKeptText     = 128 << 20
	maxKeptNumbers  = 1 << 10 // of one array
	maxHeaderBytes  = 1 << 30
)

// ReadGGUF reads the header of a file. One that lies costs neither memory nor
// time beyond the bounds above, and is refused where it can be seen to lie:
// lengths and tensors beyond the end of the file, names that occur twice,
// shapes whose size is not a number.
func ReadGGUF(path string) (*GGUF, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, ErrNotGGUF // to open a named pipe would wait for its writer
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseGGUF(f, uint64(fi.Size()))
}

// parseGGUF reads the header of a file of so many bytes.
func parseGGUF(r io.Reader, size uint64) (*GGUF, error) {
	d := &ggufReader{r: bufio.NewReaderSize(r, 64<<10), left: min(size, maxHeaderBytes)}
	if magic := d.peek(4); string(magic) != "GGUF" {
		return nil, ErrNotGGUF
	}
	d.skip(4)
	g := &GGUF{Version: uint32(d.uint(4)), Values: map[string]any{}, kinds: map[string]uint32{}, Size: size}
	switch {
	case d.err != nil:
		return nil, damaged(d.err)
	case g.Version != 0 && g.Version&0xffff == 0:
		return nil, errors.New("its bytes are in big-endian order, as for another kind of processor: look for the little-endian file")
	case g.Version < 2 || g.Version > 3:
		return nil, fmt.Errorf("its GGUF version is %d, and versions 2 and 3 are known", g.Version)
	}
	tensors, values := d.uint(8), d.uint(8)
	if d.err != nil {
		return nil, damaged(d.err)
	}
	if values > maxValues || tensors > maxTensors {
		return nil, fmt.Errorf("its header claims %d values and %d tensors", values, tensors)
	}
	for range values {
		if err := g.readValue(d); err != nil {
			return nil, damaged(err)
		}
	}
	if err := g.align(); err != nil {
		return nil, damaged(err)
	}
	if err := g.readTensors(d, tensors); err != nil {
		return nil, damaged(err)
	}
	return g, nil
}

func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too soon")
	}
	return fmt.Errorf("its header is damaged: %w", err)
}

// readValue reads one key and its value.
func (g *GGUF) readValue(d *ggufReader) error {
	key := d.string(maxKeyLength)
	kind := uint32(d.uint(4))
	d.distinct = key == tokensKey
	v := d.value(kind)
	switch _, twice := g.Values[key]; {
	case d.err != nil && key != "":
		return fmt.Errorf("%s: %w", shown(key), d.err)
	case d.err != nil:
		return d.err
	case key == "":
		return errors.New("a value has no name")
	case twice:
		return fmt.Errorf("%s occurs twice", shown(key))
	}
	g.Values[key], g.kinds[key] = v, kind
	return nil
}

// align reads the alignment.
func (g *GGUF) align() error {
	const key = "general.alignment"
	g.Alignment = 32
	v, ok := g.Values[key]
	if !ok {
		return nil
	}
	g.Alignment, ok = v.(uint64)
	if a := g.Alignment; !ok || a == 0 || a > 1<<30 || a&(a-1) != 0 {
		return fmt.Errorf("%s is %v, and a power of two is expected", key, v)
	}
	return nil
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
	r    *bufio.Reader
	left uint64 // bytes up to the end of the file, or to what a header may have
	kept uint64 // bytes of text that were kept
	read uint64 // bytes so far
	err  error
	// distinct makes a text that occurs twice in an array an error.
	distinct bool
}

// peek returns the next n bytes, at most a buffer full; nil after an error.
func (d *ggufReader) peek(n int) []byte {
	if d.err == nil && uint64(n) > d.left {
		d.err = io.ErrUnexpectedEOF
	}
	if d.err != nil {
		return nil
	}
	b, err := d.r.Peek(n)
	if d.err = err; err != nil {
		return nil
	}
	return b
}

func (d *ggufReader) skip(n uint64) {
	if d.err == nil && n > d.left {
		d.err = io.ErrUnexpectedEOF
	}
	if d.err != nil {
		return
	}
	_, d.err = d.r.Discard(int(n))
	d.left -= n
	d.read += n
}

func (d *ggufReader) uint(width int) uint64 {
	var bits uint64
	for i, b := range d.peek(width) {
		bits |= uint64(b) << (8 * i)
	}
	d.skip(uint64(width))
	return bits
}

// length reads the length of a text.
func (d *ggufReader) length(limit uint64) uint64 {
	var n uint64
	if b := d.peek(8); b != nil {
		n = binary.LittleEndian.Uint64(b)
	}
	d.skip(8)
	if d.err == nil && (n > limit || n > d.left) {
		d.err = fmt.Errorf("a text of %d bytes, where the file has %d left", n, d.left)
	}
	if d.err != nil {
		return 0
	}
	return n
}

func (d *ggufReader) string(limit uint64) string {
	n := d.length(limit)
	if d.kept += n; d.err == nil && d.kept > maxKeptText {
		d.err = fmt.Errorf("more than %d bytes of text", maxKeptText)
	}
	if d.err != nil {
		return ""
	}
	b := make([]byte, n) // no more than the file has
	_, d.err = io.ReadFull(d.r, b)
	d.left -= n
	d.read += n
	return string(b)
}

func (d *ggufReader) value(kind uint32) any {
	switch kind {
	case ggufString:
		return d.string(maxStringLength)
	case ggufArray:
		return d.array(1)
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

// array reads an array; arrays nest, though real ones do not.
func (d *ggufReader) array(depth int) Array {
	a := Array{Type: uint32(d.uint(4)), Len: d.uint(8)}
	width, fixed := ggufWidth[a.Type]
	switch {
	case d.err != nil:
	case !fixed && a.Type != ggufString && (a.Type != ggufArray || depth > 4):
		d.err = fmt.Errorf("an array of type %d", a.Type)
	case a.Len > d.left || a.Len > maxHeaderBytes: // one element has a byte or more
		d.err = fmt.Errorf("an array of %d elements, where the file has %d bytes left", a.Len, d.left)
	case a.Type == ggufString:
		d.texts(a.Len)
	case a.Type == ggufArray:
		for i := uint64(0); i < a.Len && d.err == nil; i++ {
			d.array(depth + 1)
		}
	case a.Len > maxKeptNumbers:
		d.skip(a.Len * uint64(width))
	default:
		for range a.Len {
			a.Numbers = append(a.Numbers, number(d.value(a.Type)))
		}
	}
	return a
}

// texts skips the texts of an array.
func (d *ggufReader) texts(n uint64) {
	var seen *hashes
	if d.distinct {
		if n > maxTokens {
			d.err = fmt.Errorf("%d texts", n)
			return
		}
		seen = newHashes(n)
	}
	for n > 0 && d.err == nil {
		n -= d.bufferedTexts(n, seen)
		if n == 0 {
			return
		}
		// The next one lies across the end of the buffer.
		length := d.length(maxStringLength)
		// A text longer than the buffer is not looked at: tokens are short.
		if seen != nil && d.err == nil && length <= uint64(d.r.Size()) {
			d.look(d.peek(int(length)), seen)
		}
		d.skip(length)
		n--
	}
}

// bufferedTexts skips at most n texts that are in the buffer whole, and returns
// how many: vocabularies have hundreds of thousands.
func (d *ggufReader) bufferedTexts(n uint64, seen *hashes) (skipped uint64) {
	b, _ := d.r.Peek(int(min(uint64(d.r.Buffered()), d.left)))
	at := 0
	for skipped < n && d.err == nil && len(b)-at >= 8 {
		length := binary.LittleEndian.Uint64(b[at:])
		if length > uint64(len(b)-at-8) {
			break
		}
		if seen != nil {
			d.look(b[at+8:at+8+int(length)], seen)
		}
		at += 8 + int(length)
		skipped++
	}
	d.skip(uint64(at))
	return skipped
}

// look makes it an error if a text was seen before. In C it ends at a zero.
func (d *ggufReader) look(text []byte, seen *hashes) {
	text, _, _ = bytes.Cut(text, []byte{0})
	if d.err == nil && len(text) > 0 && !seen.add(text) {
		d.err = fmt.Errorf("the text %s occurs twice", shown(string(text)))
	}
}

// hashes is a set of texts by their hashes, whose seed nobody knows.
type hashes struct {
	seed  maphash.Seed
	slots []uint64 // 0 is a free one; at most half are taken
}

func newHashes(n uint64) *hashes {
	size := uint64(2)
	for size < 2*n {
		size *= 2
	}
	return &hashes{seed: maphash.MakeSeed(), slots: make([]uint64, size)}
}

// add reports whether the text is new.
func (h *hashes) add(text []byte) bool {
	hash := maphash.Bytes(h.seed, text) | 1
	last := uint64(len(h.slots) - 1)
	for i := hash >> 1 & last; ; i = (i + 1) & last {
		switch h.slots[i] {
		case 0:
			h.slots[i] = hash
			return true
		case hash:
			return false
		}
	}
}

// number is a scalar as a number, NaN for texts and arrays.
func number(v any) float64 {
	switch v := v.(type) {
	case uint64:
		return float64(v)
	case int64:
		return float64(v)
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	}
	return math.NaN()
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

// shown is a name from a file's header, fit for an error: what is no plain name
// is quoted.
func shown(name string) string {
	if len(name) > 100 {
		name = name[:100] + "…"
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return strconv.QuoteToGraphic(name)
	}
	return name
}
