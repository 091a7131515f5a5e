package ollama

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

const (
	defaultPort = "11434"
	defaultHost = "127.0.0.1:" + defaultPort
)

// Host is the host and port of a server's address in one of the forms of
// OLLAMA_HOST: what a key is bound to.
func Host(address string) (string, error) {
	u, err := parseHost(address)
	if err != nil {
		return "", err
	}
	return u.Host, nil
}

// parseHost reads the forms of OLLAMA_HOST as Ollama's own envconfig does: a
// host, host:port, :port or a URL, with or without a path. Where that one
// warns of a bad port and takes the default, this one refuses it. A server's
// "listen everywhere" (0.0.0.0, ::) is this machine to a client.
func parseHost(s string) (*url.URL, error) {
	s = strings.TrimSpace(strings.Trim(strings.TrimSpace(s), `"'`))
	port := defaultPort
	scheme, rest, ok := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	switch {
	case !ok:
		scheme, rest = "http", s
		if s == "ollama.com" {
			scheme, port = "https", "443"
		}
	case scheme == "http":
		port = "80"
	case scheme == "https":
		port = "443"
	default:
		return nil, badHost("starts with " + strconv.Quote(scheme))
	}
	rest, path, _ := strings.Cut(rest, "/")
	var user *url.Userinfo
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		name, password, _ := strings.Cut(rest[:at], ":")
		user, rest = url.UserPassword(name, password), rest[at+1:]
	}
	host, p, err := net.SplitHostPort(rest)
	switch {
	case err == nil && p != "":
		port = p
	case err != nil:
		host = strings.Trim(rest, "[]")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return nil, badHost("has a bad port")
	}
	ip, noIP := netip.ParseAddr(host)
	// Of an IP address, the % is in front of its zone.
	if noIP != nil && strings.ContainsAny(host, " \t,?#%[]:") {
		return nil, badHost("has no proper host")
	}
	if host == "" || noIP == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	if path = strings.Trim(path, "/"); path != "" {
		path = "/" + path
	}
	return &url.URL{Scheme: scheme, User: user, Host: net.JoinHostPort(host, port), Path: path}, nil
}

// badHost does not repeat the value: it may hold a password.
func badHost(why string) error {
	return &engine.Error{Kind: engine.Failed, Message: "the address of the Ollama server " + why, Hint: "it looks like 127.0.0.1:11434 or https://host/path; see " + HostVariable}
}
