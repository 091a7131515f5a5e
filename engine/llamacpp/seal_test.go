package llamacpp

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// sealed is a state of some bytes.
func sealed(state []byte, belongsTo string) []byte {
	b := append(make([]byte, stateHeader), state...)
	sealState(b, belongsTo)
	return b
}

func TestHostileStates(t *testing.T) {
	t.Parallel()
	var state []byte
	for i := range uint32(300) {
		state = binary.LittleEndian.AppendUint32(state, i*i)
	}
	good := sealed(state, "mine")
	if got, err := openState(good, "mine"); err != nil || !bytes.Equal(got, state) {
		t.Fatalf("%d bytes came back, %v", len(got), err)
	}
	if _, err := openState(good, "another's"); err == nil || !strings.Contains(err.Error(), "another model's") {
		t.Errorf("for another model the error is %v", err)
	}
	for _, s := range hostile.States {
		if got, err := openState(s.Edit(slices.Clone(good)), "mine"); err == nil || got != nil || !strings.Contains(err.Error(), s.Want) {
			t.Errorf("%s: %d bytes, and the error is %v; want %q", s.Name, len(got), err, s.Want)
		}
	}
}

// There is no bit that a state could do without.
func TestEveryBitOfAState(t *testing.T) {
	t.Parallel()
	good := sealed([]byte("state"), "mine")
	for bit := range 8 * len(good) {
		bad := slices.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		if _, err := openState(bad, "mine"); err == nil {
			t.Errorf("with bit %d changed it was opened", bit)
		}
	}
}

func FuzzState(f *testing.F) {
	f.Add(sealed([]byte("state"), "mine"), "mine")
	f.Fuzz(func(t *testing.T, b []byte, belongsTo string) {
		if state, err := openState(b, belongsTo); err == nil && !bytes.Equal(sealed(state, belongsTo), b) {
			t.Errorf("%x was opened, and is not what is written", b)
		}
	})
}
