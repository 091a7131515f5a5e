package cli

import (
	"context"
	"slices"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/ui"
)

// backends are the engines that there are, for lists.
var backends = []ui.Named{
	{Name: "native", About: "GGUF models on this machine"},
	{Name: "ollama", About: "models of an Ollama server"},
	{Name: "openai", About: "any OpenAI-compatible server"},
}

var (
	prices = []string{config.PriceInput, config.PriceCached, config.PriceOutput}
	// ofModel are the settings that are about one model alone.
	ofModel = append([]string{config.MMProj, config.LoRA}, prices...)
	// ofBackend are those that mean nothing to another backend, or must not
	// reach its server.
	ofBackend = append([]string{
		config.Model, config.BaseURL, config.KeyEnv, config.KeyCommand, config.KeyKeyring,
		config.Header, config.Organization, config.Project, config.APIVersion, config.Detail,
	}, ofModel...)
)

// choice is what a person chose in the chat, over the settings of its start.
type choice struct {
	flags          func(name string) (string, bool) // in place of those of the start, if not nil
	backend, model string
	set            []assignment // above all others
}

// setup opens what the settings ask for under a choice. Of what it returns,
// Switch and Set go on from there, so a switch that comes to nothing changes nothing.
func (a *app) setup(ctx context.Context, ch choice) (ui.Setup, error) {
	s, b, err := a.settled(ch)
	if err != nil {
		return s, err
	}
	s.Engine, s.Notice, err = b.open(ctx)
	return s, err
}

// settled is the setup of a choice, without an engine, and what opens that.
func (a *app) settled(ch choice) (ui.Setup, *app, error) {
	c, err := a.chosen(ch)
	if err != nil {
		return ui.Setup{}, nil, err
	}
	b := *a
	b.config = c
	s := ui.Setup{
		Settings: adjustable(c),
		Set: func(name, text string) (ui.Setup, error) {
			s, _, err := a.settled(ch.with(name, text))
			return s, err
		},
		System:   c.String(config.System),
		Untitled: c.String(config.Backend) == "native" && c.String(config.Model) == "", // the demo model
		Opened:   opened(c),
		Backend:  c.String(config.Backend), Model: c.String(config.Model), Profile: c.String(config.Profile),
		Elsewhere: func(ctx context.Context) []ui.Place { return elsewhere(ctx, c.String(config.Backend)) },
		Switch: func(ctx context.Context, to ui.To) (ui.Setup, error) {
			next, err := a.next(ch, to)
			if err != nil {
				return ui.Setup{}, err
			}
			behind := *a
			behind.inChat = true
			return behind.setup(ctx, next)
		},
	}
	if s.Sampling, err = b.sampling(); err != nil {
		return s, nil, err
	}
	if s.Thinking, err = b.thinking(); err != nil {
		return s, nil, err
	}
	if s.Restart, err = c.Bool(config.RetryCut); err != nil {
		return s, nil, err
	}
	if s.Prices, err = b.prices(); err != nil {
		return s, nil, err
	}
	if s.Backend == "native" {
		s.Models, s.Fetcher = nativeModels, hubPuller{}
	}
	return s, &b, nil
}

// next is the choice after one more. What was set by hand goes along, but to another
// engine only what every engine has, and not into a profile, which has its own.
func (a *app) next(ch choice, to ui.To) (choice, error) {
	if to.Profile != "" {
		return choice{flags: without(a.flags, to.Profile)}, nil
	}
	if to.Backend == "" {
		ch.model = to.Model
		return ch, nil
	}
	set := ch.set
	if c, err := a.chosen(ch); err != nil || c.String(config.Backend) != to.Backend {
		set = slices.DeleteFunc(slices.Clone(set), func(s assignment) bool { return !slices.Contains(ofAnyEngine, s.name) })
	}
	// What knows this backend: the settings as they are, with their profile;
	// those of the start; those without flags and profile. Otherwise none, and
	// only variables such as OLLAMA_HOST say more.
	for _, flags := range []func(string) (string, bool){ch.flags, nil, without(a.flags, "")} {
		known := choice{flags: flags, set: set}
		c, err := a.chosen(known)
		if err != nil {
			return choice{}, err
		}
		if c.String(config.Backend) == to.Backend {
			known.model = to.Model
			return known, nil
		}
	}
	return choice{flags: without(a.flags, ""), backend: to.Backend, model: to.Model, set: set}, nil
}

// chosen resolves the settings under a choice.
func (a *app) chosen(ch choice) (config.Config, error) {
	flags := a.flags
	if ch.flags != nil {
		flags = ch.flags
	}
	c, err := config.Load(flags)
	if err != nil {
		return nil, usageError{err}
	}
	if ch.backend != "" && ch.backend != c.String(config.Backend) {
		c.Reset(ofBackend...)
		c.Choose(config.Backend, ch.backend, "/backend")
	}
	if ch.model != "" && ch.model != c.String(config.Model) {
		c.Reset(ofModel...)
		c.Choose(config.Model, ch.model, "/model")
	}
	for _, s := range ch.set {
		c.Choose(s.name, s.text, "/set")
	}
	return c, nil
}

// without are flags with a profile ("" for none) and without those that the
// profile is to decide.
func without(flags func(name string) (string, bool), profile string) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		switch {
		case name == config.Profile:
			return profile, true
		case name == config.Backend, slices.Contains(ofBackend, name):
			return "", false
		}
		return flags(name)
	}
}

// profiles lists those of the configuration file.
func profiles() ([]ui.Named, error) {
	all, err := config.Profiles()
	var list []ui.Named
	for _, p := range all {
		list = append(list, ui.Named{Name: p.Name, About: p.String()})
	}
	return list, err
}

// nativeModels lists those models on this machine that can be used. Places that
// can't be read matter only where nothing is found.
func nativeModels(ctx context.Context) ([]engine.ModelInfo, error) {
	found, unread := models.List()
	loaded := map[string]bool{}
	if workers, err := native.Workers(ctx); err == nil {
		for _, w := range workers {
			loaded[w.Model] = true
		}
	}
	var list []engine.ModelInfo
	for _, l := range found {
		if l.Problem != nil {
			continue
		}
		if facts, err := l.Model.Facts(); err == nil {
			info := nativeInfo(l.Name, facts)
			info.Loaded = loaded[l.Model.Name]
			list = append(list, info)
		}
	}
	if list == nil {
		return nil, unread
	}
	return list, nil
}
