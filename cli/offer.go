package cli

import (
	"context"
	"fmt"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub"
	"github.com/vlmchat/vlmchat/termtext"
)

// offerModel fetches the model that a chat is to begin with, where it is not here and the
// person says so. Without a terminal nothing is asked, and nothing fetched.
func (a *app) offerModel(ctx context.Context) error {
	if !a.isNative() || !isTerminal(a.stdin) || !isTerminal(a.stdout) || !isTerminal(a.stderr) {
		return nil
	}
	name := a.config.String(config.Model)
	p := hubPuller{hub.Options{Projector: a.config.String(config.MMProj)}}
	if name == "" {
		return nil
	}
	if _, absent := p.Absent(name); !absent {
		return nil
	}
	f, client, err := p.client(name)
	if err != nil {
		return err
	}
	s, err := client.Select(ctx, f.Hub)
	if engine.KindOf(err) == engine.Unreachable {
		return nil // that it is not here is what matters
	}
	if err != nil {
		return err
	}
	if !a.confirm(fmt.Sprintf("%s is not here yet. Fetch it from Hugging Face (%s)?", termtext.Line(f.Written), size(uint64(s.Size()))), false) {
		return nil
	}
	return a.pull(ctx, p, name)
}
