package cli

import (
	"context"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/ollama"
	"github.com/vlmchat/vlmchat/engine/openai"
	"github.com/vlmchat/vlmchat/engine/pool"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// baseURLVariable has the address of an OpenAI-compatible server, for OpenAI's
// own tools too.
const baseURLVariable = "OPENAI_BASE_URL"

// serverKind is what a backend behind servers has of its own.
type serverKind struct {
	variable string                               // has the address where no setting has one
	host     func(address string) (string, error) // of an address, as the engine calls it
}

var serverKinds = map[string]serverKind{
	"ollama": {ollama.HostVariable, ollama.Host},
	"openai": {baseURLVariable, openai.Host},
}

// server is one that is asked.
type server struct {
	backend string
	address string // as a person wrote it, "" for the backend's default
	host    string // as the engine calls it
	place   string // host:port, the port always there: what secrets are bound to
	pooled  bool   // there are others with the same model, which are asked before it is asked again
}

// newServer reads a server's address. It does not repeat it in an error, as it
// may hold a password.
func newServer(backend, address string) (server, error) {
	host, err := serverKinds[backend].host(address)
	if err != nil {
		return server{}, usageError{err}
	}
	s := server{backend: backend, address: address, host: host, place: strings.ToLower(host)}
	if u := (&url.URL{Host: host}); u.Port() == "" {
		port := "80"
		if address = strings.ToLower(strings.TrimSpace(address)); address == "" || strings.HasPrefix(address, "https://") {
			port = "443"
		}
		s.place = strings.ToLower(net.JoinHostPort(u.Hostname(), port))
	}
	return s, nil
}

// addresses are those of the servers that some settings name for a backend.
func addresses(c config.Config, backend string) []string {
	text := c.String(config.BaseURL)
	if c[config.BaseURL].Place == config.InDefault {
		text = os.Getenv(serverKinds[backend].variable)
	}
	var list []string
	for _, address := range strings.Split(text, ",") {
		if address = strings.TrimSpace(address); address != "" {
			list = append(list, address)
		}
	}
	if list == nil {
		// Commas alone are "$A,$B" with neither set, and no wish for the default:
		// no address, which is refused.
		return []string{strings.TrimSpace(text)}
	}
	return list
}

// serversOf are the servers that some settings name. Where they are about none,
// the backend given is meant.
func serversOf(c config.Config, backend string) []server {
	if own := c.String(config.Backend); serverKinds[own].host != nil {
		backend = own
	}
	var list []server
	for _, address := range addresses(c, backend) {
		if s, err := newServer(backend, address); err == nil {
			list = append(list, s)
		}
	}
	return list
}

// openServers makes the engine of a backend behind a server.
func (a *app) openServers(ctx context.Context, backend string) (engine.Engine, error) {
	list := addresses(a.config, backend)
	if len(list) > 1 {
		return a.openPool(ctx, backend, list)
	}
	s, err := newServer(backend, list[0])
	if err != nil {
		return nil, err
	}
	return a.openServer(ctx, s)
}

// openPool makes one engine of several servers.
func (a *app) openPool(ctx context.Context, backend string, list []string) (engine.Engine, error) {
	retries, err := a.config.Int(config.Retries, 0)
	if err != nil {
		return nil, err
	}
	var members []pool.Member
	for _, address := range list {
		s, err := newServer(backend, address)
		if err == nil {
			s.pooled = true
			var e engine.Engine
			if e, err = a.openServer(ctx, s); err == nil {
				members = append(members, pool.Member{Host: s.host, Engine: e})
			}
		}
		if err != nil {
			for _, m := range members {
				m.Close()
			}
			return nil, err
		}
	}
	return pool.New(retries, members...), nil
}

// openServer makes the engine of one server.
func (a *app) openServer(ctx context.Context, s server) (engine.Engine, error) {
	if s.backend == "ollama" {
		return a.openOllama(ctx, s)
	}
	return a.openOpenAI(ctx, s)
}

func (a *app) openOllama(ctx context.Context, s server) (engine.Engine, error) {
	common, err := a.remoteOptions(ctx, s)
	if err != nil {
		return nil, err
	}
	o := ollama.Options{Options: common, Host: s.address}
	// The server has a keep-alive of its own unless a person says otherwise.
	if a.config[config.KeepAlive].Place != config.InDefault {
		keep, err := a.config.Duration(config.KeepAlive)
		if err != nil {
			return nil, err
		}
		o.KeepAlive = &keep
	}
	e, err := ollama.New(o)
	if err != nil {
		return nil, usageError{err} // it is the settings that New refuses
	}
	return e, nil
}

// details are those in which OpenAI's models see pictures.
var details = []string{"low", "high", "auto"}

func (a *app) openOpenAI(ctx context.Context, s server) (engine.Engine, error) {
	common, err := a.remoteOptions(ctx, s)
	if err != nil {
		return nil, err
	}
	detail := a.config.String(config.Detail)
	switch {
	case !slices.Contains(details, detail):
		return nil, a.config.Reject(config.Detail, "low, high or auto")
	case a.config[config.Detail].Place == config.InDefault:
		detail = "" // not every server knows it
	}
	e, err := openai.New(openai.Options{
		Options:      common,
		BaseURL:      s.address,
		Organization: a.meantFor(s, config.Organization),
		Project:      a.meantFor(s, config.Project),
		APIVersion:   a.config.String(config.APIVersion),
		Detail:       detail,
	})
	if err != nil {
		return nil, usageError{err}
	}
	return e, nil
}

// remoteOptions reads the settings that all engines behind servers have.
func (a *app) remoteOptions(ctx context.Context, s server) (o remote.Options, err error) {
	o.Model = a.config.String(config.Model)
	if o.MaxPixels, err = a.config.Int(config.MaxPixels, 0); err != nil {
		return o, err
	}
	if o.Retries, err = a.config.Int(config.Retries, 0); err != nil {
		return o, err
	}
	if s.pooled {
		o.Retries = 0
	}
	for name, wait := range map[string]*time.Duration{
		config.ConnectTimeout: &o.ConnectTimeout, config.ResponseTimeout: &o.ResponseTimeout, config.IdleTimeout: &o.IdleTimeout,
	} {
		if *wait, err = a.timeout(name); err != nil {
			return o, err
		}
	}
	if o.Headers, err = a.headers(s); err != nil {
		return o, err
	}
	o.Key, err = a.key(ctx, s) // last, as it may ask a person for a passphrase
	return o, err
}

// timeout reads a time span that is longer than none.
func (a *app) timeout(name string) (time.Duration, error) {
	const longest = 10 * 365 * 24 * time.Hour // is forever, and can be added to a time
	switch d, err := a.config.Duration(name); {
	case err != nil:
		return 0, err
	case d == 0:
		return 0, a.config.Reject(name, "a time span such as 90s or 5m, or forever")
	case d < 0 || d > longest:
		return longest, nil
	default:
		return d, nil
	}
}
