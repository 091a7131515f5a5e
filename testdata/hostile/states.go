package hostile

import (
	"encoding/binary"
	"math"
	"slices"
)

// State damages a saved state.
type State struct {
	Name string
	Edit func(saved []byte) []byte
	Want string // is in the error that refuses it
}

// stateHeader is what stands before llama.cpp's bytes: a magic of 8 bytes, the
// format's version at 8, what the state belongs to at 12, its length at 44 and
// its checksum at 52.
const stateHeader = 84

// States are hostile saved states.
var States = []State{
	{"nothing", cutState(0), "it is not one"},
	{"half a magic", cutState(4), "it is not one"},
	{"the magic alone", cutState(8), "it is not one"},
	{"half a header", cutState(stateHeader / 2), "it is not one"},
	{"a header short of a byte", cutState(stateHeader - 1), "it is not one"},
	{"the header alone", cutState(stateHeader), "it has 0 bytes of"},
	{"half of it", func(b []byte) []byte { return b[:len(b)/2] }, "damaged: it has"},
	{"a byte too few", func(b []byte) []byte { return b[:len(b)-1] }, "damaged: it has"},
	{"a byte too many", func(b []byte) []byte { return append(b, 0) }, "damaged: it has"},
	{"twice", func(b []byte) []byte { return append(b, b...) }, "damaged: it has"},
	{"llama.cpp's bytes alone", func(b []byte) []byte { return b[stateHeader:] }, "it is not one"},
	{"another magic", flipState(0), "it is not one"},
	{"another version", putState(8, 2), "the version 2"},
	{"version 0", putState(8, 0), "the version 0"},
	{"another's", flipState(12), "another model's"},
	{"another's, in its last byte", flipState(43), "another model's"},
	{"a longer one", flipState(44), "damaged: it has"},
	{"one of 2^63 bytes", flipState(51), "damaged: it has"},
	{"another checksum", flipState(52), "checksum"},
	{"a bit at the beginning", flipState(stateHeader), "checksum"},
	{"a bit in the middle", func(b []byte) []byte { return flipState(len(b) / 2)(b) }, "checksum"},
	{"a bit at the end", func(b []byte) []byte { return flipState(len(b) - 1)(b) }, "checksum"},
	// llama.cpp would take 24 GB for these before it looks whether they are there.
	{"2^32-1 cells", cellsOf(math.MaxUint32), "checksum"},
	{"no cells", cellsOf(0), "checksum"},
	{"parts that are exchanged", func(b []byte) []byte {
		at, n := stateHeader+64, (len(b)-stateHeader-64)/2
		return slices.Concat(b[:at], b[at+n:], b[at:at+n])
	}, "checksum"},
}

func cutState(n int) func([]byte) []byte {
	return func(b []byte) []byte { return b[:n] }
}

func flipState(at int) func([]byte) []byte {
	return func(b []byte) []byte {
		b[at] ^= 0x80
		return b
	}
}

func putState(at int, n uint32) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.LittleEndian.PutUint32(b[at:], n)
		return b
	}
}

// cellsOf writes a number of cells over each of the first words, one of which
// is that number, wherever a build keeps it.
func cellsOf(n uint32) func([]byte) []byte {
	return func(b []byte) []byte {
		for at := stateHeader; at < stateHeader+32; at += 4 {
			b = putState(at, n)(b)
		}
		return b
	}
}
