package native

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// loop decodes for all jobs at once (continuous batching): each of its steps
// computes a token for every answer that is being written, and as much of the
// prompts that are being read as leaves those answers their pace.
type loop struct {
	context *llamacpp.Context
	model   *llamacpp.Model
	kv      *kvCache
	encoder *encoder // nil for a model that can't see
	states  *states
	most    int // jobs at once

	batch *llamacpp.Batch
	pace  time.Duration // that reading a token of a prompt takes

	waiting, running []*job

	keeping []string // sessions that are to be kept on disk when there is nothing else to do

	mu      sync.Mutex
	arrived []*job
	errands []func()
	ended   bool
	current []*job // whose tokens are being computed
	wake    chan struct{}
	done    sync.WaitGroup
	over    chan struct{} // closed when all is saved

	ticks     atomic.Uint64 // computations that came to an end
	busySince atomic.Int64  // when the computation under way began, in Unix ns; 0: none is
	held      atomic.Int64  // conversations in the KV cache
	clients   atomic.Int64  // of the worker
}

// stepTime is how long the answers that are being written wait for prompts, at
// most: a reader's eye.
const stepTime = 150 * time.Millisecond

// fewestRead is read of a prompt in each step, however slow the model.
const fewestRead = 16

func (l *loop) start() {
	l.wake, l.over = make(chan struct{}, 1), make(chan struct{})
	l.batch = llamacpp.NewBatch(l.context.BatchSize())
	l.done.Go(l.run)
}

// close ends the loop. Jobs that are not done are cancelled.
func (l *loop) close() {
	l.mu.Lock()
	l.ended = true
	l.context.Cancel()
	l.mu.Unlock()
	l.nudge()
	l.done.Wait()
}

// submit hands a job to the loop. Its outbox is closed when it is done.
func (l *loop) submit(j *job) {
	context.AfterFunc(j.ctx, l.cancelled)
	l.mu.Lock()
	l.arrived = append(l.arrived, j)
	l.mu.Unlock()
	l.nudge()
}

// errand has something run in the loop's goroutine, between two steps, unless the loop
// has ended. The channel is closed when that is done.
func (l *loop) errand(do func()) <-chan struct{} {
	done := make(chan struct{})
	l.mu.Lock()
	l.errands = append(l.errands, func() {
		defer close(done)
		do()
	})
	l.mu.Unlock()
	l.nudge()
	return done
}

// nudge makes the loop look around.
func (l *loop) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// cancelled stops the computation under way if nobody wants its result any more.
func (l *loop) cancelled() {
	l.mu.Lock()
	if len(l.current) > 0 && !slices.ContainsFunc(l.current, func(j *job) bool { return j.ctx.Err() == nil }) {
		l.context.Cancel()
	}
	l.mu.Unlock()
	l.nudge()
}

func (l *loop) run() {
	defer close(l.over)
	runtime.LockOSThread() // OpenMP keeps a team of threads for each that calls it
	for l.receive() {
		l.sweep()
		l.admit()
		if !l.step() && !l.unblock() && !l.keepOne() {
			<-l.wake
		}
	}
	for _, j := range append(slices.Clone(l.waiting), l.running...) {
		l.finish(j, context.Canceled)
	}
	l.save()
}

// save keeps the conversations that have a session, and of the others those that were
// used last. Nobody waits for it, and one after the other takes less memory.
func (l *loop) save() {
	others := 0
	for _, s := range slices.Backward(l.kv.idle) {
		if s.passing || s.private || s.session == "" && others == savedAtTheEnd {
			continue
		}
		if s.session == "" {
			others++
		}
		l.states.wait()
		l.states.save(l.context, s)
	}
	l.states.wait()
}

// keep has a session kept on disk when there is nothing else to do.
func (l *loop) keep(session string) {
	l.errand(func() {
		if !slices.Contains(l.keeping, session) {
			l.keeping = append(l.keeping, session)
		}
	})
}

// keepOne begins to write a conversation that is to be kept, if nobody waits for
// anything. It reports whether there was one.
func (l *loop) keepOne() bool {
	if len(l.running)+len(l.waiting) > 0 || len(l.keeping) == 0 || l.states.busy() {
		return false
	}
	for _, s := range slices.Backward(l.kv.idle) {
		if s.session == l.keeping[0] && !s.passing && !s.saved && !s.private {
			l.states.save(l.context, s)
			s.saved = true // or can't be
			return true
		}
	}
	l.keeping = l.keeping[1:]
	return true
}

// unblock ends a job if there are some and nothing can happen for any of them: no
// tile is being encoded, and there is nothing that could be computed. It has no
// known cause, and whoever waits would wait for ever.
func (l *loop) unblock() bool {
	if len(l.running) == 0 || slices.ContainsFunc(l.running, func(j *job) bool { return j.encoded != nil }) {
		return false
	}
	l.finish(l.running[0], llamacpp.ErrContextFull)
	return true
}

// receive takes the jobs that arrived, and runs errands. It reports false when the loop
// is to end.
func (l *loop) receive() bool {
	l.mu.Lock()
	l.waiting = append(l.waiting, l.arrived...)
	errands, ended := l.errands, l.ended
	l.arrived, l.errands = nil, nil
	l.mu.Unlock()
	for _, do := range errands {
		do()
	}
	return !ended
}

// sweep ends the jobs that were cancelled.
func (l *loop) sweep() {
	for _, j := range append(slices.Clone(l.waiting), l.running...) {
		if err := j.ctx.Err(); err != nil {
			l.finish(j, err)
		}
	}
}

// admit begins as many of the waiting jobs as there is room for: those that
// somebody waits for first, in the order in which they came.
func (l *loop) admit() {
	slices.SortStableFunc(l.waiting, func(a, b *job) int { return order(a.background) - order(b.background) })
	for _, j := range slices.Clone(l.waiting) {
		// One place is left for somebody who waits, where there may be somebody.
		if len(l.running) == l.most || j.background && len(l.running) == l.most-1 && l.most > 1 && l.clients.Load() > 1 {
			return
		}
		if !l.lookForState(j) {
			continue // it is being read
		}
		if j.seq = l.kv.take(j.prompt.units, j.growth); j.seq == nil {
			if len(l.running) > 0 {
				return // until one of those is done
			}
			l.finish(j, llamacpp.ErrContextFull)
			continue
		}
		l.waiting = slices.DeleteFunc(l.waiting, func(o *job) bool { return o == j })
		l.running = append(l.running, j)
		j.seq.session, j.seq.passing = j.session, j.background
		j.seq.private = j.private.Load() || !j.task.writes() // nobody goes on from what was scored
		j.read, j.reading = len(j.seq.cells), true
		j.usage.CachedTokens, _ = countTokens(j.prompt.units[:j.read])
	}
}

// lookForState looks for a saved state that has more of a job's prompt than the
// KV cache. It reports false while that is being read.
func (l *loop) lookForState(j *job) bool {
	if !j.looked {
		j.looked = true
		_, n := l.kv.best(j.prompt.units)
		j.saved = l.states.find(j.prompt.units, n, l.kv.rewinds)
	}
	if j.saved == nil {
		return true
	}
	if !j.saved.done() {
		return false
	}
	l.states.restore(l.kv, l.context, j.saved)
	j.saved = nil
	return true
}

func order(background bool) int {
	if background {
		return 1
	}
	return 0
}

// step computes one batch of tokens, and a picture's embeddings if there are
// some. It reports whether there was anything to do.
func (l *loop) step() bool {
	tokens := l.stepTokens()
	picture := l.stepPicture()
	l.held.Store(int64(len(l.kv.idle) + len(l.kv.busy)))
	return tokens || picture
}

// portion is what a job has in a batch: tokens of its prompt, or its task's.
type portion struct {
	job   *job
	read  int // units of the prompt; 0: the task's
	index int // of the last of them in the batch
}

func (l *loop) stepTokens() bool {
	l.batch.Reset()
	running := len(l.running)
	parts := l.fill()
	if l.batch.Len() == 0 {
		return len(l.running) < running
	}
	start := time.Now()
	err := l.compute(parts, func() error { return l.context.Decode(l.batch) })
	took := time.Since(start)
	if err != nil {
		l.undo(parts, err)
		return true
	}
	read := 0
	for _, p := range parts {
		read += p.read
		l.took(p, took)
	}
	if read > 0 || l.batch.Len() >= fewestRead {
		l.pace = took / time.Duration(l.batch.Len())
	}
	return true
}

// fill makes a batch: the tokens of answers, then those of other tasks, then those
// of prompts. Answers bound how much of the others a step takes, and these leave
// half of that to prompts that somebody waits for.
func (l *loop) fill() []portion {
	parts := l.fillTasks(true, nil, l.batch.Room())
	room := l.batch.Room()
	if len(parts) > 0 && l.pace > 0 {
		room = min(room, l.readable())
	}
	before, most := l.batch.Len(), room
	if slices.ContainsFunc(l.running, func(j *job) bool { return j.reading && !j.background }) {
		most = max(1, room/2)
	}
	parts = l.fillTasks(false, parts, most)
	room = min(l.batch.Room(), room-(l.batch.Len()-before))
	// Those that somebody waits for first.
	for _, background := range []bool{false, true} {
		for _, j := range l.running {
			if !j.reading || j.background != background || room == 0 {
				continue
			}
			p, pos := portion{job: j}, j.seq.length
			for _, u := range j.prompt.units[j.read:] {
				if u.picture != "" || p.read == room {
					break
				}
				p.read++
				p.index = l.batch.Add(u.token, pos, j.seq.id, j.read+p.read == len(j.prompt.units))
				pos++
			}
			if p.read > 0 {
				room -= p.read
				parts = append(parts, p)
			}
		}
	}
	return parts
}

// fillTasks adds so many tokens at most of the tasks that write, or of the others.
func (l *loop) fillTasks(write bool, parts []portion, most int) []portion {
	for _, j := range slices.Clone(l.running) {
		if j.reading || j.task.writes() != write {
			continue
		}
		before := l.batch.Len()
		if err := j.task.fill(l, j, l.batch, most); err != nil {
			l.finish(j, err)
			continue
		}
		if added := l.batch.Len() - before; added > 0 {
			parts = append(parts, portion{job: j})
			most -= added
		}
	}
	return parts
}

// readable is how many tokens of prompts can be read while answers wait.
func (l *loop) readable() int { return max(fewestRead, int(stepTime/max(1, l.pace))) }

// compute runs a computation for the jobs of some parts, and stops it when all of
// them are cancelled.
func (l *loop) compute(parts []portion, do func() error) error {
	l.mu.Lock()
	l.current = l.current[:0]
	for _, p := range parts {
		l.current = append(l.current, p.job)
	}
	if l.ended {
		l.mu.Unlock()
		return llamacpp.ErrCancelled
	}
	l.mu.Unlock()
	l.cancelled() // one may have been before this
	l.busySince.Store(time.Now().UnixNano())
	err := do()
	l.busySince.Store(0)
	l.ticks.Add(1)
	l.mu.Lock()
	l.current = l.current[:0]
	if !l.ended {
		l.context.Resume()
	}
	l.mu.Unlock()
	return err
}

// took publishes to a job what was computed of it.
func (l *loop) took(p portion, took time.Duration) {
	j := p.job
	var done bool
	var err error
	if p.read == 0 {
		done, err = j.task.took(l, j)
	} else {
		l.kv.grow(j.seq, j.prompt.units[j.read:j.read+p.read]...)
		j.read += p.read
		j.usage.PromptTime += took
		done, err = l.advance(j, p.index)
	}
	if done || err != nil {
		l.finish(j, err)
	}
}

// advance goes on with a job of whose prompt something was read.
func (l *loop) advance(j *job, index int) (done bool, err error) {
	j.tell(engine.Event{Kind: engine.Prompt, Progress: float64(j.read) / float64(len(j.prompt.units))})
	if j.read < len(j.prompt.units) {
		return false, nil
	}
	j.reading = false
	return j.task.begin(l, j, index)
}

// errLost is for jobs of which a failed computation left too little to go on.
var errLost = errors.New("a computation failed in llama.cpp, and what it had read of this conversation is lost: ask again")

// undo takes back a batch that was not computed.
func (l *loop) undo(parts []portion, err error) {
	l.kv.recheck()
	for _, j := range slices.Clone(l.running) {
		if len(j.seq.cells) < j.read {
			if j.read, j.encoded = len(j.seq.cells), nil; !j.reading {
				l.finish(j, errLost) // whether it was in this batch or not
			}
		}
	}
	parts = slices.DeleteFunc(parts, func(p portion) bool { return !slices.Contains(l.running, p.job) })
	var last *job
	for _, p := range parts {
		if p.read > 0 {
			l.kv.cut(p.job.seq, len(p.job.seq.cells))
		} else {
			p.job.task.undo(l, p.job)
		}
		// A model that can't go back has lost what it had read.
		if len(p.job.seq.cells) < p.job.read {
			p.job.read, p.job.encoded = len(p.job.seq.cells), nil
		}
		if !p.job.reading && p.job.read < len(p.job.prompt.units) {
			l.finish(p.job, err)
			continue
		}
		last = p.job
	}
	switch {
	case errors.Is(err, llamacpp.ErrCancelled) || last == nil:
		// Those that were cancelled are swept up.
	case errors.Is(err, llamacpp.ErrContextFull) && len(l.kv.idle) > 0:
		// The room is there, but in pieces that are too small.
		for len(l.kv.idle) > 0 {
			l.kv.evict(l.kv.idle[0])
		}
	case errors.Is(err, llamacpp.ErrContextFull):
		l.finish(last, err) // the others may have room then
	default:
		for _, p := range parts {
			if slices.Contains(l.running, p.job) {
				l.finish(p.job, err)
			}
		}
	}
}

// stepPicture reads a tile whose embeddings are there, of one job.
func (l *loop) stepPicture() bool {
	var ready *job
	for _, j := range l.running {
		if !j.reading || j.read == len(j.prompt.units) || j.prompt.units[j.read].picture == "" {
			continue
		}
		if j.encoded == nil {
			t, _ := j.nextTile(0)
			if j.ahead != nil && j.ahead.tile.key() == t.key() {
				j.encoded = j.ahead
			} else {
				j.encoded = l.encoder.want(j, t)
			}
			j.ahead = nil
		}
		if j.encoded.done() && (ready == nil || ready.background && !j.background) {
			ready = j
		}
	}
	if ready == nil {
		return false
	}
	j, e := ready, ready.encoded
	// It takes its turn behind the others' the next time.
	i := slices.Index(l.running, j)
	l.running = append(slices.Delete(l.running, i, i+1), j)
	if e.err != nil {
		j.encoded = nil
		if !errors.Is(e.err, llamacpp.ErrCancelled) {
			l.finish(j, e.err)
		}
		return true // a cancelled one is asked for again, unless this job is cancelled, too
	}
	// The next one is encoded while this one is read.
	if next, more := j.nextTile(1); more && j.ahead == nil {
		j.ahead = l.encoder.want(j, next)
	}
	this, _ := j.nextTile(0)
	t := this.Tile
	n := t.Count - j.seq.partly
	if !t.AtOnce && l.pace > 0 && slices.ContainsFunc(l.running, func(o *job) bool { return !o.reading }) {
		n = min(n, l.readable())
	}
	start := time.Now()
	portions := []portion{{job: j, read: 1}}
	err := l.compute(portions, func() error {
		return l.context.DecodeTile(j.seq.id, t, e.embeddings, j.seq.length, j.seq.partly, n)
	})
	took := time.Since(start)
	if err != nil {
		l.undo(portions, err)
		return true
	}
	l.pace = took / time.Duration(n)
	if j.seq.partly += n; j.seq.partly < t.Count {
		j.usage.PromptTime += took
		return true
	}
	j.usage.EncodeTime += e.took
	j.encoded, j.seq.partly = nil, 0
	l.took(portions[0], took)
	return true
}

// finish ends a job. What was computed of its conversation stays in the KV cache
// if it is certain.
func (l *loop) finish(j *job, err error) {
	is := func(o *job) bool { return o == j }
	l.waiting, l.running = slices.DeleteFunc(l.waiting, is), slices.DeleteFunc(l.running, is)
	j.task.close(l)
	if j.seq != nil {
		if j.seq.partly > 0 {
			l.kv.cut(j.seq, len(j.seq.cells))
		}
		if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, llamacpp.ErrCancelled) {
			l.kv.publish(j.seq)
		} else {
			l.kv.discard(j.seq)
		}
		j.seq = nil
	}
	if m, ok := errors.AsType[missingPixels](err); ok {
		j.events.put(line{Missing: m.names})
	} else if err != nil {
		j.events.put(line{Error: asError(describe(err))})
	}
	j.events.close()
}
