package native

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// A saved state of a context is framed: llama.cpp trusts its bytes, and may end
// the process, or go on with nonsense, on those that were damaged or are another
// model's. The frame tells of damage and of mistakes; it is no signature.
//
//	 0  "VLMSTATE"
//	 8  version of the frame, 4 bytes, little-endian as all numbers
//	12  SHA-256 of whose state it is
//	44  length of the state, 8 bytes
//	52  SHA-256 of all of the above and of the state
//	84  the state
const (
	stateMagic   = "VLMSTATE"
	stateVersion = 1

	stateOwnerAt  = 12
	stateLengthAt = stateOwnerAt + sha256.Size
	stateSumAt    = stateLengthAt + 8
	stateAt       = stateSumAt + sha256.Size
)

// stateOwner identifies what a state belongs to.
type stateOwner [sha256.Size]byte

// stateOwnerOf identifies the states of a spec: the build of llama.cpp that
// writes them, the model, and what decides how the KV cache is laid out.
func stateOwnerOf(s spec, lib *llamacpp.Library) (stateOwner, error) {
	model, err := fingerprint(s.Model)
	if err != nil {
		return stateOwner{}, err
	}
	b, err := json.Marshal([]any{lib.Version, lib.Commit, model, s.KVType, s.FlashAttn})
	return sha256.Sum256(b), err
}

// fingerprint tells one large file from another: by its size, its beginning and
// its end, where models of one family have different weights.
func fingerprint(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	const part = 1 << 20
	h := sha256.New()
	fmt.Fprintln(h, fi.Size())
	for _, at := range []int64{0, max(0, fi.Size()-part)} {
		if _, err := io.Copy(h, io.NewSectionReader(f, at, part)); err != nil {
			return nil, err
		}
	}
	return h.Sum(nil), nil
}

// sealState frames a state.
func sealState(owner stateOwner, state []byte) []byte {
	b := make([]byte, stateAt, stateAt+len(state))
	copy(b, stateMagic)
	binary.LittleEndian.PutUint32(b[len(stateMagic):], stateVersion)
	copy(b[stateOwnerAt:], owner[:])
	binary.LittleEndian.PutUint64(b[stateLengthAt:], uint64(len(state)))
	b = append(b, state...)
	sum := stateSum(b)
	copy(b[stateSumAt:], sum[:])
	return b
}

// openState returns the state in a frame, or says why it can't be used.
func openState(owner stateOwner, sealed []byte) ([]byte, error) {
	if len(sealed) < stateAt || string(sealed[:len(stateMagic)]) != stateMagic {
		return nil, errors.New("it is not a saved state")
	}
	if v := binary.LittleEndian.Uint32(sealed[len(stateMagic):]); v != stateVersion {
		return nil, fmt.Errorf("it is a saved state of version %d, and version %d is known", v, stateVersion)
	}
	if sum := stateSum(sealed); !bytes.Equal(sum[:], sealed[stateSumAt:stateAt]) {
		return nil, errors.New("the saved state is damaged: its checksum is another")
	}
	if n := binary.LittleEndian.Uint64(sealed[stateLengthAt:]); n != uint64(len(sealed)-stateAt) {
		return nil, fmt.Errorf("the saved state has %d bytes, and %d are expected", len(sealed)-stateAt, n)
	}
	if !bytes.Equal(owner[:], sealed[stateOwnerAt:stateLengthAt]) {
		return nil, errors.New("the state was saved with another model, another llama.cpp or other options")
	}
	return sealed[stateAt:], nil
}

func stateSum(sealed []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write(sealed[:stateSumAt])
	h.Write(sealed[stateAt:])
	return [sha256.Size]byte(h.Sum(nil))
}
