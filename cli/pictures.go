package cli

import (
	"context"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// pictures reads all that were named, or none: a picture is never left out. Those
// on the web are for a server to fetch.
func (a *app) pictures(ctx context.Context, sources []string) ([]engine.Part, error) {
	var pictures []engine.Part
	for _, source := range sources {
		if isURL(source) {
			part, err := a.urlPart(source)
			if err != nil {
				return nil, err
			}
			pictures = append(pictures, part)
			continue
		}
		loaded, err := a.loader.Load(ctx, source)
		if err != nil {
			return nil, err
		}
		for _, p := range loaded {
			pictures = append(pictures, engine.Part{Picture: p})
		}
	}
	return pictures, nil
}

// picturesOfChat reads those that a chat begins with. It shows them, so it has to
// have them.
func (a *app) picturesOfChat(ctx context.Context, sources []string) ([]*images.Picture, error) {
	pass, err := a.config.Bool(config.PassURLs)
	if err != nil {
		return nil, err
	}
	for _, source := range sources {
		if pass && isURL(source) {
			return nil, usagef("--pass-urls is for questions with -p and --messages: the chat can't show %s; download it first", shownURL(source))
		}
	}
	parts, err := a.pictures(ctx, sources)
	if err != nil {
		return nil, err
	}
	return engine.Pictures([]engine.Message{{Parts: parts}}), nil
}
