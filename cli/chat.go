package cli

import (
	"context"
	"os"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/ui"
)

// chat opens the conversation in the terminal.
func (a *app) chat(ctx context.Context, sources []string) error {
	if os.Getenv("TERM") == "dumb" {
		return usagef("TERM=dumb says that this terminal can't show the chat; ask one question with -p")
	}
	sampling, err := a.sampling()
	if err != nil {
		return err
	}
	thinking, err := a.thinking()
	if err != nil {
		return err
	}
	pictures, err := a.pictures(ctx, sources)
	if err != nil {
		return err
	}
	e, notice, err := a.open(ctx)
	if err != nil {
		return err
	}
	return ui.Run(ctx, ui.Options{
		Setup: ui.Setup{
			Engine:   e,
			Sampling: sampling,
			Thinking: thinking,
			System:   a.config.String(config.System),
			Notice:   notice,
		},
		Pictures: pictures,
		Attach: func(ctx context.Context, source string) (*images.Picture, error) {
			return images.Load(ctx, source, images.Limits{})
		},
	})
}
