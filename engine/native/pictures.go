package native

import (
	"slices"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// Bounds of the pixels that a worker remembers: while a chat needs them, and from
// one chat to the next.
const (
	maxStoredBytes = 1 << 30
	maxKeptBytes   = 16 << 20
	// keptFor is how long pixels stay for the request that they were sent for.
	keptFor = 10 * time.Second
)

// pictureStore remembers the pixels of pictures by hash, so that a client
// sends each once. The oldest go first.
type pictureStore struct {
	mu      sync.Mutex
	bitmaps map[string]llamacpp.Bitmap
	sent    map[string]time.Time
	order   []string // least recently used first
	bytes   int
	limit   int // in bytes
}

func (s *pictureStore) put(sha string, b llamacpp.Bitmap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bitmaps == nil {
		s.bitmaps, s.sent = map[string]llamacpp.Bitmap{}, map[string]time.Time{}
	}
	if _, known := s.bitmaps[sha]; known {
		return
	}
	s.bitmaps[sha] = b
	s.order = append(s.order, sha)
	s.sent[sha] = time.Now()
	s.bytes += len(b.RGB)
	s.forget(s.limit, 0)
}

// trim forgets pictures until those left have so many bytes at most, but none
// that was sent just now. A client that needs one again sends it again.
func (s *pictureStore) trim(bytes int, justNow time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(bytes, justNow)
}

// forget forgets the oldest pictures beyond so many bytes, never the newest.
func (s *pictureStore) forget(bytes int, justNow time.Duration) {
	for s.bytes > bytes && len(s.order) > 1 && time.Since(s.sent[s.order[0]]) >= justNow {
		s.bytes -= len(s.bitmaps[s.order[0]].RGB)
		delete(s.bitmaps, s.order[0])
		delete(s.sent, s.order[0])
		s.order = s.order[1:]
	}
}

// get returns the pictures of the names, and the names that are not known.
func (s *pictureStore) get(names []string) (found map[string]llamacpp.Bitmap, missing []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found = map[string]llamacpp.Bitmap{}
	for _, sha := range names {
		b, ok := s.bitmaps[sha]
		if !ok {
			missing = append(missing, sha)
			continue
		}
		found[sha] = b
		s.order = append(slices.DeleteFunc(s.order, func(o string) bool { return o == sha }), sha)
	}
	return found, missing
}
