package images

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// guardedClient sends requests to the public web alone, unless all is allowed.
//
// Where it connects itself, the address that the connection goes to is checked,
// not the name: a name may mean one address when it is looked at and another one
// when it is used. Where a proxy connects, it is the proxy that looks up names,
// so names can only be judged by how they read; the connection to the proxy
// itself may well go to a private address, and does as the person set it up.
type guardedClient struct {
	direct, proxied *http.Transport
	proxy           func(*http.Request) (*url.URL, error)
	all             bool
}

// send sends one request and follows nothing.
func (g *guardedClient) send(req *http.Request) (*http.Response, error) {
	proxy, err := g.proxy(req)
	if err != nil {
		return nil, &Error{Reason: Unreachable, Detail: "the proxy that the environment names (HTTPS_PROXY, HTTP_PROXY) is no address"}
	}
	if proxy == nil {
		return g.direct.RoundTrip(req)
	}
	if host := req.URL.Hostname(); !g.all && privateName(host) {
		return nil, privateError(host)
	}
	resp, err := g.proxied.RoundTrip(req)
	if err != nil {
		return nil, &proxyFailure{proxy.Host, err}
	}
	return resp, nil
}

// proxyFailure is an error of a request that a proxy was to pass on.
type proxyFailure struct {
	proxy string
	err   error
}

func (p *proxyFailure) Error() string { return p.err.Error() }
func (p *proxyFailure) Unwrap() error { return p.err }

// refusePrivate stands between the choice of an address and the connection to it
// (net.Dialer's Control).
func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("the address %s can't be judged: %w", address, err)
	}
	if private(to.Addr()) {
		return privateError(to.Addr().String())
	}
	return nil
}

// privateError refuses a host.
func privateError(host string) error {
	return &Error{Reason: Private, Detail: printable(host) + " is no public address, and pictures are not fetched from this machine or private networks unless --allow-private-urls is given"}
}

// special are the address blocks that are not for everybody's use, or stand for
// addresses that could be (IANA's registries of special-purpose addresses).
var special = prefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // behind a provider's NAT
	"127.0.0.0/8",     // this machine
	"169.254.0.0/16",  // link-local, and clouds' metadata
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.168.0.0/16",  // private
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, broadcast
	"::/127",          // unspecified, this machine
	"64:ff9b:1::/48",  // a network's own NAT64
	"100::/63",        // discarded, and a dummy
	"2001::/23",       // protocol assignments, Teredo
	"2001:db8::/32",   // documentation
	"3fff::/20",       // documentation
	"5f00::/16",       // segment routing
	"fc00::/7",        // unique local
	"fe80::/9",        // link-local and, of old, site-local
	"ff00::/8",        // multicast
)

// carriers are blocks of IPv6 whose addresses lead to the IPv4 address in them,
// which begins at that byte.
var carriers = []struct {
	block netip.Prefix
	at    int
}{
	{netip.MustParsePrefix("::/96"), 12},           // IPv4-compatible
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12}, // translated
	{netip.MustParsePrefix("64:ff9b::/96"), 12},    // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},        // 6to4
}

func prefixes(all ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, p := range all {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}

// private reports whether an address is of this machine or of a network that not
// everybody can reach.
func private(a netip.Addr) bool {
	if a.Zone() != "" || !a.IsValid() {
		return true
	}
	a = a.Unmap()
	for _, block := range special {
		if block.Contains(a) {
			return true
		}
	}
	for _, c := range carriers {
		if c.block.Contains(a) {
			inner := a.As16()
			return private(netip.AddrFrom4([4]byte(inner[c.at : c.at+4])))
		}
	}
	return false
}

// privateName reports whether a host reads like one of this machine or of a
// private network: what can be told where somebody else looks names up.
func privateName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if a, err := netip.ParseAddr(host); err == nil {
		return private(a)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	switch last {
	case host: // no dot: a neighbour's name
		return true
	case "localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa":
		return true
	}
	// What ends in a number is an IPv4 address in a form of old, such as 127.1 or
	// 0x7f.0.0.1 (https://url.spec.whatwg.org, 3.5): none is a name.
	return last == "" || '0' <= last[0] && last[0] <= '9'
}
