package ui

import (
	"context"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// Setup is what answers and how it is asked: the part of a chat that can be
// replaced in the middle of a conversation.
type Setup struct {
	Engine   engine.Engine // its model is loaded ahead of the first question if it is an engine.Loader
	Sampling engine.Sampling
	Thinking *bool         // whether the model is to think; nil leaves it to the model
	System   string        // the system message; empty for none
	Restart  bool          // an answer that was cut may begin anew
	Prices   engine.Prices // what answers cost, for the status line
	Notice   string        // shown when this setup begins to answer
	Untitled bool          // what answers knows nothing of titles

	// Opened are the settings by which the engine can be opened again, to be kept with its
	// answers: nothing that is secret.
	Opened map[string]string

	// What was chosen, by the names that lists have for it.
	Backend, Model, Profile string

	// Settings are those that Set can change.
	Settings []Setting
	// Set returns this setup with another value of a setting, and without its engine,
	// which stays. It is called outside the chat's own goroutine. If nil, nothing can
	// be changed.
	Set func(name, text string) (Setup, error)

	// Models lists what /model can switch to. If nil, the engine is asked, where
	// it is an engine.ModelLister.
	Models func(ctx context.Context) ([]engine.ModelInfo, error)
	// Fetcher fetches models for an engine that does not fetch them itself. May be nil.
	Fetcher Fetcher
	// Elsewhere lists the models of other backends that are at hand: on this machine,
	// and known within a moment. May be nil.
	Elsewhere func(ctx context.Context) []Place
	// Switch opens what is to answer in place of this setup, which goes on until
	// the other one is known to be there. It is called outside the chat's own
	// goroutine. If nil, there is nothing else.
	Switch func(ctx context.Context, to To) (Setup, error)
}

// Fetcher fetches models from where everybody can.
type Fetcher interface {
	engine.Puller
	// Absent tells of a model that is not here and could be fetched, with what there is to
	// say of it. It is called outside the chat's own goroutine.
	Absent(name string) (about string, absent bool)
	// Offers are models that are worth fetching and are not here, with a few words on each.
	// It is called outside the chat's own goroutine.
	Offers() []Named
}

// Setting is something that can be changed in the middle of a conversation, as it is
// set now.
type Setting struct {
	Name    string
	Text    string // its value
	Default string // the value that it has if nothing sets it
	Origin  string // what has set it, such as "--seed" or a file
	About   string // what it is for
}

// To says what to switch to; what is empty is left to the settings.
type To struct{ Backend, Model, Profile string }

// Place is a backend with what it has to choose from.
type Place struct {
	Backend string
	Name    string // for people: "ollama at localhost:11434"
	Models  []engine.ModelInfo
}

// Named is an entry of a list: a name, and what there is to say of it.
type Named struct{ Name, About string }

// models lists the models that there are to choose from.
func (s Setup) models(ctx context.Context) ([]engine.ModelInfo, error) {
	if s.Models != nil {
		return s.Models(ctx)
	}
	if lister, ok := s.Engine.(engine.ModelLister); ok {
		return lister.Models(ctx)
	}
	return nil, &engine.Error{Kind: engine.BadOption, Message: "What answers here can't tell which models there are.",
		Hint: "/model NAME takes one by its name."}
}

// open makes the setup that is to follow this one, ready to be asked about the
// conversation's pictures.
func (s Setup) open(ctx context.Context, to To, pictures []*images.Picture, report func(engine.Event) bool) (Setup, engine.Info, error) {
	next, err := s.Switch(ctx, to)
	if err != nil {
		return Setup{}, engine.Info{}, err
	}
	info, err := next.ready(ctx, pictures, report)
	if err == nil {
		err = ctx.Err() // the person has thought better of it
	}
	if err != nil {
		_ = next.Engine.Close()
		return Setup{}, engine.Info{}, err
	}
	return next, info, nil
}

// ready makes sure that the engine is there, and that it takes the pictures.
func (s Setup) ready(ctx context.Context, pictures []*images.Picture, report func(engine.Event) bool) (engine.Info, error) {
	if loader, ok := s.Engine.(engine.Loader); ok {
		for event, err := range loader.Load(ctx) {
			if err != nil {
				return engine.Info{}, err
			}
			if !report(event) {
				return engine.Info{}, context.Canceled
			}
		}
	}
	info, err := s.Engine.Info(ctx)
	if err != nil {
		return info, err
	}
	if len(pictures) > 0 && !info.Capabilities.Vision {
		return info, &engine.Error{Kind: engine.NotVision, Message: info.Model + " can't see pictures, and this conversation has some.",
			Hint: "Choose a model that can see, or begin a new conversation with /clear."}
	}
	pictures = withoutLost(ctx, pictures)
	for i, p := range pictures {
		if err := take(ctx, s.Engine, p, pictures[:i]); err != nil {
			return info, err
		}
	}
	return info, nil
}

// take asks an engine for a picture's place in the conversation. Only a refusal
// of the picture is an error here: what else is wrong a question will tell.
func take(ctx context.Context, e engine.Engine, p *images.Picture, earlier []*images.Picture) error {
	taker, ok := e.(engine.PictureTaker)
	if !ok {
		return nil
	}
	if err := p.Load(ctx); err != nil {
		return err
	}
	err := taker.TakePicture(ctx, p, withoutLost(ctx, earlier))
	switch engine.KindOf(err) {
	case engine.BadPicture, engine.NotVision:
		return err
	}
	return nil
}
