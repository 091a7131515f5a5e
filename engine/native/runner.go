package native

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// runner is a loaded model at work. Requests are prepared by whoever makes them,
// side by side, and computed by the loop, together.
type runner struct {
	lib       *llamacpp.Library
	model     *llamacpp.Model
	projector *llamacpp.Projector // nil for a model that can't see
	context   *llamacpp.Context
	prompter  *prompter
	info      engine.Info
	origin    *origin // of its answers; nil in tests

	loop     loop
	known    encodings
	disk     *diskcache.Cache // nil: nothing outlives the worker
	embedder embedder
	// embedOptions are those of the context that the embedder makes.
	embedOptions llamacpp.ContextOptions
}

// loadLibrary loads the llama.cpp of a spec.
func loadLibrary(s spec, log *logRing) (*llamacpp.Library, error) {
	lib, err := llamacpp.Load(s.Paths, log.add)
	if err != nil {
		return nil, &engine.Error{
			Kind:    engine.RuntimeIncompatible,
			Message: fmt.Sprintf("the llama.cpp runtime %s can't be used: %v", s.Runtime, err),
			Hint:    "install the one that this vlmchat knows: vlmchat runtime install",
		}
	}
	return lib, nil
}

// load makes a runner of a spec. progress is told how much is loaded, 0 to 1,
// and stops the load by returning false. log collects what llama.cpp says. warn is told,
// before that takes long, if there seems to be too little memory.
func load(s spec, log *logRing, progress func(float64) bool, warn func(string)) (*runner, error) {
	lib, err := loadLibrary(s, log)
	if err != nil {
		return nil, err
	}
	// llama.cpp must not see a file that would end this process.
	if err := models.CheckFiles(s.Model, s.Projector); err != nil {
		return nil, err
	}
	for _, a := range s.LoRAs {
		if err := models.CheckLoRA(a.Path, s.Model); err != nil {
			return nil, err
		}
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
	n, unknown := needsOf(s, cache)
	auto := s.ContextSize == AutoContext
	if auto {
		if unknown != nil {
			return nil, &engine.Error{Kind: engine.ModelInvalid, Message: "finding out how large a context can be: " + unknown.Error(), Err: unknown}
		}
		if s.ContextSize, err = autoContext(lib, s, n); err != nil {
			return nil, err
		}
	}
	p, err := newPlan(lib, s, cache)
	if err != nil {
		return nil, err
	}
	wanted := p.devices
	if unknown == nil {
		if text := shortage(s, n, spaceFor(lib, s, wanted)); text != "" {
			warn(text)
		}
	}
	for {
		l := loader{spec: s, lib: lib, cache: cache, plan: p, log: log, progress: progress}
		p.announce()
		log.clear()
		r, failure := l.load()
		if failure == nil {
			r.info.Device = p.describe(r.model.Layers(), r.projector != nil)
			r.info.Note = strings.TrimSpace(r.prompter.note + " " + p.note(s, wanted, r.model.Layers()))
			r.startLoop(s)
			progress(1)
			return r, nil
		}
		l.close()
		if !outOfMemory(failure.Message) {
			return nil, failure
		}
		next, ok := p.smaller(l.at)
		if auto && l.at == contextPart {
			if size := lessContext(s.ContextSize, ok); size > 0 {
				s.ContextSize, next, ok = size, p, true
			}
		}
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

// missingPixels is the error of a request with pictures whose pixels are needed
// and not there.
type missingPixels struct{ names []string }

func (e missingPixels) Error() string { return "pictures have to be sent first" }

// startLoop lets the runner take requests.
func (r *runner) startLoop(s spec) {
	stateOf, projectorOf := identities(s)
	r.disk = openDiskCache(s)
	if stateOf == "" || s.Alone != "" {
		r.disk = nil // what is kept could be another model's, or nothing kept is wanted
	}
	r.known.limit = maxEncodedBytes
	r.known.disk = encodingStore{disk: r.disk, projector: projectorOf}
	l, ofStates := &r.loop, r.disk
	if s.NoState {
		ofStates = nil
	}
	l.context, l.model, l.most = r.context, r.model, parallel(s)
	l.states = newStates(ofStates, stateOf, l.nudge)
	l.kv = newKVCache(r.context, r.context.Size(), sequences(s), r.model.CanRewind())
	l.kv.leaving = func(seq *sequence) {
		if (seq.continued || seq.session != "") && !seq.passing {
			l.states.save(r.context, seq)
		}
	}
	l.start()
	if r.projector != nil {
		l.encoder = newEncoder(r.projector, &r.known, l.nudge)
	}
}

// close ends the runner's work and keeps the conversations that may go on.
func (r *runner) close() {
	if r.loop.encoder != nil {
		r.loop.encoder.close()
	}
	r.loop.close()
}

// chat prepares the answer to a request and hands it to the loop.
func (r *runner) chat(ctx context.Context, req chatRequest, bitmaps map[string]llamacpp.Bitmap) (*job, error) {
	thinking := req.Thinking
	if req.Grammar != "" {
		thinking = new(bool) // the answer is all that the grammar has
	}
	if err := r.checkNew(bitmaps); err != nil {
		return nil, err
	}
	w, err := r.fit(req.Messages, thinking, bitmaps, req.Sampling.MaxTokens)
	if err != nil {
		return nil, describe(err)
	}
	p := w.prompt
	j := &job{ctx: ctx, background: req.Background, session: req.Session, prompt: p, events: newOutbox()}
	j.private.Store(req.Private)
	j.usage.DroppedMessages = w.dropped
	j.usage.PromptTokens, j.usage.ImageTokens = p.tokens()
	thinker := newThinker(r.prompter.tags, p.text)
	said := 0
	if req.Said != "" {
		tokens, err := r.prompter.goOn(p, thinker.skip()+req.Said)
		if err != nil {
			return nil, describe(err)
		}
		p.appendTokens(tokens)
		said = len(tokens)
	}
	room, growth, err := answerRoom(p, r.context.Size(), req.Sampling.MaxTokens)
	if err != nil {
		return nil, err
	}
	if err := r.check(p); err != nil {
		return nil, err
	}
	j.growth = growth
	if j.task, err = r.newAnswering(req, thinker, room, said); err != nil {
		return nil, err
	}
	if w.note != "" {
		j.tell(engine.Event{Kind: engine.Note, Text: w.note})
	}
	r.loop.submit(j)
	return j, nil
}

// score prepares the scoring of candidates and hands it to the loop.
func (r *runner) score(ctx context.Context, req scoreRequest, bitmaps map[string]llamacpp.Bitmap) (*job, error) {
	if err := r.checkNew(bitmaps); err != nil {
		return nil, err
	}
	// It is the answer that is scored.
	p, err := r.prompter.build(req.Messages, new(bool), bitmaps)
	if err != nil {
		return nil, describe(err)
	}
	var candidates [][]llamacpp.Token
	for _, text := range req.Candidates {
		tokens, err := r.prompter.goOn(p, text)
		if err != nil {
			return nil, describe(err)
		}
		if end, ok := r.model.EndOfTurn(); ok && req.End {
			tokens = append(tokens, end)
		}
		candidates = append(candidates, tokens)
	}
	task := newScoring(candidates, r.model.VocabSize(), req.TopLogprobs)
	size := r.context.Size()
	all, image := p.tokens()
	growth := task.growth(size)
	if all+task.longest() > size {
		return nil, tooLarge("the prompt and the longest text to be scored have", all+task.longest(), image, size)
	}
	if err := r.check(p); err != nil {
		return nil, err
	}
	j := &job{ctx: ctx, prompt: p, growth: min(growth, size-all), task: task, events: newOutbox()}
	j.private.Store(req.Private)
	r.loop.submit(j)
	return j, nil
}

// count counts what a request takes of the context.
func (r *runner) count(req chatRequest, bitmaps map[string]llamacpp.Bitmap) (engine.Count, error) {
	p, err := r.prompter.build(req.Messages, req.Thinking, bitmaps)
	if err != nil {
		return engine.Count{}, describe(err)
	}
	c := engine.Count{ContextSize: r.context.Size()}
	c.Tokens, c.ImageTokens = p.tokens()
	for _, t := range p.tiles {
		for len(c.Pictures) <= t.index {
			c.Pictures = append(c.Pictures, 0)
		}
		c.Pictures[t.index] += t.Count
	}
	// What can't be asked at all has no answer to leave anything out for.
	if w, err := r.fit(req.Messages, req.Thinking, bitmaps, req.Sampling.MaxTokens); err == nil {
		c.Dropped = w.dropped
	}
	return c, nil
}

// check refuses a prompt that can't be computed: nothing can be asked after its
// end, or pixels are missing.
func (r *runner) check(p *prompt) error {
	if last := len(p.units) - 1; last < 0 || p.units[last].picture != "" {
		return &engine.Error{Kind: engine.Failed, Message: "the model's chat template ends in a picture, or in nothing: there is nothing to go on from"}
	}
	return r.checkPixels(p)
}

// checkNew finds the pictures that were never encoded, and whose pixels are
// therefore needed.
func (r *runner) checkNew(bitmaps map[string]llamacpp.Bitmap) error {
	var missing missingPixels
	for sha, b := range bitmaps {
		if b.RGB == nil && !r.known.knows(sha) {
			missing.names = append(missing.names, sha)
		}
	}
	if len(missing.names) > 0 {
		return missing
	}
	return nil
}

// checkPixels finds the pictures that have to be encoded and have no pixels.
func (r *runner) checkPixels(p *prompt) error {
	var missing missingPixels
	for _, t := range p.tiles {
		piece := p.pieces[t.piece]
		i := slices.IndexFunc(piece.bitmaps, func(b llamacpp.Bitmap) bool { return b.ID == pictureID(t.index, t.picture) })
		if piece.bitmaps[i].RGB == nil && !slices.Contains(missing.names, t.picture) && !r.known.has(t.key()) {
			missing.names = append(missing.names, t.picture)
		}
	}
	if len(missing.names) > 0 {
		return missing
	}
	return nil
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
