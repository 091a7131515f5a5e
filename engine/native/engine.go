// Package native is the engine that runs GGUF models with llama.cpp on this
// machine. The model lives in a worker process of its own, the same executable
// under a hidden command: a fault in C costs one answer, never the terminal,
// and the model stays warm between commands. Engine, in engine.go, is the client's
// side of it; worker.go is the other, and protocol.go what they say to each other.
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
	KeepAlive   time.Duration // how long the model stays loaded after its last use; negative is for ever
	Parallel    int           // requests that are computed at once; 0 is 8
	CacheDir    string        // where conversations and encoded pictures outlive the worker; "": nowhere
	CacheBytes  int64         // what they may take there
	NoState     bool          // encoded pictures alone outlive the worker
	Alone       bool          // nobody else uses the worker, and it computes all anew: so that numbers are the same again
	Secrets     []string      // environment variables that the worker must not see, besides those called KEY, TOKEN and the like
}

// Engine talks to a worker, which it starts when it is first needed.
type Engine struct {
	name      string // by which a worker knows this client
	spec      spec
	modelfile modelfile
	keepAlive time.Duration
	client    *http.Client

	attachTimeout, silenceLimit time.Duration // see the constants

	// attaching holds a value while nobody attaches: a lock that a cancelled
	// caller need not wait for.
	attaching chan struct{}

	mu         sync.Mutex
	connection *connection // nil while no worker is attached
	goingOn    map[context.Context]context.CancelFunc
	closed     bool
}

// New makes an engine. Nothing is started or loaded yet.
func New(o Options) *Engine {
	return newEngine(o, specOf(o))
}

// specOf is what a worker loads for the options.
func specOf(o Options) spec {
	return spec{
		Paths:   pathsOf(o.Runtime),
		Runtime: o.Runtime.Name, Model: o.Model.Path, ModelName: o.Model.Name, Projector: o.Model.Projector,
		Layers: o.Model.EncoderLayers, LoRAs: withOwn(o.Model, o.LoRAs), ContextSize: o.ContextSize, Threads: o.Threads,
		Offload: o.Offload, KVType: o.KVType, FlashAttn: o.FlashAttn,
		ImageTokens: o.ImageTokens,
		RPC:         o.RPC, Parallel: o.Parallel, CacheDir: o.CacheDir, CacheBytes: o.CacheBytes, NoState: o.NoState,
		secrets: o.Secrets,
	}
}

// newEngine makes an engine whose worker serves a spec.
func newEngine(o Options, s spec) *Engine {
	e := &Engine{
		name:          newNonce(),
		spec:          s,
		modelfile:     modelfile{system: o.Model.System, stop: o.Model.Stop},
		keepAlive:     o.KeepAlive,
		attachTimeout: attachTimeout,
		silenceLimit:  silenceLimit,
		attaching:     make(chan struct{}, 1),
		goingOn:       map[context.Context]context.CancelFunc{},
	}
	if o.Alone {
		e.spec.Alone = newNonce()
	}
	e.spec = e.spec.identified()
	e.attaching <- struct{}{}
	e.client = &http.Client{Transport: &http.Transport{DialContext: e.dial, DisableCompression: true}}
	return e
}

// Info loads the model and describes it.
func (e *Engine) Info(ctx context.Context) (engine.Info, error) {
	ctx, cancel := e.within(ctx)
	defer cancel()
	c, err := e.attach(ctx, func(engine.Event) bool { return true })
	if err != nil {
		return engine.Info{Engine: "native", Model: e.spec.ModelName}, err
	}
	return c.info, nil
}

// Load loads the model into a worker, unless a warm one has it.
func (e *Engine) Load(ctx context.Context) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		ctx, cancel := e.within(ctx)
		defer cancel()
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
		ctx, cancel := e.within(ctx)
		defer cancel()
		a := asking{engine: e, req: e.modelfile.request(req), start: time.Now(), yield: engine.Logged(ctx, "native", req, yield)}
		if err := a.run(ctx); err != nil && !a.left {
			yield(engine.Event{}, err)
		}
	}
}

// ask sends a request, with the pictures that the worker lacks, and reads the
// lines that come of it until do has had enough. An *ending is that of the worker.
func (e *Engine) ask(ctx context.Context, c *connection, path string, request any, pictures []*images.Picture, do func(line) (more bool, err error)) error {
	if len(pictures) > 0 && !c.info.Capabilities.Vision {
		return &engine.Error{
			Kind:    engine.NotVision,
			Message: fmt.Sprintf("the model %s can't see pictures: it has no projector", c.info.Model),
			Hint:    "name the projector (mmproj) file that belongs to it with --mmproj, or choose a vision model",
		}
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	return e.askBody(ctx, c, path, body, pictures, do)
}

// askBody is ask for a request that is bytes already.
func (e *Engine) askBody(ctx context.Context, c *connection, path string, body []byte, pictures []*images.Picture, do func(line) (more bool, err error)) error {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil) // closes the request, which stops the worker
	p := newPatience(e.silenceLimit, func() { giveUp(errSilent) })
	defer p.rest()
	for range 4 {
		missing, err := e.send(ctx, p, path, body, do)
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF), engine.KindOf(err) == engine.Cancelled: // by us, or by a worker that ends
			return e.failed(ctx, c)
		case err != nil || missing == nil:
			return err
		}
		if err := e.sendPictures(ctx, c, p, missing, pictures); err != nil {
			return err
		}
	}
	return &engine.Error{Kind: engine.BadPicture, Message: "the conversation's pictures are too many and too large to be held at once"}
}

// send posts a request and passes its lines to do. It returns the pictures that
// the worker wants first.
func (e *Engine) send(ctx context.Context, p *patience, path string, body []byte, do func(line) (more bool, err error)) (missing []string, err error) {
	p.wait()
	resp, err := e.request(ctx, http.MethodPost, path, bytes.NewReader(body))
	p.rest()
	if err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &engine.Error{Kind: engine.Failed, Message: "the native worker refused the request: " + resp.Status}
	}
	err = readLines(p.reader(resp.Body), func(l line) (bool, error) {
		switch {
		case l.Error != nil:
			return false, l.Error
		case l.Missing != nil:
			missing = l.Missing
			return false, nil
		}
		return do(l)
	})
	return missing, err
}

// sendPictures sends the pixels of those pictures that are missing.
func (e *Engine) sendPictures(ctx context.Context, c *connection, p *patience, missing []string, pictures []*images.Picture) error {
	for _, sha := range missing {
		i := slices.IndexFunc(pictures, func(p *images.Picture) bool { return p.SHA256 == sha })
		if i < 0 {
			return &engine.Error{Kind: engine.Failed, Message: "the native worker asks for a picture that is not in the request"}
		}
		picture := pictures[i]
		query := url.Values{"width": {strconv.Itoa(picture.Width)}, "height": {strconv.Itoa(picture.Height)}}
		p.wait()
		resp, err := e.request(ctx, http.MethodPut, "/pictures/"+sha+"?"+query.Encode(), bytes.NewReader(picture.RGB()))
		p.rest()
		if err != nil {
			return e.failed(ctx, c)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			return &engine.Error{Kind: engine.BadPicture, Message: fmt.Sprintf("the native worker refused the picture %s: %s", picture.Source, resp.Status)}
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

// readLines reads the lines of an answer until do has had enough. An answer that
// ends before is io.ErrUnexpectedEOF.
func readLines(r io.Reader, do func(line) (more bool, err error)) error {
	d := json.NewDecoder(r)
	for {
		var l line
		if d.Decode(&l) != nil {
			return io.ErrUnexpectedEOF
		}
		if more, err := do(l); err != nil || !more {
			return err
		}
	}
}
