package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

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

// hangingPatience is how long a worker whose template hangs has to end in good order.
const hangingPatience = 2 * time.Second

// firstAttach is when a worker ends that nobody asks.
const firstAttach = 30 * time.Second

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
	if s.Version != protocolVersion {
		writeFatal("vlmchat was upgraded while it ran: end it and start it again")
		return exitFailed
	}
	return runWorker(s)
}

// worker serves one loaded model.
type worker struct {
	spec     spec
	born     time.Time
	place    *place // where it listens; nil in tests
	files    files  // as they were when it began
	pictures pictureStore
	chats    chats

	progress atomic.Uint64          // of the load, in millionths
	warning  atomic.Pointer[string] // what those who wait for the load should know; nil if there is nothing
	loaded   chan struct{}          // closed when runner, dual or loadErr is set
	runner   *runner
	dual     *dual // in place of a runner
	loadErr  error

	finished chan struct{} // closed when it is time to end

	requests atomic.Int64                 // that are being answered, attachments apart
	farewell atomic.Pointer[engine.Error] // why it ends, for those attached; nil if nobody need know

	mu        sync.Mutex
	attached  int
	keepAlive time.Duration // as the client wants it that attached last; negative is for ever
	idleSince time.Time     // zero while somebody is attached
	idle      *time.Timer
}

func newWorker(s spec) *worker {
	w := &worker{
		spec: s, files: s.files(), born: time.Now(), idleSince: time.Now(),
		loaded: make(chan struct{}), finished: make(chan struct{}),
		pictures: pictureStore{limit: maxStoredBytes},
	}
	w.idle = time.AfterFunc(firstAttach, w.end)
	return w
}

func (w *worker) load() {
	defer func() {
		close(w.loaded)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.tellClients() // those that came meanwhile
	}()
	progress := func(done float64) bool {
		w.progress.Store(uint64(done * 1e6))
		select {
		case <-w.finished: // the last one who waited for it went away
			return false
		default:
			return true
		}
	}
	if w.spec.Encoder != "" {
		w.dual, w.loadErr = loadDual(w.spec, &logRing{}, progress)
		return
	}
	files := startDigests(w.spec, w.busy, w.finished)
	w.runner, w.loadErr = load(w.spec, &logRing{}, progress, func(text string) { w.warning.Store(&text) })
	if w.loadErr == nil {
		w.runner.origin = newOrigin(w.spec, w.runner, files)
	}
}

// info describes what was loaded.
func (w *worker) info() *engine.Info {
	if w.dual != nil {
		return &w.dual.info
	}
	return &w.runner.info
}

// close ends the work of a runner, if it was loaded.
func (w *worker) close() {
	select {
	case <-w.loaded:
		if w.runner != nil {
			w.runner.close()
		}
		if w.dual != nil {
			w.dual.close()
		}
	default:
	}
}

func (w *worker) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /attach", w.attach)
	mux.HandleFunc("PUT /pictures/{sha}", w.working(w.putPicture))
	mux.HandleFunc("POST /chat", w.working(w.chat))
	mux.HandleFunc("POST /score", w.working(w.score))
	mux.HandleFunc("POST /embed", w.working(w.embed))
	mux.HandleFunc("POST /encode/pictures", w.working(w.encodePictures))
	mux.HandleFunc("POST /encode/texts", w.working(w.encodeTexts))
	mux.HandleFunc("POST /count", w.working(w.count))
	mux.HandleFunc("POST /see", w.working(w.see))
	mux.HandleFunc("POST /prove", w.prove) // which may wait for long, and is no work
	mux.HandleFunc("GET /status", w.tellStatus)
	mux.HandleFunc("POST /stop", w.stop)
	mux.HandleFunc("POST /retire", w.retire)
	mux.HandleFunc("POST /forget", w.forget)
	return mux
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
			if left := w.chats.goOn(req.Client, req.Session); left != "" {
				w.runner.loop.keep(left)
			}
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
			c, err := w.runner.count(req, bitmaps)
			return said(line{Count: &c}), err
		})
}

func (w *worker) see(rw http.ResponseWriter, r *http.Request) {
	serve(w, rw, r, func(req chatRequest) []wireMessage { return req.Messages },
		func(_ context.Context, req chatRequest, bitmaps map[string]llamacpp.Bitmap) (*job, error) {
			sight, err := w.runner.see(w.spec.Projector, req.Messages, bitmaps)
			return said(line{Sight: &sight}), err
		})
}

func (w *worker) prove(rw http.ResponseWriter, r *http.Request) {
	serve(w, rw, r, func(struct{}) []wireMessage { return nil },
		func(ctx context.Context, _ struct{}, _ map[string]llamacpp.Bitmap) (*job, error) {
			p, err := w.runner.origin.whole(ctx)
			return said(line{Provenance: p}), err
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
	out := newLineWriter(rw)
	defer out.beat(beatInterval)()
	select {
	case <-w.loaded:
	case <-ctx.Done():
		return
	}
	defer w.pictures.trim(maxKeptBytes, keptFor)
	j, err := w.begin(messages(req), func(bitmaps map[string]llamacpp.Bitmap) (*job, error) { return begin(ctx, req, bitmaps) })
	if m, ok := errors.AsType[missingPixels](err); ok {
		out.write(line{Missing: m.names})
		return
	}
	if err != nil {
		out.write(line{Error: asError(err)})
		if errors.Is(err, errTemplateHangs) {
			w.finish() // its goroutine can't be stopped otherwise
			// It may leave no time for an end in good order.
			time.AfterFunc(hangingPatience, func() { os.Exit(exitFailed) })
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
	if w.runner == nil {
		return nil, &engine.Error{Kind: engine.BadOption, Message: w.spec.ModelName + " is an encoder: it says nothing"}
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
