package native

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// loader makes a runner by a plan: one attempt of it.
type loader struct {
	spec     spec
	lib      *llamacpp.Library
	cache    llamacpp.CacheType
	plan     plan
	log      *logRing
	progress func(float64) bool

	at      part // what is being loaded
	runner  runner
	threads int // with which the runner generates
	loras   []llamacpp.LoRA
}

// load loads one part after the other. When one fails, close takes back those
// before it.
func (l *loader) load() (*runner, *engine.Error) {
	s, r := l.spec, &l.runner
	var err error
	l.at, r.lib = modelPart, l.lib
	r.model, err = l.lib.LoadModel(s.Model, llamacpp.ModelOptions{
		Devices: l.plan.devices, Layers: l.plan.layers, Split: s.Offload.split(), TensorSplit: s.Offload.TensorSplit,
	}, func(p float32) bool { return l.progress(float64(p) * 0.9) })
	if err != nil {
		return nil, loadError(s.Model, "the model", err, l.log)
	}
	if !r.model.HasDecoder() {
		return nil, &engine.Error{Kind: engine.ModelInvalid, Message: s.Model + " is a model that generates no text"}
	}
	var failure *engine.Error
	if l.loras, failure = l.loadLoRAs(); failure != nil {
		return nil, failure
	}
	if err := l.loadContext(0); err != nil {
		return nil, err
	}
	l.at = projectorPart
	marker := "<__picture_" + newNonce() + "__>"
	if s.Projector != "" {
		if err := l.loadProjector(marker); err != nil {
			return nil, err
		}
	}
	if r.prompter, err = newPrompter(r.model, r.projector, marker); err != nil {
		return nil, &engine.Error{Kind: engine.ModelInvalid, Message: fmt.Sprintf("%s: %v", s.Model, err)}
	}
	r.embedOptions = llamacpp.ContextOptions{
		Size: r.context.Size(), Threads: l.threads, Flash: flash(s.FlashAttn), Cache: l.cache, LoRAs: l.loras, Embeddings: true,
		AtOnce: r.context.AtOnce(),
	}
	r.info = engine.Info{
		Engine: "native", Model: s.ModelName, ContextSize: r.context.Size(), Threads: l.threads, Runtime: s.Runtime,
		Capabilities: engine.Capabilities{
			Vision:   r.projector != nil && r.projector.Vision(),
			Thinking: r.prompter.template.Thinks,
			Scoring:  true, Counting: true, Embedding: r.model.Embeds(),
		},
	}
	return r, nil
}

// loadContext makes the context, which computes so many tokens at once at least,
// and finds the threads to run it with.
func (l *loader) loadContext(atOnce int) *engine.Error {
	s, r := l.spec, &l.runner
	l.at = contextPart
	size := s.ContextSize
	if trained := r.model.ContextSize(); size == 0 || trained > 0 && size > trained {
		size = trained
	}
	var err error
	r.context, err = r.model.NewContext(llamacpp.ContextOptions{
		Size: size, Sequences: sequences(s), Threads: max(1, s.Threads), Flash: flash(s.FlashAttn), Cache: l.cache, LoRAs: l.loras, AtOnce: atOnce,
	})
	if err != nil {
		return loadError(s.Model, fmt.Sprintf("a context of %d tokens for the model", size), err, l.log)
	}
	if l.threads = s.Threads; l.threads == 0 {
		if l.threads, err = probeThreads(r.context); err != nil {
			return loadError(s.Model, "the model", err, l.log)
		}
	}
	return nil
}

func (l *loader) loadProjector(marker string) *engine.Error {
	s := l.spec
	if d := l.plan.projector; d != nil {
		e, err := eyeOf(s)
		if err != nil {
			return &engine.Error{Kind: engine.ModelInvalid, Message: err.Error()}
		}
		// Unlike libllama, libmtmd does not survive to be denied memory.
		if !l.lib.CanAllocate(*d, uint64(e.weights), uint64(e.work(e.largest()))) {
			return &engine.Error{
				Kind:    engine.OutOfMemory,
				Message: fmt.Sprintf("the projector %s can't be allocated on %s", s.Projector, d.Name),
			}
		}
	}
	var err error
	r := &l.runner
	atOnce := max(r.context.AtOnce(), s.ImageTokens.Min, s.ImageTokens.Max)
	r.projector, err = r.model.LoadProjector(s.Projector, llamacpp.ProjectorOptions{
		Threads: l.threads, Marker: marker, Layers: s.Layers, Device: l.plan.projector, Flash: flash(s.FlashAttn),
		MinTokens: s.ImageTokens.Min, MaxTokens: s.ImageTokens.Max, AtOnce: atOnce,
	})
	if err != nil {
		e := loadError(s.Projector, "the projector", err, l.log)
		e.Hint = "a projector (mmproj) belongs to one model; does this one belong to " + filepath.Base(s.Model) + "?"
		return e
	}
	if atOnce > r.context.AtOnce() && r.projector.NonCausal() {
		r.context.Close()
		r.context = nil
		return l.loadContext(atOnce)
	}
	return nil
}

// close frees what was loaded.
func (l *loader) close() {
	r := &l.runner
	if r.projector != nil {
		r.projector.Close()
	}
	if r.context != nil {
		r.context.Close()
	}
	if r.model != nil {
		r.model.Close()
	}
}

// noRoom says what would have fitted where the plan did not.
func (l *loader) noRoom(failure *engine.Error) *engine.Error {
	failure.Kind = engine.OutOfMemory
	if len(l.plan.devices) == 0 {
		failure.Hint = "a smaller context (--ctx), a smaller KV cache (--kv-type q8_0) or a smaller model needs less memory"
		return failure
	}
	failure.Hint = "fewer layers, or --gpu-layers auto, which takes what fits"
	layers, of, _, err := fitting(l.lib, l.spec, l.cache, l.plan.devices)
	if err == nil && layers < min(l.plan.layers, of) {
		var free []string
		for _, d := range l.plan.devices {
			bytes, _ := l.lib.Memory(d)
			free = append(free, fmt.Sprintf("%s has %.1f GB free", d.Name, float64(bytes)/1e9))
		}
		failure.Hint = fmt.Sprintf("%s, room for some %d layers: --gpu-layers %d, or auto, which takes what fits", strings.Join(free, ", "), layers, layers)
	}
	return failure
}

// flash is the binding's value of a setting.
func flash(setting string) llamacpp.FlashAttention {
	switch setting {
	case "on":
		return llamacpp.FlashOn
	case "off":
		return llamacpp.FlashOff
	}
	return llamacpp.FlashAuto
}
