package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/clip"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// maxEncoded is how many pictures or texts are encoded in one request: other clients
// come in between, and it can be cancelled.
const maxEncoded = 64

// maxTokensEncoded bounds the tokens of a request's texts.
const maxTokensEncoded = 1 << 20

// dual is a dual encoder in a worker, in place of a chat model.
type dual struct {
	checkpoint *clip.Checkpoint
	model      *clip.Model
	info       engine.Info
	pace       *pace // nil where a person has chosen the threads

	computing chan struct{} // holds a value while nobody computes: one request at a time
	busySince atomic.Int64  // when what runs in C began, 0 while nothing does
	ticks     atomic.Uint64 // how much came to its end there
}

// loadDual loads the encoder of a spec.
func loadDual(s spec, log *logRing, progress func(float64) bool) (*dual, error) {
	checkpoint, err := clip.Open(s.Encoder)
	if err != nil {
		return nil, err
	}
	checkpoint.Name = s.ModelName
	lib, err := loadLibrary(s, log)
	if err != nil {
		return nil, err
	}
	devices, err := s.Offload.devices(lib.Devices())
	if err != nil {
		return nil, err
	}
	d := &dual{checkpoint: checkpoint, computing: make(chan struct{}, 1)}
	d.computing <- struct{}{}
	threads := max(1, s.Threads)
	d.model, d.info.Device, d.info.Note, err = placeDual(s.Offload, devices, func(device *llamacpp.Device) (*clip.Model, error) {
		return checkpoint.Load(lib, clip.Options{Threads: threads, Device: device}, progress)
	})
	if err != nil {
		return nil, encoderLoadError(s, err, log)
	}
	if s.Threads == 0 {
		d.pace = newPace(freeCores())
	}
	d.info.Engine, d.info.Model, d.info.Runtime = "native", s.ModelName, s.Runtime
	d.info.Threads = threads
	d.info.Capabilities = engine.Capabilities{Vision: true, Embedding: true}
	progress(1)
	return d, nil
}

// encoderLoadError tells why an encoder can't be loaded.
func encoderLoadError(s spec, err error, log *logRing) error {
	if e, ok := errors.AsType[*engine.Error](err); ok {
		return e
	}
	return loadError(s.Encoder, "the encoder", err, log)
}

// encode runs something that computes vectors of n inputs, when it is its turn.
func (d *dual) encode(ctx context.Context, n int, compute func(context.Context) ([][]float32, error)) ([][]float32, error) {
	select {
	case <-d.computing:
		defer func() { d.computing <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	start := time.Now()
	d.busySince.Store(start.UnixNano())
	defer func() {
		d.busySince.Store(0)
		d.ticks.Add(1)
	}()
	if d.pace != nil {
		d.model.SetThreads(d.pace.threads())
	}
	vectors, err := compute(ctx)
	if err == nil && d.pace != nil {
		d.pace.took(n, time.Since(start))
	}
	return vectors, err
}

// close frees the model, once nothing computes.
func (d *dual) close() {
	<-d.computing
	d.model.Close()
}

// progress is as runner.progress.
func (d *dual) progress() (busySince time.Time, ticks uint64) {
	if since := d.busySince.Load(); since != 0 {
		busySince = time.Unix(0, since)
	}
	return busySince, d.ticks.Load()
}

// encodePictures answers POST /encode/pictures?count=N: the pixels that the encoder
// takes, one picture behind the other.
func (w *worker) encodePictures(rw http.ResponseWriter, r *http.Request) {
	w.encode(rw, r, func(d *dual) (int, func(context.Context) ([][]float32, error), error) {
		n, err := strconv.Atoi(r.URL.Query().Get("count"))
		if err != nil || n < 1 || n > maxEncoded {
			return 0, nil, fmt.Errorf("there are 1 to %d pictures in a request", maxEncoded)
		}
		width, height := d.checkpoint.ImageSize()
		pixels := make([]byte, n*width*height*3)
		if _, err := io.ReadFull(r.Body, pixels); err != nil {
			return 0, nil, err
		}
		pictures := slices.Collect(slices.Chunk(pixels, width*height*3))
		return n, func(ctx context.Context) ([][]float32, error) { return d.model.Pictures(ctx, pictures) }, nil
	})
}

// encodeTexts answers POST /encode/texts: token ids of each text, as JSON.
func (w *worker) encodeTexts(rw http.ResponseWriter, r *http.Request) {
	w.encode(rw, r, func(d *dual) (int, func(context.Context) ([][]float32, error), error) {
		var texts [][]int32
		if err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, maxChatBytes)).Decode(&texts); err != nil {
			return 0, nil, err
		}
		tokens := 0
		for _, t := range texts {
			tokens += len(t)
		}
		if len(texts) < 1 || tokens > maxTokensEncoded {
			return 0, nil, fmt.Errorf("there are 1 text and %d tokens at most in a request", maxTokensEncoded)
		}
		return tokens, func(ctx context.Context) ([][]float32, error) { return d.model.Texts(ctx, texts) }, nil
	})
}

// encode waits for the model, reads a request and answers it.
func (w *worker) encode(rw http.ResponseWriter, r *http.Request,
	read func(*dual) (int, func(context.Context) ([][]float32, error), error),
) {
	ctx := r.Context()
	out := newLineWriter(rw)
	defer out.beat(beatInterval)()
	select {
	case <-w.loaded:
	case <-ctx.Done():
		return
	}
	vectors, err := func() ([][]float32, error) {
		switch {
		case w.loadErr != nil:
			return nil, w.loadErr
		case w.dual == nil:
			return nil, &engine.Error{Kind: engine.BadOption, Message: w.spec.ModelName + " is no encoder of pictures and texts"}
		}
		n, compute, err := read(w.dual)
		if err != nil {
			return nil, &engine.Error{Kind: engine.BadOption, Message: "the request can't be understood: " + err.Error(), Err: err}
		}
		return w.dual.encode(ctx, n, compute)
	}()
	switch {
	case errors.Is(err, llamacpp.ErrCancelled), ctx.Err() != nil:
	case err != nil:
		out.write(line{Error: asError(err)})
	default:
		out.write(line{Vectors: vectors})
	}
}
