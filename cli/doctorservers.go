package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/ollama"
	"github.com/vlmchat/vlmchat/engine/openai"
)

// How long servers may take to answer: the one that is asked for, and one that
// may happen to be there.
const (
	serverPatience = 20 * time.Second
	glance         = time.Second
)

// checkServers asks the servers that are configured about the model, and looks
// whether others are there.
func (d *doctor) checkServers(ctx context.Context) []check {
	backend := d.config.String(config.Backend)
	var checks []check
	if backend == "ollama" {
		checks = append(checks, d.checkBackend(ctx, backend)...)
	} else {
		checks = append(checks, glanceAtOllama(ctx))
	}
	if backend == "openai" {
		checks = append(checks, d.checkBackend(ctx, backend)...)
	} else {
		checks = append(checks, note("openai", "not asked, as it is not the backend"))
	}
	last := &checks[len(checks)-1]
	for _, variable := range []string{openai.KeyVariable, baseURLVariable} {
		switch {
		case os.Getenv(variable) != "":
			last.Details = append(last.Details, variable+" is set")
		case backend == "openai":
			last.Details = append(last.Details, variable+" is not set")
		}
	}
	return checks
}

// checkBackend checks each of the backend's servers. Where another one answers, one
// that can't be reached costs no question, and is a warning.
func (d *doctor) checkBackend(ctx context.Context, backend string) []check {
	var checks []check
	var away []int
	for _, address := range addresses(d.config, backend) {
		c, err := d.checkServer(ctx, backend, address)
		if engine.KindOf(err) == engine.Unreachable {
			away = append(away, len(checks))
		}
		checks = append(checks, c)
	}
	if len(away) < len(checks) {
		for _, i := range away {
			checks[i].Status = statusWarning
		}
	}
	return checks
}

// checkServer asks a server about the model, as a question would, and tells where
// its key comes from.
func (d *doctor) checkServer(ctx context.Context, backend, address string) (check, error) {
	s, err := newServer(backend, address)
	if err != nil {
		return failure(backend, "", err), err
	}
	var c check
	if info, asked := d.askServer(ctx, s); asked != nil {
		c, err = failure(backend, "", asked), asked
	} else {
		c = judgeServer(backend, info)
	}
	file, _ := config.File()
	if key, err := d.keySource(s); err == nil {
		c.Details = append(c.Details, withoutFile(fmt.Sprintf("key for %s: %s", s.host, key), file))
	}
	return c, err
}

func (d *doctor) askServer(ctx context.Context, s server) (engine.Info, error) {
	e, err := d.openServer(ctx, s)
	if err != nil {
		return engine.Info{}, err
	}
	defer e.Close()
	limited, cancel := context.WithTimeout(ctx, serverPatience)
	defer cancel()
	info, err := e.Info(limited)
	if limited.Err() != nil {
		err = &engine.Error{
			Kind:    engine.Unreachable,
			Message: fmt.Sprintf("the server at %s has not answered for %v", s.host, serverPatience),
			Hint:    "is the server running there, and can this machine reach it?",
		}
	}
	return info, err
}

// judgeServer tells of the model that a server has.
func judgeServer(name string, info engine.Info) check {
	context := ""
	if info.ContextSize > 0 {
		context = fmt.Sprintf("context of %d tokens", info.ContextSize)
	}
	c := fine(name, "%s answers; %s", info.Host, joined([]string{"model " + info.Model, context}))
	switch {
	case !info.Capabilities.Vision:
		c.Status = statusWarning
		c.Message += "; vision is off: the server says that this model can't see pictures"
		c.Hint = "choose one that can with --model"
		if name == "ollama" {
			c.Hint += "; 'ollama show MODEL' lists vision among its capabilities"
		}
	case name == "openai":
		c.Message += "; nothing says that it can't see pictures" // few servers tell
	default:
		c.Message += "; vision on"
	}
	return c
}

// glanceAtOllama looks whether an Ollama is there, for whom it isn't the backend.
func glanceAtOllama(ctx context.Context) check {
	e, err := ollama.New(ollama.Options{Host: os.Getenv(ollama.HostVariable)})
	if err != nil {
		c := failure("ollama", "", err)
		c.Status = statusWarning // it isn't needed
		return c
	}
	defer e.Close()
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	version, err := e.Version(ctx)
	switch {
	case err == nil:
		return note("ollama", "%s answers at %s; it is not the backend", version, e.Host())
	case engine.KindOf(err) == engine.Unreachable || ctx.Err() != nil:
		return note("ollama", "not running at %s; it is not the backend", e.Host())
	}
	return note("ollama", "%v; it is not the backend", err)
}
