package native

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// encoder turns pictures into embeddings, one tile at a time, beside the loop
// that decodes: a chat goes on while another's picture is encoded. Requests that
// want the same tile share the work.
type encoder struct {
	projector *llamacpp.Projector
	known     *encodings
	wake      func() // tells the loop that a tile is done
	ticks     atomic.Uint64

	mu      sync.Mutex
	cond    *sync.Cond
	queue   []*encoding
	current *encoding
	closed  bool
	closing chan struct{} // closed when closed is set
	done    sync.WaitGroup
	saving  sync.WaitGroup
}

// saveDelay is how long embeddings wait before they are written to disk.
const saveDelay = time.Second

// encoding is a tile that is to be encoded.
type encoding struct {
	tile  tile
	piece pictureText
	jobs  []*job // that wait for it

	embeddings []float32
	took       time.Duration
	err        error
	finished   chan struct{} // closed when these are set
}

func (q *encoding) done() bool {
	select {
	case <-q.finished:
		return true
	default:
		return false
	}
}

func newEncoder(projector *llamacpp.Projector, known *encodings, wake func()) *encoder {
	e := &encoder{projector: projector, known: known, wake: wake, closing: make(chan struct{})}
	e.cond = sync.NewCond(&e.mu)
	e.done.Go(e.run)
	return e
}

// close ends the encoder; what is under way is given up.
func (e *encoder) close() {
	e.mu.Lock()
	e.closed = true
	close(e.closing)
	e.cond.Broadcast()
	e.mu.Unlock()
	e.done.Wait()
	e.saving.Wait()
}

// want asks for the embeddings of a job's tile.
func (e *encoder) want(j *job, t tile) *encoding {
	e.mu.Lock()
	defer e.mu.Unlock()
	if known := e.known.remembered(t.key()); known != nil {
		if !j.private.Load() && !e.closed && e.known.reveal(t.key()) {
			e.save(t.key(), known)
		}
		done := &encoding{tile: t, embeddings: known, finished: make(chan struct{})}
		close(done.finished)
		return done
	}
	for _, q := range append(slices.Clone(e.queue), e.current) {
		if q != nil && q.tile.key() == t.key() {
			q.jobs = append(q.jobs, j)
			return q
		}
	}
	q := &encoding{tile: t, piece: j.prompt.pieces[t.piece], jobs: []*job{j}, finished: make(chan struct{})}
	e.queue = append(e.queue, q)
	e.cond.Signal()
	return q
}

func (e *encoder) run() {
	runtime.LockOSThread() // OpenMP keeps a team of threads for each that calls it
	for {
		q := e.next()
		if q == nil {
			return
		}
		kept := e.known.disk.read(q.tile.key())
		if q.embeddings = kept; kept == nil {
			start := time.Now()
			q.embeddings, q.err = e.encode(q)
			q.took = time.Since(start)
		}
		e.mu.Lock()
		if q.err == nil {
			secret := kept == nil && !slices.ContainsFunc(q.jobs, func(j *job) bool { return !j.private.Load() })
			e.known.remember(q.tile.key(), q.embeddings, secret)
			if kept == nil && !secret {
				e.save(q.tile.key(), q.embeddings)
			}
		}
		e.current = nil
		close(q.finished)
		e.mu.Unlock()
		e.wake()
	}
}

// save writes a tile's embeddings to disk, soon.
func (e *encoder) save(key string, embeddings []float32) {
	e.known.due(key)
	e.saving.Go(func() {
		// Whoever waits for the picture has the machine first.
		select {
		case <-time.After(saveDelay):
		case <-e.closing:
		}
		e.known.write(key, embeddings)
	})
}

// next waits for a tile to encode: those that somebody waits for go first.
func (e *encoder) next() *encoding {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		e.queue = slices.DeleteFunc(e.queue, func(q *encoding) bool { return !q.wanted() })
		switch {
		case e.closed:
			return nil
		case len(e.queue) == 0:
			e.cond.Wait()
			continue
		}
		i := max(0, slices.IndexFunc(e.queue, func(q *encoding) bool {
			return slices.ContainsFunc(q.jobs, func(j *job) bool { return !j.background })
		}))
		q := e.queue[i]
		e.queue = slices.Delete(e.queue, i, i+1)
		e.current = q
		return q
	}
}

// wanted reports whether a job still waits for the tile.
func (q *encoding) wanted() bool {
	return slices.ContainsFunc(q.jobs, func(j *job) bool { return j.ctx.Err() == nil })
}

// encode finds the tile's pixels and encodes them.
func (e *encoder) encode(q *encoding) ([]float32, error) {
	bitmaps := slices.Clone(q.piece.bitmaps)
	for i := range bitmaps {
		switch wanted := bitmaps[i].ID == q.id(); {
		case wanted && bitmaps[i].RGB == nil:
			return nil, missingPixels{[]string{q.tile.picture}} // the disk cache lost what it had
		case !wanted && e.projector.CountsWithoutPixels():
			bitmaps[i].RGB = nil
		}
	}
	e.report(q, 0)
	chunks, err := e.projector.Tokenize(q.piece.text, q.piece.addSpecial, bitmaps)
	if err != nil {
		return nil, err
	}
	defer chunks.Close()
	number := 0
	for _, c := range chunks.All {
		if c.Tokens != nil || c.ID != q.id() {
			continue
		}
		if number++; number <= q.tile.number {
			continue
		}
		if c.Count != q.tile.Count {
			return nil, fmt.Errorf("the picture has %d tokens with its pixels, and %d were counted without", c.Count, q.tile.Count)
		}
		last := time.Now()
		embeddings, err := e.projector.Encode(c, func(done float64) bool {
			e.ticks.Add(1)
			if now := time.Now(); now.Sub(last) > progressInterval {
				last = now
				e.report(q, done)
			}
			return e.goesOn(q)
		})
		if err == nil {
			e.report(q, 1)
		}
		return embeddings, err
	}
	return nil, fmt.Errorf("the picture has %d tiles with its pixels, and %d were counted without", number, q.tile.of)
}

// id is the name by which the tile's picture goes through libmtmd.
func (q *encoding) id() string { return pictureID(q.tile.index, q.tile.picture) }

// pictureID names a picture by which of the conversation's it is, and not only by what it shows:
// it comes back with the picture's tiles.
func pictureID(index int, sha string) string { return fmt.Sprintf("%d:%s", index, sha) }

// readPictureID reads what pictureID wrote.
func readPictureID(id string) (index int, sha string) {
	number, sha, _ := strings.Cut(id, ":")
	index, _ = strconv.Atoi(number)
	return index, sha
}

// goesOn reports whether an encoding is still worth its time.
func (e *encoder) goesOn(q *encoding) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.closed && q.wanted()
}

// report tells those who wait for a tile how far it is.
func (e *encoder) report(q *encoding, done float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, j := range q.jobs {
		j.tell(engine.Event{
			Kind: engine.Encode, Picture: j.pictureOf(q.tile),
			Progress: (float64(q.tile.number) + done) / float64(q.tile.of),
		})
	}
}
