package native

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// job is a request at work in the loop: a prompt to be read, and a task that
// begins where it ends.
type job struct {
	ctx        context.Context
	background bool
	session    string      // to which it belongs; "" if that has no name
	private    atomic.Bool // nothing of it may be written to a disk
	prompt     *prompt
	growth     int // tokens that the task may add
	task       task
	events     *outbox
	usage      engine.Usage

	// What follows is the loop's.
	looked  bool        // for a saved state
	saved   *savedState // that is being read
	seq     *sequence
	encoded *encoding // of the tile that is read next
	ahead   *encoding // of the one after that
	reading bool      // the prompt is not read to its end yet
	read    int       // units of the prompt in the sequence
}

// task is what becomes of a prompt that was read. The loop calls it, from one
// goroutine.
type task interface {
	// begin takes the logits of the prompt's last token, which are at index. It
	// reports whether the task is done.
	begin(l *loop, j *job, index int) (done bool, err error)
	// writes reports whether the task computes a token at a time, for somebody to
	// read: it goes before those that compute many.
	writes() bool
	// fill adds to the batch what is to be computed next, so many tokens at most, in
	// sequences of its own or the job's. It may add nothing when there is no room.
	fill(l *loop, j *job, b *llamacpp.Batch, most int) error
	// took takes what was computed. It reports whether the task is done.
	took(l *loop, j *job) (done bool, err error)
	// undo takes back what fill added to a batch that failed.
	undo(l *loop, j *job)
	// close frees what the task has, in any case.
	close(l *loop)
}

// tell sends an event to whoever waits for the job.
func (j *job) tell(e engine.Event) { j.events.put(line{Event: &e}) }

// nextTile is the tile that is read next, or the one after those that follow;
// false if there is none.
func (j *job) nextTile(after int) (t tile, ok bool) {
	n := after
	for _, u := range j.prompt.units[:j.read] {
		if u.picture != "" {
			n++
		}
	}
	if n >= len(j.prompt.tiles) {
		return tile{}, false
	}
	return j.prompt.tiles[n], true
}

// pictureOf is the index, among the job's pictures, of the one that a tile is of.
func (j *job) pictureOf(t tile) int {
	i := slices.IndexFunc(j.prompt.tiles, func(o tile) bool { return o.key() == t.key() })
	if i < 0 {
		return 0
	}
	return j.prompt.tiles[i].index
}

// outbox holds the lines for a client that may be slow, so that the loop never
// waits for one.
type outbox struct {
	mu     sync.Mutex
	lines  []line
	closed bool
	ready  chan struct{} // holds a value when there is something to take
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

func (o *outbox) put(l line) {
	o.mu.Lock()
	o.lines = append(o.lines, l)
	o.mu.Unlock()
	o.signal()
}

// close says that there are no more lines.
func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// take waits for lines. It reports whether more may come.
func (o *outbox) take(ctx context.Context) (lines []line, more bool) {
	select {
	case <-o.ready:
	case <-ctx.Done():
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	lines, o.lines = o.lines, nil
	return lines, !o.closed && ctx.Err() == nil
}

// progressInterval keeps progress from costing more than the work.
const progressInterval = 50 * time.Millisecond
