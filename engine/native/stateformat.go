package native

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// stateNote is what is known of a saved state without reading it. Beside the state
// it is written as
//
//	noteMark
//	length of the model, and the model                  a varint and text
//	length of the session's name, and the name          likewise
//	number of units                                     a varint
//	number of pictures, and their numbers               a varint, and 8 bytes each
//	fingerprints                                        8 bytes each
//
// with numbers of 8 bytes little-endian.
type stateNote struct {
	model    string   // what it depends on
	session  string   // of which conversation it is; "" if that has no name
	count    int      // units that it is of
	pictures []uint64 // that are in it: see pictureNumber
	prints   []uint64 // see fingerprints
}

const noteMark = "state 2\n"

func noteOf(model, session string, units []unit) stateNote {
	n := stateNote{model: model, session: session, count: len(units)}
	n.prints, _ = fingerprints(units)
	for _, u := range units {
		if u.picture == "" {
			continue
		}
		if number := pictureNumber(u.picture); !slices.Contains(n.pictures, number) {
			n.pictures = append(n.pictures, number)
		}
	}
	return n
}

// pictureNumber is the beginning of a picture's SHA-256: enough to tell pictures
// apart where a mistake costs a state.
func pictureNumber(sha string) uint64 {
	b, err := hex.DecodeString(sha[:min(16, len(sha))])
	if err != nil || len(b) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// whole is the fingerprint of all units.
func (n stateNote) whole() uint64 { return n.prints[len(n.prints)-1] }

// begins reports whether the units begin with all those of the state.
func (n stateNote) begins(units []unit) bool {
	if n.count > len(units) {
		return false
	}
	prints, _ := fingerprints(units[:n.count])
	return prints[len(prints)-1] == n.whole()
}

func (n stateNote) encode() []byte {
	b := []byte(noteMark)
	for _, text := range []string{n.model, n.session} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	b = binary.AppendUvarint(b, uint64(n.count))
	b = binary.AppendUvarint(b, uint64(len(n.pictures)))
	for _, number := range append(slices.Clone(n.pictures), n.prints...) {
		b = binary.LittleEndian.AppendUint64(b, number)
	}
	return b
}

// readStateNote reads what encode wrote, and reports false for anything else.
func readStateNote(b []byte) (n stateNote, ok bool) {
	text, ok := strings.CutPrefix(string(b), noteMark)
	if !ok {
		return n, false
	}
	b = []byte(text)
	number := func() (v uint64) {
		v, size := binary.Uvarint(b)
		if size <= 0 || v > math.MaxInt32 {
			ok = false
			return 0
		}
		b = b[size:]
		return v
	}
	for _, text := range []*string{&n.model, &n.session} {
		length := number()
		if !ok || length > uint64(len(b)) {
			return stateNote{}, false
		}
		*text, b = string(b[:length]), b[length:]
	}
	n.count = int(number())
	pictures := number()
	if !ok || len(b)%8 != 0 || pictures >= uint64(len(b)/8) { // there is a fingerprint at least
		return stateNote{}, false
	}
	for ; len(b) > 0; b = b[8:] {
		n.prints = append(n.prints, binary.LittleEndian.Uint64(b))
	}
	if pictures > 0 {
		n.pictures, n.prints = n.prints[:pictures:pictures], n.prints[pictures:]
	}
	return n, true
}

// fingerprints of a sequence: one where each stride of tokens is full, which can
// be more of them at the end of a picture, and one of all. at tells how many units
// each is of.
func fingerprints(units []unit) (prints []uint64, at []int) {
	h := fnv.New64a()
	var b []byte
	tokens := 0
	for i, u := range units {
		b = appendUnit(b[:0], u)
		_, _ = h.Write(b)
		if tokens += u.count; tokens >= stateStride {
			prints, at = append(prints, h.Sum64()), append(at, i+1)
			tokens = 0
		}
	}
	return append(prints, h.Sum64()), append(at, len(units))
}

// commonPrints counts the strides with which both begin; the last fingerprint is
// that of the whole.
func commonPrints(of, saved []uint64) int {
	n := 0
	for n < min(len(of), len(saved))-1 && of[n] == saved[n] {
		n++
	}
	return n
}

// appendUnit writes a unit: its token, or minus one and what there is of a
// picture's tile, as varints; the SHA-256 as a length and text.
func appendUnit(b []byte, u unit) []byte {
	if u.picture == "" {
		return binary.AppendVarint(b, int64(u.token))
	}
	b = binary.AppendVarint(b, -1)
	b = binary.AppendUvarint(b, uint64(len(u.picture)))
	b = append(b, u.picture...)
	b = binary.AppendUvarint(b, uint64(u.tile))
	b = binary.AppendUvarint(b, u.shape)
	b = binary.AppendUvarint(b, uint64(u.count))
	return binary.AppendUvarint(b, uint64(u.positions))
}

func encodeUnits(units []unit) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(units)))
	for _, u := range units {
		b = appendUnit(b, u)
	}
	return b
}

// decodeUnits reads units from the head of a value and returns the rest; no units
// if it is none that encodeUnits wrote.
func decodeUnits(b []byte) ([]unit, []byte) {
	if len(b) < 4 {
		return nil, nil
	}
	n, b := int(binary.LittleEndian.Uint32(b)), b[4:]
	if n > len(b) {
		return nil, nil // each takes a byte at least
	}
	units := make([]unit, 0, n)
	for range n {
		token, size := binary.Varint(b)
		if size <= 0 {
			return nil, nil
		}
		b = b[size:]
		if token > math.MaxInt32 || token < -1 {
			return nil, nil
		}
		if token >= 0 {
			units = append(units, tokenUnit(llamacpp.Token(token)))
			continue
		}
		length, size := binary.Uvarint(b)
		if size <= 0 || length == 0 || length > uint64(len(b)-size) {
			return nil, nil
		}
		u := unit{picture: string(b[size : size+int(length)])}
		b = b[size+int(length):]
		var v [4]uint64
		for i := range v {
			if v[i], size = binary.Uvarint(b); size <= 0 {
				return nil, nil
			}
			b = b[size:]
		}
		if max(v[0], v[2], v[3]) > math.MaxInt32 {
			return nil, nil
		}
		u.tile, u.shape, u.count, u.positions = int(v[0]), v[1], int(v[2]), int(v[3])
		units = append(units, u)
	}
	return units, slices.Clip(b)
}
