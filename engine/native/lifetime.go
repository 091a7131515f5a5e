package native

import (
	"net/http"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// attach reports the load and then stays open for as long as its client wants
// the worker to live. A client that is killed lets go as one that ends well.
func (w *worker) attach(rw http.ResponseWriter, r *http.Request) {
	keepAlive, err := parseKeepAlive(r.URL.Query().Get("keep_alive"))
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	if !w.enter(keepAlive) {
		panic(http.ErrAbortHandler) // hangs up; the client starts another worker
	}
	defer w.leave()
	defer w.keepLeft(r.URL.Query().Get("client"))
	out := newLineWriter(rw) // without beats: once the model is loaded there is nothing to tell for hours
	defer func() {
		if reason := w.farewell.Load(); reason != nil {
			out.write(line{Error: reason})
		}
	}()
	tick := time.NewTicker(progressInterval)
	defer tick.Stop()
	told := w.isLoaded() // who finds the model loaded need not be warned
	warn := func() {
		if text := w.warning.Load(); text != nil && !told {
			told = true
			out.write(line{Event: &engine.Event{Kind: engine.Load, Text: *text}})
		}
	}
	for loading := true; loading; {
		select {
		case <-w.loaded:
			loading = false
			warn()
		case <-tick.C:
			warn()
			out.write(line{Event: &engine.Event{Kind: engine.Load, Progress: float64(w.progress.Load()) / 1e6}})
		case <-w.finished:
			return
		case <-r.Context().Done():
			return
		}
	}
	if w.loadErr != nil {
		out.write(line{Error: asError(w.loadErr)})
		return
	}
	out.write(line{Info: w.info()})
	select {
	case <-r.Context().Done():
	case <-w.finished:
	}
}

// isLoaded reports whether the load has come to its end.
func (w *worker) isLoaded() bool {
	select {
	case <-w.loaded:
		return true
	default:
		return false
	}
}

// enter counts a client. It reports false if the worker has begun to end.
func (w *worker) enter(keepAlive time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.finished:
		return false
	default:
	}
	w.attached++
	w.tellClients()
	w.keepAlive = keepAlive
	w.idleSince = time.Time{}
	w.idle.Stop()
	return true
}

// leave lets the worker end after its keep-alive if this was its last client. A
// load that nobody waits for any more is given up at once, and so is a model that
// nobody can ask again.
func (w *worker) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attached--
	w.tellClients()
	if w.attached > 0 {
		return
	}
	w.idleSince = time.Now()
	select {
	case <-w.loaded:
		if w.keepAlive != 0 && w.loadErr == nil && !w.abandoned() {
			if w.keepAlive > 0 {
				w.idle.Reset(w.keepAlive)
			}
			return
		}
	default:
	}
	w.finish()
}

// tellClients has the loop know how many clients there are: a batch may have all places
// while it is the only one. Its caller holds the lock.
func (w *worker) tellClients() {
	select {
	case <-w.loaded:
		if w.runner != nil {
			w.runner.loop.clients.Store(int64(w.attached))
		}
	default:
	}
}

// end ends the worker if nobody is attached.
func (w *worker) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached == 0 {
		w.finish()
	}
}

// endIfAbandoned ends the worker if nobody is attached and nobody can come. It
// reports whether it does.
func (w *worker) endIfAbandoned() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached > 0 || !w.abandoned() {
		return false
	}
	w.finish()
	return true
}

// abandoned reports whether no client finds the worker any more: its socket is
// gone, or what it is known by is not the same any more, as the model's file or
// vlmchat itself has been replaced.
func (w *worker) abandoned() bool {
	return w.place != nil && (!w.place.ours() || w.spec.files() != w.files)
}

func (w *worker) finish() {
	select {
	case <-w.finished:
	default:
		close(w.finished)
	}
}

// working counts a request, and what sends it has to go on sending.
func (w *worker) working(handle http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		w.requests.Add(1)
		defer w.requests.Add(-1)
		r.Body = &steadyBody{ReadCloser: r.Body, control: http.NewResponseController(rw)}
		handle(rw, r)
	}
}

// busy reports whether the worker loads or answers.
func (w *worker) busy() bool {
	select {
	case <-w.loaded:
		return w.requests.Load() > 0
	default:
		return true
	}
}

// pulse is how the load, and then the runner, gets on.
func (w *worker) pulse() (busySince time.Time, ticks uint64) {
	select {
	case <-w.loaded:
	default:
		return w.born, w.progress.Load()
	}
	if w.loadErr != nil {
		return time.Time{}, 0
	}
	if w.dual != nil {
		return w.dual.progress()
	}
	return w.runner.progress()
}

// progress is what runs in C, of the loop and of the encoder, and how much came
// to an end there.
func (r *runner) progress() (busySince time.Time, ticks uint64) {
	ticks = r.loop.ticks.Load()
	if since := r.loop.busySince.Load(); since != 0 {
		busySince = time.Unix(0, since)
	}
	if e := r.loop.encoder; e != nil {
		ticks += e.ticks.Load()
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.current != nil && busySince.IsZero() {
			busySince = time.Now()
		}
	}
	return busySince, ticks
}
