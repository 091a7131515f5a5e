package native

import (
	"encoding/binary"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/diskcache"
)

// maxEncodedBytes bounds the embeddings of pictures that a worker remembers.
const maxEncodedBytes = 256 << 20

// encodings remembers the embeddings of tiles, by their keys, so that no picture
// is encoded twice. The least recently used go first.
type encodings struct {
	mu    sync.Mutex
	of    map[string][]float32
	seen  map[string]bool // pictures, by their SHA-256
	order []string        // least recently used first
	bytes int
	limit int // in bytes
	disk  encodingStore
}

// remembered returns a tile's embeddings, nil if the memory does not have them.
func (e *encodings) remembered(key string) []float32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	found, ok := e.of[key]
	if ok {
		e.order = append(slices.DeleteFunc(e.order, func(o string) bool { return o == key }), key)
	}
	return found
}

// knows reports whether a picture was encoded before, so that it may not have to be
// again: a guess that saves to tokenize for finding out.
func (e *encodings) knows(picture string) bool {
	e.mu.Lock()
	known := e.seen[picture]
	e.mu.Unlock()
	return known || e.disk.knows(picture)
}

// has reports whether a tile's embeddings are known, in memory or on disk.
func (e *encodings) has(key string) bool {
	return e.remembered(key) != nil || e.disk.has(key)
}

// remember takes a tile's embeddings.
func (e *encodings) remember(key string, embeddings []float32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.of == nil {
		e.of, e.seen = map[string][]float32{}, map[string]bool{}
	}
	e.seen[pictureOf(key)] = true
	if _, known := e.of[key]; known {
		return
	}
	e.of[key] = embeddings
	e.order = append(e.order, key)
	e.bytes += 4 * len(embeddings)
	for e.bytes > e.limit && len(e.order) > 1 {
		e.bytes -= 4 * len(e.of[e.order[0]])
		delete(e.of, e.order[0])
		e.order = e.order[1:]
	}
}

// encodingStore keeps embeddings beyond a worker's life.
type encodingStore struct {
	disk      *diskcache.Cache // nil: nothing is kept
	projector string           // what the embeddings depend on
}

// Kinds of entries: a tile's embeddings, and nothing, for a picture of which there
// are some.
const (
	encodingKind = "picture"
	seenKind     = "seen"
)

// pictureOf is the picture of a tile's key.
func pictureOf(tile string) string {
	picture, _, _ := strings.Cut(tile, "/")
	return picture
}

func (s encodingStore) knows(picture string) bool {
	return s.disk != nil && s.disk.Has(seenKind, s.key(picture))
}

func (s encodingStore) key(tile string) string { return s.projector + "/" + tile }

func (s encodingStore) has(tile string) bool {
	return s.disk != nil && s.disk.Has(encodingKind, s.key(tile))
}

// read returns a tile's embeddings, nil if they are not kept.
func (s encodingStore) read(tile string) []float32 {
	if s.disk == nil {
		return nil
	}
	_, value, err := s.disk.Get(encodingKind, s.key(tile))
	if err != nil || len(value)%4 != 0 {
		return nil
	}
	embeddings := make([]float32, len(value)/4)
	for i := range embeddings {
		embeddings[i] = math.Float32frombits(binary.LittleEndian.Uint32(value[4*i:]))
	}
	return embeddings
}

// write keeps a tile's embeddings. One that can't be kept is encoded again.
func (s encodingStore) write(tile string, embeddings []float32) {
	if s.disk == nil {
		return
	}
	err := s.disk.Put(encodingKind, s.key(tile), nil, func(w io.Writer) error {
		return binary.Write(w, binary.LittleEndian, embeddings)
	})
	if picture := pictureOf(tile); err == nil && !s.knows(picture) {
		_ = s.disk.Put(seenKind, s.key(picture), nil, func(io.Writer) error { return nil })
	}
}
