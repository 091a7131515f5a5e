// Package ollama is the engine behind an Ollama server. It goes through
// github.com/ollama/ollama/api with a transport of its own, because that client
// takes an answer that was cut for a whole one.
package ollama

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// HostVariable is the environment variable that says where Ollama listens. It
// is named in messages; reading it is the caller's part.
const HostVariable = "OLLAMA_HOST"

// KeyVariable is the environment variable that holds the key of ollama.com. It
// is named in messages, too.
const KeyVariable = "OLLAMA_API_KEY"

// Options says which server and which of its models.
type Options struct {
	remote.Options
	Host      string         // as in OLLAMA_HOST; 127.0.0.1:11434 if empty
	KeepAlive *time.Duration // how long the server keeps the model loaded; nil leaves it to the server, negative is forever
}

// Engine is a model behind an Ollama server.
type Engine struct {
	opt      Options
	base     *url.URL
	calls    remote.Calls
	patience remote.Patience

	mu      sync.Mutex
	facts   *facts // of the model, once asked
	version string // of the server, once asked
}

// New returns the engine without talking to the server yet.
func New(opt Options) (*Engine, error) {
	base, err := parseHost(opt.Host)
	if err != nil {
		return nil, err
	}
	return &Engine{opt: opt, base: base, calls: remote.NewCalls(opt.Options), patience: opt.Patience()}, nil
}

// Info asks the server about the model, once.
func (e *Engine) Info(ctx context.Context) (engine.Info, error) {
	info := engine.Info{Engine: "ollama", Model: e.opt.Model, Host: e.base.Host}
	var f facts
	err := e.calls.Again(ctx, func(ctx context.Context) (err error) {
		f, err = e.lookUp(ctx)
		return err
	})
	if err != nil {
		return info, err
	}
	info.Model, info.ContextSize = f.name, f.context
	info.Capabilities = engine.Capabilities{Vision: f.vision, Thinking: f.thinking, Embedding: f.embedding}
	return info, nil
}

// Close ends what is going on. The model stays with its server, as long as the
// server keeps it.
func (e *Engine) Close() error { return e.calls.Close() }

// client returns the library's client for one request, which goes through x.
func (e *Engine) client(x *exchange) *api.Client {
	base := *e.base
	if e.opt.Key.For(base.Host) != "" {
		// The library signs what goes to ollama.com with the key pair of an
		// Ollama on this machine, and fails where there is none.
		base.Host = standIn
	}
	return api.NewClient(&base, &http.Client{Transport: x})
}

// standIn is a host that the library has no opinion of. Nothing is sent there.
const standIn = "ollama.invalid"
