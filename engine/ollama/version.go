package ollama

import (
	"context"

	"github.com/vlmchat/vlmchat/engine/remote"
)

// Host is the server's host and port, without credentials.
func (e *Engine) Host() string { return e.base.Host }

// Version asks which Ollama the server is, the cheapest sign that one is there.
func (e *Engine) Version(ctx context.Context) (string, error) {
	ctx, cancel := e.calls.Within(ctx)
	defer cancel()
	v, err := e.client(&exchange{engine: e}).Version(ctx)
	if err != nil {
		return "", e.known(ctx, err)
	}
	return remote.OneLine(v), nil
}
