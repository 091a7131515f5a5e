// Package native is the engine that runs GGUF models with llama.cpp on this
// machine. The model lives in a worker process of its own, the same executable
// under a hidden command: a fault in C costs one answer, never the terminal,
// and the model stays warm between commands. This file is the client's side,
// worker.go the other.
package native

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

// Options says which model to run and how.
type Options struct {
	Model       models.Model
	LoRAs       []LoRA // adapters of the model
	Runtime     runtimes.Runtime
	ContextSize int           // in tokens; 0 is what the model was trained for, AutoContext what memory allows
	Threads     int           // 0: found by probing
	Offload     Offload       // what goes to GPUs
	KVType      string        // one of KVTypes; "" is the first
	FlashAttn   string        // on or off; "" is where devices can
	ImageTokens ImageTokens   // bounds of a picture's tokens
	RPC         []string      // servers to spread the model over, as ParseRPC returns them
	KeepAlive   time.Duration // how long the model stays loaded after its last use
	Parallel    int           // requests that are computed at once; 0 is 8
	CacheDir    string        // where conversations and encoded pictures outlive the worker; "": nowhere
	CacheBytes  int64         // what they may take there
}

// Engine talks to a worker, which it starts when it is first needed.
type Engine struct {
	spec      spec
	keepAlive time.Duration
	client    *http.Client

	attachTimeout time.Duration // see the constant

	// attaching holds a value while nobody attaches: a lock that a cancelled
	// caller need not wait for.
	attaching chan struct{}

	mu         sync.Mutex
	connection *connection // nil while no worker is attached
}

// New makes an engine. Nothing is started or loaded yet.
func New(o Options) *Engine {
	e := &Engine{
		spec: spec{
			Paths:   pathsOf(o.Runtime),
			Runtime: o.Runtime.Name, Model: o.Model.Path, ModelName: o.Model.Name, Projector: o.Model.Projector,
			Layers: o.Model.EncoderLayers, LoRAs: o.LoRAs, ContextSize: o.ContextSize, Threads: o.Threads,
			Offload: o.Offload, KVType: o.KVType, FlashAttn: o.FlashAttn,
			ImageTokens: o.ImageTokens,
			RPC:         o.RPC, Parallel: o.Parallel, CacheDir: o.CacheDir, CacheBytes: o.CacheBytes,
		},
		keepAlive:     o.KeepAlive,
		attachTimeout: attachTimeout,
		attaching:     make(chan struct{}, 1),
	}
	e.attaching <- struct{}{}
	e.client = &http.Client{Transport: &http.Transport{DialContext: e.dial, DisableCompression: true}}
	return e
}

// Close lets go of the worker, which ends after its keep-alive.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.connection != nil {
		e.connection.close()
		e.connection = nil
	}
	e.client.CloseIdleConnections()
	return nil
}

// Info loads the model and describes it.
func (e *Engine) Info(ctx context.Context) (engine.Info, error) {
	c, err := e.attach(ctx, func(engine.Event) bool { return true })
	if err != nil {
		return engine.Info{Engine: "native", Model: e.spec.ModelName}, err
	}
	return c.info, nil
}

// Load loads the model into a worker, unless a warm one has it.
func (e *Engine) Load(ctx context.Context) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		more := true
		_, err := e.attach(ctx, func(ev engine.Event) bool {
			more = more && yield(ev, nil)
			return more
		})
		if err != nil && more {
			yield(engine.Event{}, err)
		}
	}
}

// Chat answers a request.
func (e *Engine) Chat(ctx context.Context, req engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // breaking out of the loop closes the request, which stops the worker
		start := time.Now()
		more := true
		pass := func(ev engine.Event) bool {
			more = more && yield(ev, nil)
			return more
		}
		var c *connection
		var loadTime time.Duration
		grammar, err := grammarOf(req)
		if err == nil {
			req.Grammar, req.Schema = grammar, nil
			c, err = e.attach(ctx, pass)
		}
		if err == nil {
			if c.fresh {
				c.fresh, loadTime = false, time.Since(start)
			}
			err = e.answer(ctx, c, req, start, loadTime, pass)
		}
		if err != nil && more {
			yield(engine.Event{}, err)
		}
	}
}

// answer sends the request, with the pictures that the worker lacks, and passes
// the answer's events on.
func (e *Engine) answer(ctx context.Context, c *connection, req engine.Request, start time.Time, loadTime time.Duration, pass func(engine.Event) bool) error {
	var ttft time.Duration
	var finished, left bool
	err := e.ask(ctx, c, "/chat", toWire(req), engine.Pictures(req.Messages), func(l line) (bool, error) {
		if l.Event == nil {
			return true, nil
		}
		ev := *l.Event
		if ttft == 0 && ev.Kind == engine.Delta {
			ttft = time.Since(start)
		}
		if ev.Kind == engine.Done && ev.Usage != nil {
			finished = true
			ev.Usage.LoadTime, ev.Usage.TTFT = loadTime, ttft
		}
		left = !pass(ev)
		return !left, nil
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case left:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF) || err == nil && !finished:
		return e.died(c)
	}
	return err
}

// ask sends a request and reads the lines that come of it until do has had enough.
func (e *Engine) ask(ctx context.Context, c *connection, path string, request any, pictures []*images.Picture, do func(line) (more bool, err error)) error {
	for range 3 {
		resp, err := e.send(ctx, c, path, request, pictures)
		if err != nil {
			return err
		}
		var missing []string
		err = readLines(resp.Body, func(l line) (bool, error) {
			switch {
			case l.Error != nil:
				return false, l.Error
			case l.Missing != nil: // the worker thought that it knew them
				missing = l.Missing
				return false, nil
			}
			return do(l)
		})
		resp.Body.Close()
		if missing == nil {
			return err
		}
		if err := e.sendPictures(ctx, c, missing, pictures); err != nil {
			return err
		}
	}
	return errTooManyPictures
}

var errTooManyPictures = &engine.Error{Kind: engine.BadPicture, Message: "the conversation's pictures are too many and too large to be held at once"}

// send posts a request, after sending the pictures that the worker asks for.
func (e *Engine) send(ctx context.Context, c *connection, path string, request any, sent []*images.Picture) (*http.Response, error) {
	if len(sent) > 0 && !c.info.Capabilities.Vision {
		return nil, &engine.Error{
			Kind:    engine.NotVision,
			Message: fmt.Sprintf("the model %s can't see pictures: it has no projector", c.info.Model),
			Hint:    "name the projector (mmproj) file that belongs to it with --mmproj, or choose a vision model",
		}
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	for range 3 {
		resp, err := e.request(ctx, http.MethodPost, path, bytes.NewReader(body))
		if err != nil {
			return nil, e.failed(ctx, c)
		}
		if resp.StatusCode == http.StatusOK {
			return resp, nil
		}
		var m missingPictures
		err = json.NewDecoder(resp.Body).Decode(&m)
		resp.Body.Close()
		if resp.StatusCode != http.StatusConflict || err != nil {
			return nil, &engine.Error{Kind: engine.Failed, Message: "the native worker refused the request: " + resp.Status}
		}
		if err := e.sendPictures(ctx, c, m.Missing, sent); err != nil {
			return nil, err
		}
	}
	return nil, errTooManyPictures
}

// sendPictures sends the pixels of those pictures that are missing.
func (e *Engine) sendPictures(ctx context.Context, c *connection, missing []string, pictures []*images.Picture) error {
	for _, sha := range missing {
		i := slices.IndexFunc(pictures, func(p *images.Picture) bool { return p.SHA256 == sha })
		if i < 0 {
			return &engine.Error{Kind: engine.Failed, Message: "the native worker asks for a picture that is not in the request"}
		}
		p := pictures[i]
		query := url.Values{"width": {strconv.Itoa(p.Width)}, "height": {strconv.Itoa(p.Height)}}
		resp, err := e.request(ctx, http.MethodPut, "/pictures/"+sha+"?"+query.Encode(), bytes.NewReader(p.RGB()))
		if err != nil {
			return e.failed(ctx, c)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			return &engine.Error{Kind: engine.BadPicture, Message: fmt.Sprintf("the native worker refused the picture %s: %s", p.Source, resp.Status)}
		}
	}
	return nil
}

func (e *Engine) request(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://worker"+path, body)
	if err != nil {
		return nil, err
	}
	return e.client.Do(req)
}

// failed explains a request that did not get through: cancelled, or the worker
// is gone.
func (e *Engine) failed(ctx context.Context, c *connection) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return e.died(c)
}

// died forgets a worker that ended and says why it did. The next question
// starts another.
func (e *Engine) died(c *connection) error {
	e.mu.Lock()
	if e.connection == c {
		e.connection = nil
	}
	e.mu.Unlock()
	reason, hint := c.obituary(), "ask again: a fresh worker is started, and the conversation goes on"
	if offload := c.offloadHint(); offload != "" {
		hint += "; " + offload
	}
	c.close()
	if err := e.lostServer("in the middle of the answer"); err != nil {
		return err
	}
	if len(e.spec.RPC) > 0 {
		reason += "; it computed on " + strings.Join(e.spec.RPC, ", ") + ", which can be reached now and may have been started anew"
	}
	return &engine.Error{
		Kind:    engine.WorkerDied,
		Message: "the native engine's worker process ended in the middle of the answer" + reason,
		Hint:    hint,
	}
}

// readLines reads the lines of an answer until do has had enough. A stream that
// ends in the middle is io.ErrUnexpectedEOF.
func readLines(r io.Reader, do func(line) (more bool, err error)) error {
	d := json.NewDecoder(r)
	for {
		var l line
		switch err := d.Decode(&l); {
		case err == io.EOF:
			return nil
		case err != nil:
			return io.ErrUnexpectedEOF
		}
		if more, err := do(l); err != nil || !more {
			return err
		}
	}
}
