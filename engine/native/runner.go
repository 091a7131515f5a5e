package native

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// runner is a loaded model with one sequence: it answers one chat at a time.
type runner struct {
	lib       *llamacpp.Library
	model     *llamacpp.Model
	projector *llamacpp.Projector // nil for a model that can't see
	context   *llamacpp.Context
	prompter  *prompter
	info      engine.Info

	// kept is what the KV cache holds: the last prompt and its answer. The next
	// prompt is computed from where it differs.
	kept []unit
}

// load makes a runner of a spec. progress is told how much is loaded, 0 to 1,
// and stops the load by returning false. log collects what llama.cpp says.
func load(s spec, log *logRing, progress func(float64) bool) (*runner, error) {
	lib, err := llamacpp.Load(s.Paths, log.add)
	if err != nil {
		return nil, &engine.Error{
			Kind:    engine.RuntimeIncompatible,
			Message: fmt.Sprintf("the llama.cpp runtime %s can't be used: %v", s.Runtime, err),
			Hint:    "install the one that this vlmchat knows: vlmchat runtime install",
		}
	}
	// llama.cpp must not see a file that would end this process.
	if err := models.CheckFiles(s.Model, s.Projector); err != nil {
		return nil, err
	}
	cache, known := llamacpp.CacheTypeNamed(s.KVType)
	if !known {
		return nil, &engine.Error{Kind: engine.Failed, Message: "there is no KV cache type " + s.KVType}
	}
	if err := addServers(lib, s, log); err != nil {
		return nil, err
	}
	if err := checkCache(s, cache); err != nil {
		return nil, err
	}
	p, err := newPlan(lib, s, cache)
	if err != nil {
		return nil, err
	}
	wanted := p.devices
	for {
		l := loader{spec: s, lib: lib, cache: cache, plan: p, log: log, progress: progress}
		p.announce()
		log.clear()
		r, failure := l.load()
		if failure == nil {
			r.info.Device = p.describe(r.model.Layers(), r.projector != nil)
			r.info.Note = p.note(s, wanted, r.model.Layers())
			progress(1)
			return r, nil
		}
		l.close()
		if !outOfMemory(failure.Message) {
			return nil, failure
		}
		next, ok := p.smaller(l.at)
		if !ok {
			return nil, l.noRoom(failure)
		}
		p = next
	}
}

// loadError says what could not be loaded, with llama.cpp's own reason.
func loadError(path, what string, err error, log *logRing) *engine.Error {
	if errors.Is(err, llamacpp.ErrCancelled) {
		return &engine.Error{Kind: engine.Cancelled, Message: "loading " + path + " was cancelled"}
	}
	message := fmt.Sprintf("loading %s %s: %v", what, path, err)
	if reason := log.errors(); reason != "" {
		message += ": " + reason
	}
	return &engine.Error{Kind: engine.ModelInvalid, Message: message}
}

// chat answers one request. Cancelling ctx stops it within milliseconds,
// whatever it is doing; the context can be used again afterwards.
func (r *runner) chat(ctx context.Context, req chatRequest, bitmaps map[string]llamacpp.Bitmap, emit func(engine.Event)) error {
	stopWatching := r.cancelWith(ctx)
	defer stopWatching()

	p, err := r.prompter.build(req.Messages, bitmaps)
	if err != nil {
		return describe(err)
	}
	defer p.close()
	var usage engine.Usage
	usage.PromptTokens, usage.ImageTokens = p.tokens()
	if size := r.context.Size(); usage.PromptTokens >= size {
		return &engine.Error{
			Kind: engine.ContextFull,
			Message: fmt.Sprintf("the conversation has %d tokens (%d of them of pictures), and the context holds %d",
				usage.PromptTokens, usage.ImageTokens, size),
			Hint: "begin a new conversation, or leave out pictures",
		}
	}
	if err := r.read(ctx, p, &usage, emit); err != nil {
		return describe(err)
	}
	finish, err := r.generate(ctx, req.Sampling, &usage, emit)
	if err != nil {
		return describe(err)
	}
	emit(engine.Event{Kind: engine.Done, Finish: finish, Usage: &usage})
	return nil
}

// cancelWith stops the context's computations when ctx ends. The function that
// it returns takes that back.
func (r *runner) cancelWith(ctx context.Context) func() {
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		r.context.Cancel()
		close(fired)
	})
	return func() {
		if !stop() {
			<-fired
		}
		r.context.Resume()
	}
}

// describe turns what went wrong in the binding into an engine's error.
func describe(err error) error {
	var known *engine.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, llamacpp.ErrCancelled), errors.Is(err, context.Canceled):
		return &engine.Error{Kind: engine.Cancelled, Message: "cancelled"}
	case errors.Is(err, llamacpp.ErrContextFull):
		return &engine.Error{Kind: engine.ContextFull, Message: "the context is full", Hint: "begin a new conversation, or leave out pictures"}
	case errors.Is(err, llamacpp.ErrNoMemory):
		return &engine.Error{
			Kind: engine.OutOfMemory, Message: err.Error(),
			Hint: "fewer layers on a GPU (--gpu-layers N) or a smaller context (--ctx N) leave more",
		}
	case errors.Is(err, llamacpp.ErrPicture):
		return &engine.Error{Kind: engine.BadPicture, Message: "the model's preprocessing refused a picture: it may be too small or too narrow for this model"}
	}
	return &engine.Error{Kind: engine.Failed, Message: err.Error()}
}

// read brings the KV cache to hold the prompt, computing only what differs from
// what it holds.
func (r *runner) read(ctx context.Context, p *prompt, usage *engine.Usage, emit func(engine.Event)) error {
	// At least one token has to be computed, for its logits.
	same := min(commonPrefix(r.kept, p.units), len(p.units)-1)
	if same < len(r.kept) && !r.context.Truncate(positions(p.units[:same])) {
		r.context.Clear()
		same = 0
	}
	r.kept = append(r.kept[:0], p.units[:same]...)
	usage.CachedTokens, _ = countTokens(r.kept)

	picture := 0
	for _, u := range p.units[:same] {
		if u.picture != "" {
			picture++
		}
	}
	pos := positions(r.kept)
	for i := same; i < len(p.units); {
		var n int
		var err error
		if p.units[i].picture != "" {
			n, err = 1, r.readPicture(ctx, p.pictures[picture], pos, usage, emit)
			picture++
		} else {
			n, err = r.readTokens(p.units[i:], pos, i, len(p.units), usage, emit)
		}
		if err != nil {
			r.rollBack()
			return err
		}
		r.kept = append(r.kept, p.units[i:i+n]...)
		pos += positions(p.units[i : i+n])
		i += n
		emit(engine.Event{Kind: engine.Prompt, Progress: float64(i) / float64(len(p.units))})
	}
	return nil
}

// readTokens computes the tokens at the head of units, as many as a batch
// takes. It returns their number.
func (r *runner) readTokens(units []unit, pos, index, total int, usage *engine.Usage, _ func(engine.Event)) (int, error) {
	var tokens []llamacpp.Token
	for _, u := range units {
		if u.picture != "" || len(tokens) == r.context.BatchSize() {
			break
		}
		tokens = append(tokens, u.token)
	}
	start := time.Now()
	err := r.context.DecodeTokens(tokens, pos, index+len(tokens) == total)
	usage.PromptTime += time.Since(start)
	return len(tokens), err
}

// readPicture encodes a picture and computes its embeddings.
func (r *runner) readPicture(ctx context.Context, c pictureChunk, pos int, usage *engine.Usage, emit func(engine.Event)) error {
	start := time.Now()
	event := engine.Event{Kind: engine.Encode, Picture: c.index}
	progress := func(done float64) engine.Event {
		event.Progress = (float64(c.tile) + done) / float64(c.tiles)
		return event
	}
	emit(progress(0))
	last := start
	embeddings, err := r.projector.Encode(c.Chunk, func(done float64) bool {
		if now := time.Now(); now.Sub(last) > progressInterval {
			last = now
			emit(progress(done))
		}
		return ctx.Err() == nil
	})
	usage.EncodeTime += time.Since(start)
	if err != nil {
		return err
	}
	emit(progress(1))
	start = time.Now()
	err = r.context.DecodePicture(r.projector, c.Chunk, embeddings, pos)
	usage.PromptTime += time.Since(start)
	return err
}

// progressInterval keeps progress from costing more than the work.
const progressInterval = 50 * time.Millisecond

// rollBack makes the KV cache hold what kept says, after a computation that
// did not end well.
func (r *runner) rollBack() {
	if !r.context.Truncate(positions(r.kept)) {
		r.context.Clear()
		r.kept = nil
	}
}

// generate writes the answer, token by token.
func (r *runner) generate(ctx context.Context, s engine.Sampling, usage *engine.Usage, emit func(engine.Event)) (engine.Finish, error) {
	seed := rand.Uint32()
	if s.Seed != nil {
		seed = *s.Seed
	}
	sampler := r.lib.NewSampler(llamacpp.SamplerOptions{Temperature: s.Temperature, TopP: s.TopP, Seed: seed})
	defer sampler.Close()

	held, _ := countTokens(r.kept)
	pos := positions(r.kept)
	text := textStream{stops: s.Stop}
	say := func(t string) {
		if t != "" {
			emit(engine.Event{Kind: engine.Delta, Text: t})
		}
	}
	start := time.Now()
	defer func() { usage.GenerateTime = time.Since(start) }()
	var piece []byte
	token := make([]llamacpp.Token, 1)
	for {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		t, err := sampler.Sample(r.context)
		if err != nil {
			return "", err
		}
		usage.GeneratedTokens++
		if r.model.IsEnd(t) {
			say(text.flush())
			return engine.Stop, nil
		}
		piece = r.model.Piece(piece[:0], t)
		say(text.push(piece))
		if text.stopped {
			return engine.Stop, nil
		}
		if usage.GeneratedTokens == s.MaxTokens || held+1 > r.context.Size() {
			say(text.flush())
			return engine.Length, nil
		}
		token[0] = t
		if err := r.context.DecodeTokens(token, pos, true); err != nil {
			r.rollBack()
			return "", err
		}
		r.kept = append(r.kept, unit{token: t, count: 1, positions: 1})
		pos, held = pos+1, held+1
	}
}

// logRing remembers the last errors of llama.cpp, to explain a failed load.
type logRing struct {
	lines []string
	all   func(text string) // sees every line, if it is set
}

// add takes a line of llama.cpp's log. What is fatal goes to the worker's own
// log at once, as the process is about to end.
func (l *logRing) add(level llamacpp.Level, text string) {
	text = strings.TrimSpace(text)
	if l.all != nil {
		l.all(text)
	}
	if level == llamacpp.Fatal {
		writeFatal(text)
		return
	}
	if level != llamacpp.Error || text == "" {
		return
	}
	if len(l.lines) == 4 {
		l.lines = l.lines[1:]
	}
	l.lines = append(l.lines, text)
}

// clear forgets everything.
func (l *logRing) clear() { l.lines = nil }

// errors returns what was remembered as one line.
func (l *logRing) errors() string { return strings.Join(l.lines, "; ") }
