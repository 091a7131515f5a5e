package cli

import (
	"context"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// setUpLoader has pictures read as the settings say.
func (a *app) setUpLoader() error {
	private, err := a.config.Bool(config.PrivateURLs)
	if err != nil {
		return err
	}
	a.loader.AllowPrivate, a.loader.UserAgent = private, userAgent()
	return nil
}

// load reads the pictures that a source means, or the regions of them that are
// meant.
func (a *app) load(ctx context.Context, source string) ([]engine.Part, error) {
	loaded, err := a.loader.Load(ctx, source)
	if err != nil {
		return nil, err
	}
	if loaded, err = a.regions.of(loaded); err != nil {
		return nil, err
	}
	return engine.PictureParts(loaded...), nil
}

// pictures reads all that were named, or none: a picture is never left out. Those
// on the web a server may be to fetch.
func (a *app) pictures(ctx context.Context, sources []string) ([]engine.Part, error) {
	var pictures []engine.Part
	for _, source := range sources {
		read := a.load
		if images.IsURL(source) {
			read = a.fromWeb
		}
		parts, err := read(ctx, source)
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, parts...)
	}
	return pictures, nil
}

// picturesOfChat reads those that a chat begins with. It shows them, so it has to
// have them, also those that a server could fetch.
func (a *app) picturesOfChat(ctx context.Context, sources []string) ([]*images.Picture, error) {
	var parts []engine.Part
	for _, source := range sources {
		more, err := a.load(ctx, source)
		if err != nil {
			return nil, err
		}
		parts = append(parts, more...)
	}
	return engine.Pictures([]engine.Message{{Parts: parts}}), nil
}
