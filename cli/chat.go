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
	preview, err := a.previewMethod()
	if err != nil {
		return err
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
		Preview:  preview,
		Backends: backends,
		Profiles: profiles,
	})
}
