package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// WorkerCommand is the hidden command under which vlmchat's executable runs as
// a worker: "vlmchat worker", with a spec on standard input.
const WorkerCommand = "worker"

// Exit codes of a worker.
const (
	exitOK     = 0
	exitFailed = 1
	exitTaken  = 75 // another worker serves this spec already
)

const (
	firstAttach = 30 * time.Second // a worker that nobody asks ends
	fatalMark   = "fatal: "
)

// WorkerMain runs a worker until nobody has used it for its keep-alive, and
// returns the process's exit code.
func WorkerMain(stdin io.Reader) int {
	var s spec
	if err := json.NewDecoder(stdin).Decode(&s); err != nil {
		fmt.Fprintln(os.Stderr, "vlmchat worker: this command is for vlmchat's own use:", err)
		return exitFailed
	}
	if s.Try {
		return tryMain(s)
	}
	if s.Trial != nil {
		return s.Trial.main()
	}
	dir, err := socketDir()
	if err != nil {
		writeFatal(err.Error())
		return exitFailed
	}
	key := s.key()
	// The lock is held for life: whoever has it may replace a stale socket.
	lock := flock.New(lockPath(dir, key))
	got, err := lock.TryLock()
	if err != nil {
		writeFatal("locking " + lock.Path() + ": " + err.Error())
		return exitFailed
	}
	if !got {
		return exitTaken
	}
	// Unless something refers to the lock, the collector lets go of it.
	defer func() { _ = lock.Unlock() }()
	_ = os.Truncate(logPath(dir, key), 0) // what is in it is a dead worker's
	path := socketPath(dir, key)
	_ = os.Remove(path)
	listener, err := net.Listen("unix", path)
	if err != nil {
		writeFatal(listenReason(err))
		return exitFailed
	}
	// Go's heap is little but pixels here, which cost the collector nothing; by
	// default it would let as many again lie about as are in use.
	debug.SetGCPercent(20)
	w := newWorker()
	go w.load(s)
	server := &http.Server{Handler: w.handler()}
	go func() {
		<-w.finished
		// The socket goes first, so that nobody connects to a worker that ends.
		_ = os.Remove(path)
		_ = server.Close()
	}()
	_ = server.Serve(listener)
	w.close()
	_ = os.Remove(logPath(dir, key))
	return exitOK
}

// writeFatal leaves the reason of an end for the client, in the worker's log.
func writeFatal(reason string) { fmt.Fprintln(os.Stderr, fatalMark+reason) }

// worker serves one loaded model.
type worker struct {
	pictures pictureStore

	progress atomic.Uint64 // of the load, in millionths
	loaded   chan struct{} // closed when runner or loadErr is set
	runner   *runner
	loadErr  error

	finished chan struct{} // closed when it is time to end

	mu        sync.Mutex
	attached  int
	keepAlive time.Duration // as the client wants it that attached last
	idle      *time.Timer
}

func newWorker() *worker {
	w := &worker{
		loaded: make(chan struct{}), finished: make(chan struct{}),
		pictures: pictureStore{limit: maxStoredBytes},
	}
	w.idle = time.AfterFunc(firstAttach, w.end)
	return w
}

// end ends the worker if nobody is attached.
func (w *worker) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached == 0 {
		w.finish()
	}
}

func (w *worker) finish() {
	select {
	case <-w.finished:
	default:
		close(w.finished)
	}
}

func (w *worker) load(s spec) {
	defer close(w.loaded)
	w.runner, w.loadErr = load(s, &logRing{}, func(done float64) bool {
		w.progress.Store(uint64(done * 1e6))
		select {
		case <-w.finished: // the last one who waited for it went away
			return false
		default:
			return true
		}
	})
}

// close ends the work of a runner that was loaded.
func (w *worker) close() {
	<-w.loaded
	if w.runner != nil {
		w.runner.close()
	}
}

func (w *worker) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /attach", w.attach)
	mux.HandleFunc("PUT /pictures/{sha}", w.putPicture)
	mux.HandleFunc("POST /chat", w.chat)
	mux.HandleFunc("POST /score", w.score)
	mux.HandleFunc("POST /embed", w.embed)
	mux.HandleFunc("POST /count", w.count)
	return mux
}

// attach reports the load and then stays open for as long as its client wants
// the worker to live.
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
	out := newLineWriter(rw)
	tick := time.NewTicker(progressInterval)
	defer tick.Stop()
	for loading := true; loading; {
		select {
		case <-w.loaded:
			loading = false
		case <-tick.C:
			out.write(line{Event: &engine.Event{Kind: engine.Load, Progress: float64(w.progress.Load()) / 1e6}})
		case <-r.Context().Done():
			return
		}
	}
	if w.loadErr != nil {
		out.write(line{Error: asError(w.loadErr)})
		return
	}
	out.write(line{Info: &w.runner.info})
	select {
	case <-r.Context().Done():
	case <-w.finished:
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
	w.keepAlive = keepAlive
	w.idle.Stop()
	return true
}

// leave lets the worker end after its keep-alive if this was its last client. A
// load that nobody waits for any more is given up at once.
func (w *worker) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attached--
	if w.attached > 0 {
		return
	}
	select {
	case <-w.loaded:
		if w.keepAlive > 0 && w.loadErr == nil {
			w.idle.Reset(w.keepAlive)
			return
		}
	default:
	}
	w.finish()
}

func (w *worker) putPicture(rw http.ResponseWriter, r *http.Request) {
	width, err1 := strconv.Atoi(r.URL.Query().Get("width"))
	height, err2 := strconv.Atoi(r.URL.Query().Get("height"))
	if err := errors.Join(err1, err2); err != nil || width < 1 || height < 1 || width > maxStoredBytes/3/height {
		http.Error(rw, "bad width or height", http.StatusBadRequest)
		return
	}
	rgb := make([]byte, width*height*3)
	if _, err := io.ReadFull(r.Body, rgb); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	w.pictures.put(r.PathValue("sha"), llamacpp.Bitmap{Width: width, Height: height, RGB: rgb})
	rw.WriteHeader(http.StatusNoContent)
}

func (w *worker) chat(rw http.ResponseWriter, r *http.Request) {
	serve(w, rw, r, func(req chatRequest) []wireMessage { return req.Messages },
		func(ctx context.Context, req chatRequest, bitmaps map[string]llamacpp.Bitmap) (*job, error) {
			return w.runner.chat(ctx, req, bitmaps)
		})
}

func (w *worker) score(rw http.ResponseWriter, r *http.Request) {
	serve(w, rw, r, func(req scoreRequest) []wireMessage { return req.Messages },
		func(ctx context.Context, req scoreRequest, bitmaps map[string]llamacpp.Bitmap) (*job, error) {
			return w.runner.score(ctx, req, bitmaps)
		})
}

func (w *worker) count(rw http.ResponseWriter, r *http.Request) {
	serve(w, rw, r, func(req chatRequest) []wireMessage { return req.Messages },
		func(_ context.Context, req chatRequest, bitmaps map[string]llamacpp.Bitmap) (*job, error) {
			c, err := w.runner.count(req.Messages, bitmaps)
			return said(line{Count: &c}), err
		})
}

func (w *worker) embed(rw http.ResponseWriter, r *http.Request) {
	messages := func(req embedRequest) (all []wireMessage) {
		for _, parts := range req.Inputs {
			all = append(all, wireMessage{Parts: parts})
		}
		return all
	}
	serve(w, rw, r, messages, func(ctx context.Context, req embedRequest, bitmaps map[string]llamacpp.Bitmap) (*job, error) {
		vectors, err := w.runner.embed(ctx, req, bitmaps)
		return said(line{Vectors: vectors}), err
	})
}

// said is a job that is done, with one line to tell.
func said(l line) *job {
	j := &job{events: newOutbox()}
	j.events.put(l)
	j.events.close()
	return j
}

// serve reads a request, finds the pixels of its pictures, has it begun when the
// model is loaded, and sends the lines that come of it.
func serve[R any](w *worker, rw http.ResponseWriter, r *http.Request, messages func(R) []wireMessage,
	begin func(context.Context, R, map[string]llamacpp.Bitmap) (*job, error),
) {
	var req R
	if err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, maxChatBytes)).Decode(&req); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	ctx := r.Context()
	select {
	case <-w.loaded:
	case <-ctx.Done():
		return
	}
	defer w.pictures.trim(maxKeptBytes)
	j, err := w.begin(messages(req), func(bitmaps map[string]llamacpp.Bitmap) (*job, error) { return begin(ctx, req, bitmaps) })
	if m, ok := errors.AsType[missingPixels](err); ok {
		rw.WriteHeader(http.StatusConflict)
		_ = json.NewEncoder(rw).Encode(missingPictures{m.names})
		return
	}
	out := newLineWriter(rw)
	if err != nil {
		out.write(line{Error: asError(err)})
		if errors.Is(err, errTemplateHangs) {
			w.finish() // its goroutine can't be stopped otherwise
		}
		return
	}
	for more := true; more; {
		var lines []line
		lines, more = j.events.take(ctx)
		for _, l := range lines {
			out.write(l)
		}
	}
}

// begin hands a request with its pictures to the runner.
func (w *worker) begin(messages []wireMessage, do func(map[string]llamacpp.Bitmap) (*job, error)) (*job, error) {
	if w.loadErr != nil {
		return nil, w.loadErr
	}
	bitmaps, missing := w.pictures.get(pictureNames(messages))
	if len(missing) > 0 && (w.runner.projector == nil || !w.runner.projector.CountsWithoutPixels()) {
		return nil, missingPixels{missing}
	}
	for _, m := range messages {
		for _, part := range m.Parts {
			if _, known := bitmaps[part.Picture]; part.Picture != "" && !known {
				bitmaps[part.Picture] = llamacpp.Bitmap{Width: part.Width, Height: part.Height}
			}
		}
	}
	return do(bitmaps)
}

// maxChatBytes bounds the text of a conversation.
const maxChatBytes = 64 << 20
