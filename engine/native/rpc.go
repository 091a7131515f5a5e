package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/lazyregexp"
)

// maxRPCServers is what fits into the 16 devices on which llama.cpp spreads a
// model (GGML_SCHED_MAX_BACKENDS), one of which is this machine's CPU.
const maxRPCServers = 15

// ParseRPC reads a list of RPC servers, host:port each, with commas between
// them. An empty text is an empty list.
func ParseRPC(list string) ([]string, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var servers []string
	seen := map[string]bool{}
	for entry := range strings.SplitSeq(list, ",") {
		endpoint, err := parseEndpoint(strings.TrimSpace(entry))
		if err != nil {
			return nil, err
		}
		if seen[endpoint] {
			return nil, fmt.Errorf("%s is named twice", endpoint)
		}
		seen[endpoint] = true
		servers = append(servers, endpoint)
	}
	if len(servers) > maxRPCServers {
		return nil, fmt.Errorf("there are %d servers, and llama.cpp takes %d at most", len(servers), maxRPCServers)
	}
	return servers, nil
}

// hostName matches a name or an IPv4 address.
var hostName = lazyregexp.New(`^[A-Za-z0-9._-]+$`)

// parseEndpoint checks one host:port and writes it in one way.
func parseEndpoint(entry string) (string, error) {
	if entry == "" {
		return "", errors.New("an entry is empty")
	}
	host, port, err := net.SplitHostPort(entry)
	bare, _ := netip.ParseAddr(strings.Trim(entry, "[]"))
	switch {
	case bare.Is6(), strings.Contains(host, ":"):
		return "", fmt.Errorf("%s is an IPv6 address, and llama.cpp's RPC knows IPv4 only; "+
			"a port can be forwarded to it: ssh -L 50052:localhost:50052 HOST", entry)
	case err != nil:
		return "", fmt.Errorf("%q is not host:port", entry)
	case host == "":
		return "", fmt.Errorf("%q names no host", entry)
	case !hostName().MatchString(host):
		return "", fmt.Errorf("%q is no name of a host, in %q", host, entry)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("%q is no port from 1 to 65535, in %q", port, entry)
	}
	return net.JoinHostPort(strings.ToLower(host), strconv.FormatUint(n, 10)), nil
}

// LeavesMachine reports whether any of the servers of a list that ParseRPC made
// is, by its name, another machine than this one.
func LeavesMachine(servers []string) bool {
	for _, s := range servers {
		host, _, _ := net.SplitHostPort(s)
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
			return true
		}
	}
	return false
}

// addServers registers the RPC servers of a spec, so that the model that is
// loaded next is spread over them.
func addServers(lib *llamacpp.Library, s spec, log *logRing) error {
	if len(s.RPC) == 0 {
		return nil
	}
	backend, err := lib.RPC()
	if err != nil {
		return &engine.Error{
			Kind:    engine.RuntimeIncompatible,
			Message: fmt.Sprintf("the llama.cpp runtime %s can't compute on other machines: %v", s.Runtime, err),
			Hint: "name one that can with --runtime: llama.cpp's release archives have the RPC backend, and builds with -DGGML_RPC=ON; " +
				"'vlmchat runtime list' shows the backends of each",
			Err: err,
		}
	}
	greetings, failures := greetAll(context.Background(), s.RPC, rpcPatience)
	if len(failures) > 0 {
		return joinFailures(failures)
	}
	// A lost connection is to end a call, for which llama.cpp ends the process with
	// a word on it, not to end the process in silence.
	signal.Ignore(syscall.SIGPIPE)
	for _, g := range greetings {
		// Builds differ in whether they survive a server that they don't
		// understand.
		disagreement := &engine.Error{
			Kind: engine.RuntimeIncompatible,
			Message: fmt.Sprintf("the RPC server %s and the runtime %s don't understand each other: the server speaks version %s of llama.cpp's RPC protocol",
				g.endpoint, s.Runtime, g.version),
			Hint: "run the same build of llama.cpp on all machines",
		}
		writeTestament(disagreement)
		if err := backend.AddServer(g.address); err != nil {
			writeTestament(nil)
			if reason := log.errors(); reason != "" {
				disagreement.Message += ": " + reason
			}
			disagreement.Err = err
			return disagreement
		}
	}
	writeTestament(nil)
	return nil
}

// testamentMark begins a line of the worker's log that says, beforehand, for
// what reason the worker has ended if it is found to have ended.
const testamentMark = "testament: "

// writeTestament leaves that reason, or takes it back.
func writeTestament(e *engine.Error) {
	b, _ := json.Marshal(e)
	fmt.Fprintln(journal, testamentMark+string(b))
}

// testament returns the reason that the worker left, nil if there is none.
func (c *connection) testament() *engine.Error {
	var last *engine.Error
	for _, text := range c.logged(testamentMark) {
		last = nil
		_ = json.Unmarshal([]byte(text), &last)
	}
	return last
}

// lostWhileLoading returns the RPC server's part in the end of a worker that was
// loading, nil if it has none.
func (e *Engine) lostWhileLoading(c *connection) error {
	if reason := c.testament(); reason != nil {
		return reason
	}
	return e.lostServer("while it loaded " + e.spec.Model)
}

// lostServer returns the error of the RPC servers that can't be reached any more,
// now that the worker has ended while it did something; nil if all can be.
func (e *Engine) lostServer(while string) error {
	_, failures := greetAll(context.Background(), e.spec.RPC, rpcPatience)
	// One that is silent is there: it works on for the worker that ended.
	failures = slices.DeleteFunc(failures, func(e *engine.Error) bool { return errors.Is(e, errRPCSilent) })
	if len(failures) == 0 {
		return nil
	}
	lost := joinFailures(failures)
	return &engine.Error{
		Kind:    engine.Unreachable,
		Message: fmt.Sprintf("the native engine's worker process ended %s, for want of a machine that it computed on: %s", while, lost.Message),
		Hint:    lost.Hint, Err: lost,
	}
}
