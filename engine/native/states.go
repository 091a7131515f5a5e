package native

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// states keeps what the KV cache held of conversations on disk, for when they go
// on: in another worker, or after others took their place in this one.
//
// A saved state's value is the number of units as 4 bytes, the units (see
// appendUnit), and what Context.SaveState returned, which tells the model, the
// build of llama.cpp and a sum of the units. Its note has fingerprints of its
// beginnings, one for every stride of tokens, by which the state that has most of
// a prompt is found without reading any.
type states struct {
	disk  *diskcache.Cache // nil: nothing is kept
	model string           // what the states depend on

	mu      sync.Mutex
	known   map[string][]uint64 // fingerprints by key
	writing sync.WaitGroup
}

const (
	stateKind     = "state"
	stateStride   = 32 // tokens from one fingerprint to the next, at least
	fewestSaved   = stateStride
	savedAtTheEnd = 4 // conversations that a worker saves when it ends
)

func newStates(disk *diskcache.Cache, model string) *states {
	s := &states{disk: disk, model: model, known: map[string][]uint64{}}
	if disk == nil {
		return s
	}
	entries, err := disk.List(stateKind)
	if err != nil {
		return s // it is a cache: what can't be read is not there
	}
	for _, e := range entries {
		if of, prints, ok := readStateNote(e.Note); ok && of == model {
			s.known[e.Key] = prints
		}
	}
	return s
}

// save keeps a sequence of the context. The file is written in the background.
func (s *states) save(context *llamacpp.Context, seq *sequence) {
	units := seq.units()
	if tokens, _ := countTokens(units); s.disk == nil || seq.saved || tokens < fewestSaved {
		return
	}
	state, err := context.SaveState(seq.id, s.belongsTo(units))
	if err != nil {
		return
	}
	seq.saved = true
	prints, _ := fingerprints(units)
	key := hex.EncodeToString(binary.BigEndian.AppendUint64(nil, prints[len(prints)-1])) + s.model
	s.writing.Go(func() {
		err := s.disk.Put(stateKind, key, stateNote(s.model, prints), func(w io.Writer) error {
			_, err1 := w.Write(encodeUnits(units))
			_, err2 := w.Write(state)
			return errors.Join(err1, err2)
		})
		if err == nil {
			s.mu.Lock()
			s.known[key] = prints
			s.mu.Unlock()
		}
	})
}

// belongsTo is what a state is sealed for: the model, and the units that it is of.
// llama.cpp does not tell how much it has restored.
func (s *states) belongsTo(units []unit) string {
	sum := sha256.Sum256(encodeUnits(units))
	return s.model + "\x00" + hex.EncodeToString(sum[:])
}

// wait waits for what is being written.
func (s *states) wait() { s.writing.Wait() }

// savedState is a state that was found on disk for a prompt.
type savedState struct {
	key   string
	units []unit
	state []byte
	ready chan struct{} // closed when the rest is set; no units: it could not be read
}

// find looks for a state that has more of a prompt than the KV cache, which has
// its first n units, and begins to read it; nil if there is none.
func (s *states) find(units []unit, n int, rewinds bool, wake func()) *savedState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) == 0 {
		return nil
	}
	best, most := "", n
	of, at := fingerprints(units[:len(units)-1])
	for key, prints := range s.known {
		same := commonPrints(of, prints)
		if !rewinds && same < len(prints)-1 {
			continue
		}
		if same > 0 && at[same-1] > most {
			best, most = key, at[same-1]
		}
	}
	if best == "" {
		return nil
	}
	found := &savedState{key: best, ready: make(chan struct{})}
	go func() {
		defer wake()
		defer close(found.ready)
		_, value, err := s.disk.Get(stateKind, best)
		if err != nil {
			s.forget(best)
			return
		}
		found.units, found.state = decodeUnits(value)
	}()
	return found
}

// done reports whether the state was read, well or not.
func (s *savedState) done() bool {
	select {
	case <-s.ready:
		return true
	default:
		return false
	}
}

// restore puts a state that was read into the KV cache. One that does not fit,
// or is another model's, is forgotten.
func (s *states) restore(kv *kvCache, context *llamacpp.Context, found *savedState) {
	if len(found.units) == 0 {
		return
	}
	tokens, _ := countTokens(found.units)
	id, ok := kv.number(tokens)
	if !ok {
		return
	}
	if err := context.RestoreState(id, found.state, s.belongsTo(found.units)); err != nil {
		kv.giveBack(id)
		s.forget(found.key)
		return
	}
	kv.adopt(id, found.units)
}

// forget removes a state that can't be used.
func (s *states) forget(key string) {
	s.mu.Lock()
	delete(s.known, key)
	s.mu.Unlock()
	_ = s.disk.Remove(stateKind, key)
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

func stateNote(model string, prints []uint64) []byte {
	note := append([]byte(model), 0)
	for _, p := range prints {
		note = binary.LittleEndian.AppendUint64(note, p)
	}
	return note
}

func readStateNote(note []byte) (model string, prints []uint64, ok bool) {
	name, rest, ok := bytes.Cut(note, []byte{0})
	if !ok || len(rest) == 0 || len(rest)%8 != 0 {
		return "", nil, false
	}
	for ; len(rest) > 0; rest = rest[8:] {
		prints = append(prints, binary.LittleEndian.Uint64(rest))
	}
	return string(name), prints, true
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
