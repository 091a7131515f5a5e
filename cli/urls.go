package cli

import (
	"net/url"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// urlPart is a picture that the server is to fetch (--pass-urls).
func (a *app) urlPart(source string) (engine.Part, error) {
	if a.regions.given() {
		return engine.Part{}, usagef("--crop and --tiles are for pictures that are read here: leave out --pass-urls for %s", images.ShownURL(source))
	}
	source = strings.TrimSpace(source)
	if u, err := url.Parse(source); err != nil || u.Hostname() == "" {
		return engine.Part{}, &images.Error{Source: images.ShownURL(source), Reason: images.Missing, Detail: "this is no web address"}
	}
	return engine.Part{URL: source}, nil
}
