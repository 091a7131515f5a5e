package native

import (
	"encoding/binary"
	"io"
	"maps"
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
	mu     sync.Mutex
	of     map[string][]float32
	seen   map[string]int  // pictures, by their SHA-256: how many tiles there are of each
	secret map[string]bool // those that only private requests wanted: they are not for the disk
	order  []string        // least recently used first
	bytes  int
	limit  int // in bytes
	disk   encodingStore

	writing sync.Mutex
	unsaved map[string]bool // that are to be written to disk; guarded by mu
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
	known := e.seen[picture] > 0
	e.mu.Unlock()
	return known || e.disk.knows(picture)
}

// has reports whether a tile's embeddings are known, in memory or on disk.
func (e *encodings) has(key string) bool {
	return e.remembered(key) != nil || e.disk.has(key)
}

// remember takes a tile's embeddings. Secret ones are not for the disk.
func (e *encodings) remember(key string, embeddings []float32, secret bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.of == nil {
		e.of, e.seen, e.secret, e.unsaved = map[string][]float32{}, map[string]int{}, map[string]bool{}, map[string]bool{}
	}
	if _, known := e.of[key]; known {
		return
	}
	e.of[key] = embeddings
	e.seen[pictureOf(key)]++
	if secret {
		e.secret[key] = true
	}
	e.order = append(e.order, key)
	e.bytes += 4 * len(embeddings)
	for e.bytes > e.limit && len(e.order) > 1 {
		e.drop(e.order[0])
	}
}

// drop forgets what the memory has of a tile.
func (e *encodings) drop(key string) {
	e.bytes -= 4 * len(e.of[key])
	delete(e.of, key)
	delete(e.secret, key)
	e.order = slices.DeleteFunc(e.order, func(o string) bool { return o == key })
	if picture := pictureOf(key); e.seen[picture] > 1 {
		e.seen[picture]--
	} else {
		delete(e.seen, picture)
	}
}

// reveal takes a tile's embeddings, if they were secret, for others to know as well.
func (e *encodings) reveal(key string) (was bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	was = e.secret[key]
	delete(e.secret, key)
	return was
}

// due says that a tile's embeddings are to be written to disk, soon.
func (e *encodings) due(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unsaved[key] = true
}

// write writes a tile's embeddings, if they are still due.
func (e *encodings) write(key string, embeddings []float32) {
	e.writing.Lock()
	defer e.writing.Unlock()
	e.mu.Lock()
	due := e.unsaved[key]
	delete(e.unsaved, key)
	e.mu.Unlock()
	if due {
		e.disk.write(key, embeddings)
	}
}

// forget forgets pictures. None of them is written to disk after that.
func (e *encodings) forget(pictures []string) {
	gone := func(key string) bool { return slices.Contains(pictures, pictureOf(key)) }
	e.mu.Lock()
	for _, key := range slices.Clone(e.order) {
		if gone(key) {
			e.drop(key)
		}
	}
	maps.DeleteFunc(e.unsaved, func(key string, _ bool) bool { return gone(key) })
	e.mu.Unlock()
	e.writing.Lock() // one may be under way
	defer e.writing.Unlock()
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
