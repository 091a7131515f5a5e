package cli

import (
	"context"
	"slices"

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
	frames, err := a.config.Int(config.Frames, 0)
	if err != nil {
		return err
	}
	if frames > images.MaxPictures {
		return usagef("--frames %d: a conversation takes at most %d pictures at once", frames, images.MaxPictures)
	}
	a.loader.AllowPrivate, a.loader.UserAgent, a.loader.Frames = private, userAgent(), frames
	return nil
}

// load reads the pictures that several sources mean, or the regions of them that are
// meant.
func (a *app) load(ctx context.Context, sources []string) ([][]*images.Picture, error) {
	if slices.Contains(sources, "-") && isTerminal(a.stdin) {
		return nil, usagef("there is no picture on standard input (-): nothing is piped into it")
	}
	loaded, err := a.loader.LoadAll(ctx, sources)
	for i := range loaded {
		if loaded[i], err = a.regions.of(loaded[i]); err != nil {
			return nil, err
		}
	}
	return loaded, err
}

// pictures reads all that were named, or none: a picture is never left out. With
// --pass-urls those on the web are for the server to fetch.
func (a *app) pictures(ctx context.Context, sources []string) ([]engine.Part, error) {
	pass, err := a.config.Bool(config.PassURLs)
	if err != nil {
		return nil, err
	}
	passed := func(source string) bool { return pass && images.IsURL(source) }
	read := slices.DeleteFunc(slices.Clone(sources), passed)
	loaded, err := a.load(ctx, read)
	if err != nil {
		return nil, err
	}
	var parts []engine.Part
	for _, source := range sources {
		if passed(source) {
			part, err := a.urlPart(source)
			if err != nil {
				return nil, err
			}
			parts = append(parts, part)
			continue
		}
		parts = append(parts, engine.PictureParts(loaded[0]...)...)
		loaded = loaded[1:]
	}
	return parts, nil
}

// picturesToShow reads those that are to be shown, so also those that a server could
// fetch.
func (a *app) picturesToShow(ctx context.Context, sources []string) ([]*images.Picture, error) {
	loaded, err := a.load(ctx, sources)
	return slices.Concat(loaded...), err
}
