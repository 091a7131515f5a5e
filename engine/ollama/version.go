package ollama

import (
	"context"
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
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

// tellsLogprobs refuses to ask a server for log-probabilities that it does not
// know of: it would answer without a word of them. A server that does not tell
// its version, or calls itself 0.0.0 as those do that people have built, is tried.
func (e *Engine) tellsLogprobs(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.version == "" {
		v, err := e.Version(ctx)
		if ctx.Err() != nil {
			return err
		}
		e.version = v // "" if it could not be had
	}
	var major, minor, patch int
	n, _ := fmt.Sscanf(e.version, "%d.%d.%d", &major, &minor, &patch)
	at := 1_000_000*major + 1000*minor + patch
	if n < 3 || at == 0 || at >= 12_011 {
		return nil
	}
	return noLogprobs(e.base.Host, e.version)
}

// noLogprobs is the error of a server that tells none, of a version where that
// is known.
func noLogprobs(host, version string) *engine.Error {
	said := "the Ollama at " + host + " tells no log-probabilities"
	if version != "" {
		said += ": it is version " + version
	}
	return &engine.Error{Kind: engine.BadOption, Message: said, Hint: "they take Ollama 0.12.11 or newer: update it, or use the native engine"}
}
