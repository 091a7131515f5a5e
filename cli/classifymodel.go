package cli

import (
	"context"
	"io"
	"slices"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
)

// classifier is a tasks.Classifier that is closed.
type classifier struct {
	tasks.Classifier
	io.Closer
}

// asksModel tells whether a chat model classifies, and not an encoder: what is said on the
// command line goes before what is set elsewhere, and an encoder before a model.
func (a *app) asksModel() (bool, error) {
	onLine := func(name string) bool { return a.config[name].Place == config.InFlag && slices.Contains(a.given, name) }
	model := onLine(config.Model) || onLine(config.Backend)
	switch {
	case model && onLine(config.Encoder):
		return false, usagef("--encoder and -m name two ways to classify: leave one of them out")
	case model, onLine(config.Encoder):
		return model, nil
	}
	set := func(name string) bool { return a.config.String(name) != "" && a.config[name].Place != config.InDefault }
	return !set(config.Encoder) && (set(config.Model) || set(config.Backend)), nil
}

// encoderSet is what opens the encoder that is set for the chat, nil if none is.
func (a *app) encoderSet() func() (engine.Encoder, error) {
	if a.config[config.Encoder].Place == config.InDefault || a.config.String(config.Encoder) == "" {
		return nil
	}
	return a.openEncoder
}

// openClassifier opens what is to classify.
func (a *app) openClassifier(ctx context.Context, flags classifyFlags, s *status) (classifier, error) {
	asksModel, err := a.asksModel()
	if err != nil {
		return classifier{}, err
	}
	if asksModel {
		return a.classifierOfModel(ctx, flags, s)
	}
	if flags.noCalibration {
		return classifier{}, usagef("--no-calibration is about chat models, and an encoder classifies here: -m names a model")
	}
	templates, err := a.templates(ctx, flags.templates)
	if err != nil {
		return classifier{}, err
	}
	e, err := a.openEncoder()
	if err != nil {
		return classifier{}, err
	}
	if _, err := s.space(ctx, e); err != nil {
		e.Close()
		return classifier{}, err
	}
	return classifier{tasks.BySimilarity{Encoder: e, Templates: templates}, e}, nil
}

// classifierOfModel opens a chat model that is to classify.
func (a *app) classifierOfModel(ctx context.Context, flags classifyFlags, s *status) (classifier, error) {
	if len(flags.templates) > 0 {
		return classifier{}, usagef("--template is about encoders, and a chat model classifies here: --encoder names an encoder")
	}
	if backend := a.config.String(config.Backend); backend == "ollama" || backend == "openai" {
		return classifier{}, &engine.Error{
			Kind:    engine.BadOption,
			Message: "classifying with a chat model needs to know how likely a given text is, and " + backend + " servers don't tell",
			Hint:    "-b native -m FILE names a GGUF model, --encoder FOLDER a CLIP or SigLIP checkpoint",
		}
	}
	e, notice, err := a.open(ctx)
	if err != nil {
		return classifier{}, err
	}
	if notice != "" {
		s.note(notice)
	}
	if err := s.load(ctx, e); err != nil {
		e.Close()
		return classifier{}, err
	}
	tasked, err := a.tasked(e)
	if err != nil {
		e.Close()
		return classifier{}, err
	}
	return classifier{tasks.ByLikelihood{Engine: tasked, Raw: flags.noCalibration}, e}, nil
}
