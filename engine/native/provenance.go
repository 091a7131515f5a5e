package native

import (
	"context"
	"maps"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

var _ engine.Prover = (*Engine)(nil)

// origin is what the answers of a runner come from.
type origin struct {
	known engine.Provenance // as it is when the model is loaded
	dated bool              // the chat template tells the model the date
	files *digests          // which may be ready later; nil where nobody wants to know
}

// newOrigin is the origin of what a loaded model answers. Its options have the names of
// the settings where they are some.
func newOrigin(s spec, r *runner, files *digests) *origin {
	auto := func(n int) string {
		if n == 0 {
			return "auto"
		}
		return strconv.Itoa(n)
	}
	o := &origin{files: files, dated: r.prompter.template.dated, known: engine.Provenance{
		Template: r.prompter.template.sum, Runtime: s.Runtime, Device: r.info.Device,
		Options: map[string]string{
			"ctx": strconv.Itoa(r.context.Size()), "threads": strconv.Itoa(r.info.Threads),
			"batch": strconv.Itoa(r.context.BatchSize()), "ubatch": strconv.Itoa(r.context.AtOnce()),
			"kv-type": s.KVType, "flash-attn": s.FlashAttn,
			"platform": runtime.GOOS + "/" + runtime.GOARCH,
		},
	}}
	options := o.known.Options
	if r.projector != nil {
		options["image-min-tokens"], options["image-max-tokens"] = auto(s.ImageTokens.Min), auto(s.ImageTokens.Max)
	}
	if options["kv-type"] == "" {
		options["kv-type"] = KVTypes()[0]
	}
	if options["flash-attn"] == "" {
		options["flash-attn"] = "auto"
	}
	if stands := r.prompter.template.family; stands != "" {
		options["stand-in"] = stands // in place of the model's own
	}
	if build := strings.TrimSpace(r.lib.Version + " " + r.lib.Commit); build != "" {
		o.known.Runtime += " (llama.cpp " + build + ")"
	}
	return o
}

// provenance is what is known by now.
func (o *origin) provenance() *engine.Provenance {
	if o == nil {
		return nil // a runner of a test
	}
	p := o.known
	if o.dated {
		p.Options = maps.Clone(p.Options)
		p.Options["date"] = time.Now().Format(time.DateOnly)
	}
	if o.files == nil {
		return &p
	}
	select {
	case <-o.files.ready:
		f := o.files
		p.Model, p.Projector, p.Adapters = f.model, f.projector, f.adapters
		if f.libraries != "" {
			p.Options = maps.Clone(p.Options)
			p.Options["libraries"] = f.libraries
		}
	default:
	}
	return &p
}

// whole waits until all is known.
func (o *origin) whole(ctx context.Context) (*engine.Provenance, error) {
	if o.files != nil {
		select {
		case <-o.files.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return o.provenance(), nil
}

// Prove completes what an answer of this engine came from by the digests of its files.
// If these were not known yet when it ended, it waits until they are read.
func (e *Engine) Prove(ctx context.Context, p engine.Provenance) (engine.Provenance, error) {
	if p.Model != "" {
		return p, nil
	}
	c := e.current()
	if c == nil {
		return p, &engine.Error{Kind: engine.Failed, Message: "the worker that answered is gone"}
	}
	ctx, cancel := e.within(ctx)
	defer cancel()
	var whole *engine.Provenance
	// Of this worker alone: it is not worth loading the model again.
	err := e.ask(ctx, c, "/prove", struct{}{}, nil, func(l line) (bool, error) {
		whole = l.Provenance
		return whole == nil, nil // a beat
	})
	if err != nil {
		return p, err
	}
	p.Model, p.Projector, p.Adapters = whole.Model, whole.Projector, whole.Adapters
	if libraries := whole.Options["libraries"]; libraries != "" && p.Options != nil {
		p.Options = maps.Clone(p.Options)
		p.Options["libraries"] = libraries
	}
	return p, nil
}

// continued is the option of an answer that a second worker has brought to its end. What
// it drew is another sequence of numbers from there on.
const continued = "continued"

// completed adds what the client alone knows of an answer.
func (a *asking) completed(p *engine.Provenance) *engine.Provenance {
	p.Seed = a.req.Sampling.Seed
	if a.second {
		p.Options[continued] = "by a second worker"
	}
	return p
}
