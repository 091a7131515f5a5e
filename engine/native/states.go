package native

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

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
	wake  func()           // told when something has been read or written

	mu      sync.Mutex
	known   map[string]knownState // by key
	tidyAt  int                   // so many are known before those are looked for that are gone
	pending int                   // that are being written
	written *sync.Cond            // one of them was
}

// knownState is a state on disk, as far as this worker knows.
type knownState struct {
	stateNote
	used time.Time
}

// StateKind is the kind of entries in the cache that are states of conversations.
const StateKind = "state"

const (
	stateStride   = 32 // tokens from one fingerprint to the next, at least
	fewestSaved   = stateStride
	savedAtTheEnd = 4 // conversations without a session that a worker saves when it ends
	// mostOfSession bounds the ends of branches of one session whose states are kept.
	mostOfSession = 4
	fewestTidied  = 64
)

// newStates finds what is kept of a model's conversations.
func newStates(disk *diskcache.Cache, model string, wake func()) *states {
	s := &states{disk: disk, model: model, wake: wake, known: map[string]knownState{}, tidyAt: fewestTidied}
	s.written = sync.NewCond(&s.mu)
	if disk == nil {
		return s
	}
	entries, err := disk.List(StateKind)
	if err != nil {
		return s // it is a cache: what can't be read is not there
	}
	for _, e := range entries {
		switch note, ok := readStateNote(e.Note); {
		case !ok:
			_ = disk.Remove(StateKind, e.Key) // of another version
		case note.model == model:
			s.known[e.Key] = knownState{note, e.Used}
		}
	}
	return s
}

// save keeps a sequence of the context, in the place of what it goes on from. The file
// is written in the background.
func (s *states) save(context *llamacpp.Context, seq *sequence) {
	if s.disk == nil || seq.saved || seq.private {
		return
	}
	units := seq.units()
	if tokens, _ := countTokens(units); tokens < fewestSaved || int64(context.StateSize(seq.id)) > s.disk.Largest() {
		return
	}
	state, err := context.SaveState(seq.id, s.belongsTo(units))
	if err != nil {
		return
	}
	seq.saved = true
	note := noteOf(s.model, seq.session, units)
	s.mu.Lock()
	s.pending++
	s.mu.Unlock()
	go func() {
		s.write(note, units, state)
		s.mu.Lock()
		s.pending--
		s.written.Broadcast()
		s.mu.Unlock()
		s.wake()
	}()
}

func (s *states) write(note stateNote, units []unit, state []byte) {
	key := hex.EncodeToString(binary.BigEndian.AppendUint64(nil, note.whole())) + s.model
	err := s.disk.Put(StateKind, key, note.encode(), func(w io.Writer) error {
		_, err1 := w.Write(encodeUnits(units))
		_, err2 := w.Write(state)
		return errors.Join(err1, err2)
	})
	if err != nil {
		writeTrouble("a conversation's state is not kept: " + err.Error())
		return
	}
	s.mu.Lock()
	s.known[key] = knownState{note, time.Now()}
	gone := s.outdone(key, units)
	s.mu.Unlock()
	for _, old := range gone {
		s.forget(old)
	}
	s.tidy()
}

// outdone are the keys of what a new state makes superfluous: those of the same session
// that it goes on from, and the oldest beyond what a session may have.
func (s *states) outdone(key string, units []unit) (gone []string) {
	session := s.known[key].session
	if session == "" {
		return nil
	}
	var left []string
	for k, note := range s.known {
		switch {
		case k == key || note.session != session:
		case note.begins(units):
			gone = append(gone, k)
		default:
			left = append(left, k)
		}
	}
	slices.SortFunc(left, func(a, b string) int { return cmp.Or(s.known[b].used.Compare(s.known[a].used), cmp.Compare(a, b)) })
	return append(gone, left[min(len(left), mostOfSession-1):]...)
}

// tidy lets go of states that are not on the disk any more, once many are known: others
// took their place there.
func (s *states) tidy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) < s.tidyAt {
		return
	}
	for key := range s.known {
		if !s.disk.Has(StateKind, key) {
			delete(s.known, key)
		}
	}
	s.tidyAt = 2*len(s.known) + fewestTidied
}

// belongsTo is what a state is sealed for: the model, and the units that it is of.
// llama.cpp does not tell how much it has restored.
func (s *states) belongsTo(units []unit) string {
	sum := sha256.Sum256(encodeUnits(units))
	return s.model + "\x00" + hex.EncodeToString(sum[:])
}

// busy reports whether something is being written.
func (s *states) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending > 0
}

// wait waits for what is being written.
func (s *states) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.pending > 0 {
		s.written.Wait()
	}
}

// savedState is a state that was found on disk for a prompt.
type savedState struct {
	key, session string
	units        []unit
	state        []byte
	ready        chan struct{} // closed when the rest is set; no units: it could not be read
}

// find looks for a state that has more of a prompt than the KV cache, which has
// its first n units, and begins to read it; nil if there is none.
func (s *states) find(units []unit, n int, rewinds bool) *savedState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) == 0 {
		return nil
	}
	best, most := "", n
	units = units[:len(units)-1]
	of, at := fingerprints(units)
	for key, note := range s.known {
		same, has := commonPrints(of, note.prints), 0
		switch {
		case same == len(note.prints)-1 && note.begins(units):
			has = note.count
		case rewinds && same > 0:
			has = at[same-1]
		}
		if has > most {
			best, most = key, has
		}
	}
	if best == "" {
		return nil
	}
	known := s.known[best]
	known.used = time.Now()
	s.known[best] = known
	found := &savedState{key: best, session: known.session, ready: make(chan struct{})}
	go func() {
		defer s.wake()
		defer close(found.ready)
		_, value, err := s.disk.Get(StateKind, best)
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
	kv.adopt(id, found.units, found.session)
}

// forget removes a state that can't be used, or is not needed any more.
func (s *states) forget(key string) {
	s.mu.Lock()
	delete(s.known, key)
	s.mu.Unlock()
	_ = s.disk.Remove(StateKind, key)
}
