package cli

import (
	"context"
	"os"

	"github.com/vlmchat/vlmchat/ui"
)

// chat opens the conversation in the terminal.
func (a *app) chat(ctx context.Context, sources []string) error {
	if os.Getenv("TERM") == "dumb" {
		return usagef("TERM=dumb says that this terminal can't show the chat; ask one question with -p")
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	pictures, err := a.picturesOfChat(ctx, sources)
	if err != nil {
		return err
	}
	setup, err := a.setup(ctx, choice{})
	if err != nil {
		return err
	}
	return ui.Run(ctx, ui.Options{
		Setup:    setup,
		Pictures: pictures,
		Attach:   a.loader.Load,
		Backends: backends,
		Profiles: profiles,
	})
}
