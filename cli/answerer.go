package cli

import (
	"context"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// answerer asks an engine for answers that are short and always the same, unless a flag says
// otherwise: captions, answers to questions, what is asked about an answer.
type answerer struct {
	*app
	status *status
	setup  ui.Setup // with the engine
	how    recipe
	tasked engine.Engine // the engine as tasks ask it: in private where nothing is to be saved
	asker  *tasks.Asker  // of it
	jobs   int
}

// answerer opens the engine. It has to be closed.
func (a *app) answerer(ctx context.Context, quiet bool) (*answerer, error) {
	w := &answerer{app: a, status: newStatus(a.stderr)}
	if quiet {
		w.status = &status{}
	}
	var err error
	if w.setup, _, err = a.settled(choice{}); err != nil {
		return nil, err
	}
	if w.jobs, err = a.defaultJobs(); err != nil {
		return nil, err
	}
	e, notice, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	if notice != "" {
		w.status.note(notice)
	}
	w.setup.Engine = e
	if w.tasked, err = a.tasked(e); err != nil {
		e.Close()
		return nil, err
	}
	w.asker = &tasks.Asker{Engine: w.tasked}
	return w, nil
}

// tasked is an engine for tasks: it writes nothing of what it is asked to a disk, where nothing
// is to be saved.
func (a *app) tasked(e engine.Engine) (engine.Engine, error) {
	private, err := a.config.Bool(config.NoSave)
	if private {
		e = engine.Private(e)
	}
	return e, err
}

// Close closes the engine.
func (w *answerer) Close() { w.setup.Engine.Close() }

// load loads the model, where that can be done ahead.
func (w *answerer) load(ctx context.Context) error { return w.status.load(ctx, w.setup.Engine) }

// steady has answers be the likeliest ones, of at most so many tokens, and without thinking
// before, unless a flag or a variable says otherwise: what holds for a chat is not meant.
func (w *answerer) steady(tokens int) {
	given := func(name string) bool { _, ok := w.flags(name); return ok }
	if !given(config.Temperature) {
		w.how.sampling.Temperature = 0
	}
	if !given(config.MaxTokens) {
		w.how.sampling.MaxTokens = tokens
	}
	if !given(config.Thinking) && w.setup.Thinking == nil {
		w.how.thinking = new(bool)
	}
}

// hear shows on the status line what is going on.
func (w *answerer) hear(ev engine.Event) {
	switch ev.Kind {
	case engine.Delta, engine.Restart, engine.Done:
		w.status.clear()
	case engine.Note:
		w.status.clear()
		w.status.note(termtext.Line(w.secrets.hide(ev.Text)))
	default:
		ev.Text = w.secrets.hide(ev.Text)
		w.status.show(ev)
	}
}

// answerHead is what all documents about answers have in common.
type answerHead struct {
	Finish     string             `json:"finish,omitempty"`
	Confidence *tasks.Confidence  `json:"confidence,omitempty"` // where the engine tells it
	Engine     string             `json:"engine"`
	Model      string             `json:"model"`
	Device     string             `json:"device,omitempty"`
	Usage      *tasks.Usage       `json:"usage,omitempty"`
	Cost       *float64           `json:"cost,omitempty"`
	Timings    *tasks.Timings     `json:"timings,omitempty"`
	Provenance *engine.Provenance `json:"provenance,omitempty"`
	Error      *classError        `json:"error,omitempty"` // why there is no answer
	Vlmchat    string             `json:"vlmchat"`
}

// head is what there is to tell of an answer; of none, who was asked.
func (w *answerer) head(ctx context.Context, answer *tasks.Collector, failed error) answerHead {
	info, _ := w.setup.Engine.Info(ctx)
	h := answerHead{Engine: info.Engine, Model: w.secrets.hide(info.Model), Device: info.Device, Vlmchat: version()}
	if failed != nil {
		code := exitCode(failed)
		h.Error = &classError{Kind: errorKind(failed, code), Message: w.secrets.hide(failed.Error())}
	}
	if answer == nil {
		return h
	}
	all := answer.Answer(info, nil, w.setup.Prices)
	h.Finish, h.Confidence, h.Usage, h.Cost, h.Timings = all.Finish, answer.Confidence(), &all.Usage, all.Cost, &all.Timings
	h.Provenance = proved(ctx, w.setup.Engine, all.Provenance)
	return h
}
