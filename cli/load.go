package cli

import (
	"context"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

// load loads the model of an engine that loads one itself, and says what a person should know
// of how it was loaded.
func (s *status) load(ctx context.Context, e engine.Engine) error {
	if err := s.awaitModel(ctx, e); err != nil {
		return err
	}
	if note := noteOf(ctx, e); note != "" {
		s.note(note)
	}
	return nil
}

// awaitModel loads the model, and shows how far it is.
func (s *status) awaitModel(ctx context.Context, e engine.Engine) error {
	loader, ok := e.(engine.Loader)
	if !ok {
		return nil
	}
	defer s.clear()
	s.show(engine.Event{Kind: engine.Load})
	for ev, err := range loader.Load(ctx) {
		if err != nil {
			return err
		}
		s.show(ev)
	}
	return nil
}

// encoderNotice is shown whenever the built-in encoder is asked.
const encoderNotice = "Tiny demo encoder: knows coloured shapes and digits only. A real one: --encoder FOLDER"

// space loads an encoder, and says what a person should know of it.
func (s *status) space(ctx context.Context, e engine.Encoder) (engine.Space, error) {
	s.doing("loading the encoder")
	space, err := e.Space(ctx)
	s.clear()
	if err != nil {
		return space, err
	}
	if space.Demo {
		s.note(encoderNotice)
	}
	if space.Note != "" {
		s.note(termtext.Line(space.Note))
	}
	return space, nil
}

// noteOf is what a person should know of how a model was loaded, "" for nothing.
// Only engines that load one themselves know without asking a server.
func noteOf(ctx context.Context, e engine.Engine) string {
	if _, loads := e.(engine.Loader); !loads {
		return ""
	}
	info, _ := e.Info(ctx)
	return termtext.Line(info.Note)
}
