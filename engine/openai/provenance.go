package openai

import (
	"strconv"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// origin is what an answer comes from, as far as that is known here: what is sent. Which
// weights answer, no server tells.
func (e *Engine) origin(kind *server, req engine.Request) engine.Provenance {
	p := engine.Provenance{Options: map[string]string{}}
	if kind.seed != "" {
		p.Seed = req.Sampling.Seed
	}
	if sum := e.pictures().Sum(engine.Pictures(req.Messages), len(engine.URLs(req.Messages))); sum != "" {
		p.Options["pictures"] = sum
	}
	if e.opt.MaxPixels > 0 {
		p.Options["max-pixels"] = strconv.Itoa(e.opt.MaxPixels)
	}
	if e.opt.Detail != "" {
		p.Options["detail"] = e.opt.Detail
	}
	return p
}

// repeats reports whether the same seed can be expected to give the same answer: of
// servers that people run themselves. Others take one as a hint, or refuse it with some
// models, and get none that nobody asked for.
func (s *server) repeats() bool { return s.owner != "" && s.seed != "" }

// comesFrom notes what a piece of the stream tells of who answers.
func (a *answer) comesFrom(p piece) {
	if p.Model != "" {
		a.from.Options[answeredAs] = a.hide(remote.OneLine(string(p.Model)))
	}
	if p.Build != "" {
		a.from.Runtime = a.hide(remote.OneLine(string(p.Build)))
	}
}

// answeredAs is the option that has the name by which a server calls the model that
// answered: it may be a version of the one that was asked.
const answeredAs = "answered as"
