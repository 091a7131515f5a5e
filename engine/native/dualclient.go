package native

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strconv"
	"sync"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/clip"
	"github.com/vlmchat/vlmchat/images"
)

// DualEncoder is an encoder of pictures and texts, CLIP or SigLIP, in a worker. Pictures
// are made small and texts are tokenized in this process, so the worker only computes.
type DualEncoder struct {
	engine     *Engine
	checkpoint *clip.Checkpoint
	demo       bool
}

var _ engine.Encoder = (*DualEncoder)(nil)

// NewEncoder opens the checkpoint in a folder, which is called by a name for people.
// Of the options those matter that say which libraries, devices and threads to use and
// how long the model stays loaded. Nothing is started or loaded yet.
func NewEncoder(folder, name string, demo bool, o Options) (*DualEncoder, error) {
	checkpoint, err := clip.Open(folder)
	if err != nil {
		return nil, err
	}
	checkpoint.Name = name
	e := newEngine(o, spec{
		Paths: pathsOf(o.Runtime), Runtime: o.Runtime.Name, ModelName: name, Encoder: folder,
		Threads: o.Threads, Offload: o.Offload, secrets: o.Secrets,
	})
	return &DualEncoder{engine: e, checkpoint: checkpoint, demo: demo}, nil
}

// Space describes the encoder's space.
func (d *DualEncoder) Space(ctx context.Context) (engine.Space, error) {
	info, err := d.engine.Info(ctx)
	if err != nil {
		return engine.Space{}, err
	}
	s := d.checkpoint.Space()
	s.Device, s.Note, s.Demo = info.Device, info.Note, d.demo
	return s, nil
}

// Close lets go of the worker.
func (d *DualEncoder) Close() error { return d.engine.Close() }

const (
	// picturesAtOnce and textsAtOnce are how many go to the worker in one request.
	picturesAtOnce = 8
	textsAtOnce    = 256
)

// EncodePictures returns a vector of unit length for each picture. While the worker
// computes some, the next are made ready.
func (d *DualEncoder) EncodePictures(ctx context.Context, pictures []*images.Picture) ([][]float32, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type batch struct {
		pixels []byte
		n      int
		err    error
	}
	ready := make(chan batch, 1)
	go func() {
		defer close(ready)
		for len(pictures) > 0 {
			n := min(picturesAtOnce, len(pictures))
			pixels, err := d.pixels(ctx, pictures[:n])
			select {
			case ready <- batch{pixels, n, err}:
			case <-ctx.Done():
				return
			}
			pictures = pictures[n:]
		}
	}()
	// Nothing reads pictures behind the back of who gave them.
	defer func() {
		cancel()
		for range ready {
		}
	}()
	var all [][]float32
	for b := range ready {
		if b.err != nil {
			return nil, b.err
		}
		vectors, err := d.engine.encode(ctx, "/encode/pictures?count="+strconv.Itoa(b.n), b.pixels, b.n)
		if err != nil {
			return nil, err
		}
		all = append(all, vectors...)
	}
	return all, ctx.Err()
}

// pixels are the pictures as the encoder takes them, one behind the other.
func (d *DualEncoder) pixels(ctx context.Context, pictures []*images.Picture) ([]byte, error) {
	width, height := d.checkpoint.ImageSize()
	size := width * height * 3
	pixels := make([]byte, len(pictures)*size)
	failures := make([]error, len(pictures))
	var working sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, p := range pictures {
		free <- struct{}{}
		working.Go(func() {
			defer func() { <-free }()
			if failures[i] = p.Load(ctx); failures[i] == nil {
				copy(pixels[i*size:], d.checkpoint.Pixels(p))
			}
		})
	}
	working.Wait()
	return pixels, errors.Join(failures...)
}

// EncodeTexts returns a vector of unit length for each text.
func (d *DualEncoder) EncodeTexts(ctx context.Context, texts []string) ([][]float32, error) {
	var all [][]float32
	for len(texts) > 0 {
		n := min(textsAtOnce, len(texts))
		tokens := make([][]int32, n)
		for i, text := range texts[:n] {
			var err error
			if tokens[i], err = d.checkpoint.Tokens(text); err != nil {
				return nil, err
			}
		}
		body, err := json.Marshal(tokens)
		if err != nil {
			return nil, err
		}
		vectors, err := d.engine.encode(ctx, "/encode/texts", body, n)
		if err != nil {
			return nil, err
		}
		all, texts = append(all, vectors...), texts[n:]
	}
	return all, nil
}

// encode asks a worker for n vectors.
func (e *Engine) encode(ctx context.Context, path string, body []byte, n int) (vectors [][]float32, err error) {
	err = e.attached(ctx, func(ctx context.Context, c *connection) error {
		return e.askBody(ctx, c, path, body, nil, func(l line) (bool, error) {
			vectors = l.Vectors
			return vectors == nil, nil
		})
	})
	if err == nil && len(vectors) != n {
		err = &engine.Error{Kind: engine.Failed, Message: "the native worker returned another number of vectors than it was asked for"}
	}
	return vectors, err
}
