package native

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// ownerOf is whose the states of the demo's model file, or of another content,
// are.
func ownerOf(t *testing.T, content []byte, s spec, lib llamacpp.Library) stateOwner {
	t.Helper()
	s.Model = filepath.Join(t.TempDir(), "model.gguf")
	if err := os.WriteFile(s.Model, content, 0o600); err != nil {
		t.Fatal(err)
	}
	owner, err := stateOwnerOf(s, &lib)
	if err != nil {
		t.Fatal(err)
	}
	return owner
}

func TestHostileStates(t *testing.T) {
	t.Parallel()
	build := llamacpp.Library{Version: "1", Commit: "abc"}
	owner := ownerOf(t, tinyvlm.Model, spec{}, build)
	state := bytes.Repeat([]byte("keys and values "), 64)
	sealed := sealState(owner, state)
	for range 2 { // opening changes nothing
		if got, err := openState(owner, sealed); err != nil || !bytes.Equal(got, state) {
			t.Fatalf("%d bytes came back, %v", len(got), err)
		}
	}
	if got, err := openState(owner, sealState(owner, nil)); err != nil || len(got) != 0 {
		t.Errorf("of an empty state %d bytes came back, %v", len(got), err)
	}
	if again := ownerOf(t, tinyvlm.Model, spec{Threads: 7}, build); again != owner {
		t.Error("a copy of the model, with other threads, has states of its own")
	}

	changed := slices.Clone(tinyvlm.Model)
	changed[len(changed)-1]++
	edit := func(at int, value byte) []byte {
		b := slices.Clone(sealed)
		b[at] ^= value
		return b
	}
	// lengthOf is a whole frame whose length lies.
	lengthOf := func(n uint64) []byte {
		b := slices.Clone(sealed)
		binary.LittleEndian.PutUint64(b[stateLengthAt:], n)
		sum := stateSum(b)
		copy(b[stateSumAt:], sum[:])
		return b
	}
	for _, c := range []struct {
		name   string
		sealed []byte
		want   string
	}{
		{"nothing", nil, "not a saved state"},
		{"a state without a frame", state, "not a saved state"},
		{"half a frame", sealed[:stateAt/2], "not a saved state"},
		{"another magic", edit(0, 1), "not a saved state"},
		{"a later version", edit(len(stateMagic), 3), "version 2"},
		{"cut short by a byte", sealed[:len(sealed)-1], "damaged"},
		{"the frame alone", sealed[:stateAt], "damaged"},
		{"a byte too many", append(slices.Clone(sealed), 0), "damaged"},
		{"a bit of the state", edit(stateAt, 1), "damaged"},
		{"the last bit", edit(len(sealed)-1, 128), "damaged"},
		{"a bit of the owner", edit(stateOwnerAt, 1), "damaged"},
		{"a bit of the checksum", edit(stateSumAt, 1), "damaged"},
		{"a length of 2^64-1", lengthOf(1<<64 - 1), "18446744073709551615 are expected"},
		{"a length of 0", lengthOf(0), "0 are expected"},
		{"another model", sealState(ownerOf(t, changed, spec{}, build), state), "another model"},
		{"a model of another size", sealState(ownerOf(t, tinyvlm.Projector, spec{}, build), state), "another model"},
		{"another build", sealState(ownerOf(t, tinyvlm.Model, spec{}, llamacpp.Library{Version: "1", Commit: "abd"}), state), "another llama.cpp"},
		{"another cache", sealState(ownerOf(t, tinyvlm.Model, spec{KVType: "q8_0"}, build), state), "other options"},
		{"other attention", sealState(ownerOf(t, tinyvlm.Model, spec{FlashAttn: "off"}, build), state), "other options"},
	} {
		if got, err := openState(owner, c.sealed); err == nil || got != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v; want %q", c.name, err, c.want)
		}
	}
	// No bit of it can flip unseen.
	for at := range sealed {
		if _, err := openState(owner, edit(at, 1<<(at%8))); err == nil {
			t.Errorf("a bit flipped at %d was not seen", at)
		}
	}
}

func TestStateOfAModelThatIsGone(t *testing.T) {
	t.Parallel()
	if _, err := stateOwnerOf(spec{Model: filepath.Join(t.TempDir(), "gone.gguf")}, &llamacpp.Library{}); err == nil {
		t.Error("a file that is not there has states")
	}
}
