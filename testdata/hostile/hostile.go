// Package hostile makes files for tests that vlmchat must refuse.
package hostile

import (
	"bytes"
	"encoding/binary"

	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// NarrowProjector is the demo's projector with an output half as wide, as if it
// belonged to another model. The two tensors concerned are the file's last, so
// that only one offset moves.
func NarrowProjector() []byte {
	b := bytes.Clone(tinyvlm.Projector)
	// After a tensor's name: number of dimensions (4 bytes), the dimensions
	// (8 each), the type (4), the offset (8).
	field := func(tensor string, skip int) []byte {
		return b[bytes.Index(b, []byte(tensor))+len(tensor)+skip:][:8]
	}
	get, put := binary.LittleEndian.Uint64, binary.LittleEndian.PutUint64
	width, rows, start := field("mm.2.weight", 4), field("mm.2.weight", 4+8), field("mm.2.weight", 4+2*8+4)
	size := get(width) * get(rows) * 2 // F16
	put(rows, get(rows)/2)
	put(field("mm.2.bias", 4), get(field("mm.2.bias", 4))/2)
	put(field("mm.2.bias", 4+8+4), get(start)+size/2)
	return b
}
