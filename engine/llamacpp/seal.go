package llamacpp

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A saved state is sealed by a header before llama.cpp's bytes. Every field is
// compared before any of those bytes is looked at:
//
//	magic                             8 bytes, stateMagic
//	version of this format            4 bytes, little-endian
//	SHA-256 of what it belongs to    32 bytes
//	length of llama.cpp's bytes       8 bytes, little-endian
//	SHA-256 of them                  32 bytes
//
// The sums find damage and mistakes. They keep out nobody who can compute them:
// whoever may write the file may write any state.
const (
	stateMagic   = "VLMSTATE"
	stateVersion = 1
	stateHeader  = len(stateMagic) + 4 + sha256.Size + 8 + sha256.Size
)

// errNoSeal is for what is no saved state at all.
var errNoSeal = errors.New("the saved state can't be used: it is not one, or its beginning is damaged")

// sealState writes the header of a state, for which the first bytes of sealed
// are free.
func sealState(sealed []byte, belongsTo string) {
	state := sealed[stateHeader:]
	owner, sum := sha256.Sum256([]byte(belongsTo)), sha256.Sum256(state)
	h := append(sealed[:0], stateMagic...)
	h = binary.LittleEndian.AppendUint32(h, stateVersion)
	h = append(h, owner[:]...)
	h = binary.LittleEndian.AppendUint64(h, uint64(len(state)))
	copy(sealed[len(h):], sum[:])
}

// openState returns llama.cpp's bytes of a sealed state, if they are whole and
// belong to the same.
func openState(sealed []byte, belongsTo string) ([]byte, error) {
	h, ok := bytes.CutPrefix(sealed, []byte(stateMagic))
	if !ok || len(sealed) < stateHeader {
		return nil, errNoSeal
	}
	version, h := binary.LittleEndian.Uint32(h), h[4:]
	owner, h := h[:sha256.Size], h[sha256.Size:]
	length, sum := binary.LittleEndian.Uint64(h), h[8:8+sha256.Size]
	state := sealed[stateHeader:]
	want, got := sha256.Sum256([]byte(belongsTo)), sha256.Sum256(state)
	switch {
	case version != stateVersion:
		return nil, fmt.Errorf("the saved state can't be used: its format has the version %d, and %d is known", version, stateVersion)
	case !bytes.Equal(owner, want[:]):
		return nil, errors.New("the saved state can't be used: it is another model's, or of another build of llama.cpp")
	case length != uint64(len(state)):
		return nil, fmt.Errorf("the saved state is damaged: it has %d bytes of %d", len(state), length)
	case !bytes.Equal(sum, got[:]):
		return nil, errors.New("the saved state is damaged: its checksum is another one")
	}
	return state, nil
}
