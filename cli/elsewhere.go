package cli

import (
	"context"
	"os"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/ollama"
	"github.com/vlmchat/vlmchat/ui"
)

// listPatience is how long a list may take that nobody asked for by name.
const listPatience = 3 * time.Second

// elsewhere lists what backends other than one have to choose from: those that tell at
// once, and for nothing. One that is not there is none.
func elsewhere(ctx context.Context, backend string) []ui.Place {
	var places []ui.Place
	if backend != "native" {
		if all, err := nativeModels(ctx); err == nil {
			places = append(places, ui.Place{Backend: "native", Name: "native: on this machine", Models: all})
		}
	}
	if backend != "ollama" {
		if host, all, err := glanceAtModels(ctx); err == nil && len(all) > 0 {
			places = append(places, ui.Place{Backend: "ollama", Name: "ollama at " + host, Models: all})
		}
	}
	return places
}

// glanceAtModels lists the models of the Ollama that may happen to be there.
func glanceAtModels(ctx context.Context) (host string, all []engine.ModelInfo, err error) {
	e, err := ollama.New(ollama.Options{Host: os.Getenv(ollama.HostVariable)})
	if err != nil {
		return "", nil, err
	}
	defer e.Close()
	knock, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	if _, err := e.Version(knock); err != nil {
		return e.Host(), nil, err
	}
	ctx, cancel = context.WithTimeout(ctx, listPatience)
	defer cancel()
	all, err = e.Models(ctx)
	return e.Host(), all, err
}
