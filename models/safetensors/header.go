package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
)

// maxHeader is the largest header in bytes, as in the reference implementation.
const maxHeader = 100_000_000

// described is a tensor as headers describe it.
type described struct {
	Type    Type      `json:"dtype"`
	Shape   []uint64  `json:"shape"`
	Offsets [2]uint64 `json:"data_offsets"` // from the end of the header
}

// readHeader reads the header of a file of size bytes, and proves that what it says
// is possible: 8 bytes of its length, little-endian, and that many bytes of JSON.
func readHeader(f io.Reader, size int64) (map[string]Tensor, error) {
	var head [8]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return nil, fmt.Errorf("it has %d bytes, too few to be weights in the safetensors format", size)
	}
	length := binary.LittleEndian.Uint64(head[:])
	switch {
	case length > maxHeader && length > uint64(size):
		return nil, errors.New("it does not begin like weights in the safetensors format")
	case length > maxHeader:
		return nil, fmt.Errorf("its header has %d bytes, and %d are the most there may be", length, maxHeader)
	case length > uint64(size)-8:
		return nil, fmt.Errorf("it is cut: its header has %d bytes, and there are %d", length, size-8)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(f, text); err != nil {
		return nil, fmt.Errorf("reading its header: %w", err)
	}
	tensors, err := parseHeader(text)
	if err != nil {
		return nil, err
	}
	return placeTensors(tensors, 8+length, uint64(size)-8-length)
}

// parseHeader reads the JSON of a header. A name that comes twice is an error: Go's
// decoder would take the last one, and others the first.
func parseHeader(text []byte) (map[string]described, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') || text[0] != '{' {
		return nil, errors.New("its header is not a JSON object")
	}
	tensors := map[string]described{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("its header is not JSON: %w", err)
		}
		name, _ := t.(string)
		if name == "__metadata__" {
			var notes map[string]string
			if err := d.Decode(&notes); err != nil {
				return nil, fmt.Errorf("its header's metadata are not strings: %w", err)
			}
			continue
		}
		var raw struct {
			described
			Offsets []uint64 `json:"data_offsets"`
		}
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("its header says of the tensor %q what can't be understood: %w", name, err)
		}
		if len(raw.Offsets) != 2 {
			return nil, fmt.Errorf("its header does not say where the tensor %q begins and ends", name)
		}
		if _, twice := tensors[name]; twice {
			return nil, fmt.Errorf("its header has the tensor %q twice", name)
		}
		raw.described.Offsets = [2]uint64(raw.Offsets)
		tensors[name] = raw.described
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("its header is not JSON: %w", err)
	}
	if len(bytes.TrimRight(text[d.InputOffset():], " ")) > 0 {
		return nil, errors.New("its header has something behind its end")
	}
	return tensors, nil
}

// placeTensors proves that tensors fill the space behind the header, which begins
// at start, one after the other.
func placeTensors(tensors map[string]described, start, space uint64) (map[string]Tensor, error) {
	names := make([]string, 0, len(tensors))
	for name := range tensors {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := tensors[a].Offsets, tensors[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(a, b))
	})
	placed := make(map[string]Tensor, len(tensors))
	end := uint64(0)
	for _, name := range names {
		t := tensors[name]
		from, to := t.Offsets[0], t.Offsets[1]
		switch {
		case from > to:
			return nil, fmt.Errorf("its header says that the tensor %q ends before it begins", name)
		case to > space:
			return nil, fmt.Errorf("it is cut, or its header lies: the tensor %q ends at byte %d, and there are %d", name, start+min(to, 1<<62), start+space)
		case from < end:
			return nil, fmt.Errorf("its header says that the tensor %q lies over another one", name)
		case from > end:
			return nil, fmt.Errorf("its header leaves a hole before the tensor %q", name)
		}
		size, shape, err := t.size()
		if err != nil {
			return nil, fmt.Errorf("the tensor %q: %w", name, err)
		}
		if size != to-from {
			return nil, fmt.Errorf("its header gives the tensor %q %d bytes, and its shape %v of %s needs %d", name, to-from, shape, t.Type, size)
		}
		placed[name] = Tensor{Type: t.Type, Shape: shape, Offset: start + from, Size: size}
		end = to
	}
	if end != space {
		return nil, fmt.Errorf("it has %d bytes behind its last tensor", space-end)
	}
	return placed, nil
}

// size is how many bytes a tensor needs.
func (d described) size() (size uint64, shape []int, err error) {
	width, ok := widths[d.Type]
	if !ok {
		return 0, nil, fmt.Errorf("%q is no type of numbers that is known", d.Type)
	}
	n, over := uint64(1), uint64(0)
	for _, side := range d.Shape {
		if over, n = bits.Mul64(n, side); over != 0 || side > 1<<62 {
			return 0, nil, fmt.Errorf("its shape %v is too large", d.Shape)
		}
		shape = append(shape, int(side))
	}
	if over, n = bits.Mul64(n, width); over != 0 || n%8 != 0 {
		return 0, nil, fmt.Errorf("its shape %v of %s makes no whole number of bytes", d.Shape, d.Type)
	}
	return n / 8, shape, nil
}
