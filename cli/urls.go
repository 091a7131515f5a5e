package cli

import (
	"context"
	"net/url"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// fromWeb returns the pictures at a web address. They are read here, unless the
// server is to fetch them (--pass-urls). The error is an *images.Error or a
// usage error.
func (a *app) fromWeb(ctx context.Context, source string) ([]engine.Part, error) {
	pass, err := a.config.Bool(config.PassURLs)
	if err != nil {
		return nil, err
	}
	if !pass {
		return a.load(ctx, source)
	}
	if a.regions.given() {
		return nil, usagef("--crop and --tiles are for pictures that are read here: leave out --pass-urls for %s", images.ShownURL(source))
	}
	source = strings.TrimSpace(source)
	if u, err := url.Parse(source); err != nil || u.Hostname() == "" {
		return nil, &images.Error{Source: images.ShownURL(source), Reason: images.Missing, Detail: "this is no web address"}
	}
	return []engine.Part{{URL: source}}, nil
}
