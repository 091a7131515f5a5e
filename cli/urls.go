package cli

import (
	"net/url"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// isURL tells a picture on the web by its source.
func isURL(source string) bool {
	scheme, _, found := strings.Cut(strings.TrimSpace(source), "://")
	return found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// urlPart is a picture that the server is to fetch, where that was asked for.
// Nothing is fetched here. The error is an *images.Error or a usage error.
func (a *app) urlPart(source string) (engine.Part, error) {
	pass, err := a.config.Bool(config.PassURLs)
	if err != nil {
		return engine.Part{}, err
	}
	refused := &images.Error{Source: shownURL(source), Reason: images.Unsupported, Detail: "web addresses are not supported; download the picture first"}
	if !pass {
		if a.config.String(config.Backend) == "openai" {
			refused.Detail += ", or let the server fetch it with --pass-urls"
		}
		return engine.Part{}, refused
	}
	source = strings.TrimSpace(source)
	if u, err := url.Parse(source); err != nil || u.Hostname() == "" {
		refused.Reason, refused.Detail = images.Missing, "this is no web address"
		return engine.Part{}, refused
	}
	return engine.Part{URL: source}, nil
}

// shownURL is a web address without a password that may be in it.
func shownURL(source string) string {
	u, err := url.Parse(strings.TrimSpace(source))
	if err != nil {
		return "a web address"
	}
	return u.Redacted()
}
