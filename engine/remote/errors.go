package remote

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// unreachable says why nobody answered at host.
func unreachable(host string, err error) *engine.Error {
	e := &engine.Error{Kind: engine.Unreachable, Hint: "is the server running there?", Err: err}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout interface{ Timeout() bool }
	var op *net.OpError
	why := "no server answers at " + host
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		why = fmt.Sprintf("the proxy on the way to %s can't be reached: %s", host, OneLine(innermost(op.Err).Error()))
		e.Hint = "check HTTP_PROXY and HTTPS_PROXY, or put the host into NO_PROXY"
		e.Temporary = errors.Is(err, syscall.ECONNREFUSED) && !onThisMachine(op.Err) || closed(op.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		why += ": connection refused"
		e.Temporary = !onThisMachine(err)
	case errors.As(err, &dns):
		why, e.Hint = "there is no host called "+dns.Name, "check the name, and the network"
		if dns.IsTemporary || dns.IsTimeout {
			why, e.Temporary = "the name "+dns.Name+" cannot be looked up now", true
		}
	case errors.As(err, &cert):
		why, e.Hint = fmt.Sprintf("the certificate of %s cannot be trusted: %v", host, cert.Err), ""
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		why, e.Hint = "the server at "+host+" speaks http, not https", "write http:// in its address"
	case strings.Contains(err.Error(), "TLS handshake timeout"):
		why, e.Hint = "the server at "+host+" does not answer in https", "if it speaks http, write http:// in its address"
	case closed(err):
		why, e.Hint, e.Temporary = "the server at "+host+" closed the connection without an answer", "", true
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		why += " in time"
	default:
		why += ": " + OneLine(innermost(err).Error())
	}
	e.Message = why
	return e
}

// onThisMachine tells whether it is this machine that did not answer: there a
// server runs or it does not, and nobody should wait to hear that.
func onThisMachine(err error) bool {
	var op *net.OpError
	if !errors.As(err, &op) {
		return false
	}
	to, ok := op.Addr.(*net.TCPAddr)
	return ok && to.IP.IsLoopback()
}

// closed tells whether a server ended the connection, or its HTTP/2 stream. Some of
// the errors net/http keeps to itself.
func closed(err error) bool {
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return slices.ContainsFunc([]string{"stream error: ", "server sent GOAWAY", "server closed idle connection"}, func(words string) bool {
		return strings.Contains(err.Error(), words)
	})
}

// innermost unwraps the layers of the network packages, which repeat addresses and
// name system calls.
func innermost(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err
}

// Refused sorts an HTTP status that is not a success by what a person can do
// about it. Message is what the server said, as from Message. What the status
// alone does not tell (which model, which picture) is for the engines to see
// first.
func Refused(host string, resp *http.Response, message string) *engine.Error {
	e := &engine.Error{Kind: engine.Failed, Temporary: temporary(resp)}
	if e.Temporary {
		e.RetryAfter = retryAfter(resp.Header, time.Now())
	}
	said := func(what string) {
		e.Message = fmt.Sprintf("the server at %s %s", host, what)
		if message != "" {
			e.Message += ": " + message
		}
	}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		// What the server says may repeat the key.
		e.Kind, e.Message = engine.Unauthorized, fmt.Sprintf("the server at %s does not accept the key", host)
	case code == http.StatusForbidden:
		// The key is known and its rights, the model or the place are refused.
		e.Kind = engine.Unauthorized
		said("refuses the request")
	case code == http.StatusTooManyRequests:
		e.Kind = engine.RateLimited
		said("has had too many requests")
	case code == http.StatusRequestEntityTooLarge:
		e.Kind = engine.BadPicture
		said("finds the request too large")
		e.Hint = "send smaller or fewer pictures"
	case code == http.StatusBadGateway, code == http.StatusServiceUnavailable, code == http.StatusGatewayTimeout:
		e.Kind = engine.Unreachable
		said("is not ready")
		e.Hint = "try again in a moment"
	case code >= 300 && code < 400:
		e.Kind = engine.Unreachable
		said(fmt.Sprintf("sends the request elsewhere (status %d)", code))
		if to, err := resp.Location(); err == nil {
			to.User = nil
			e.Hint = "its address may be " + OneLine(to.Redacted())
		}
	default:
		said(fmt.Sprintf("answered with status %d", code))
	}
	if e.RetryAfter > 0 {
		e.Hint = fmt.Sprintf("try again in %v", max(time.Second, e.RetryAfter.Round(time.Second)))
	}
	return e
}

// temporary tells whether a status is one of the moment: a conflict, too many
// requests, a failure of the server or of what stands in front of it (520 to 530
// are Cloudflare's, 529 is "overloaded"). A server that knows better says so in a
// header, as OpenAI's does.
func temporary(resp *http.Response) bool {
	switch resp.Header.Get("X-Should-Retry") {
	case "true":
		return true
	case "false":
		return false
	}
	switch code := resp.StatusCode; code {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	default:
		return code >= 500
	}
}

// retryAfter reads when a server wants to be asked again: Retry-After (RFC 9110,
// 10.2.3), in seconds or a date, and Azure's retry-after-ms, which is more exact.
// 0 stands for not said. now is for servers that don't tell their own time, which
// is what their date is about.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(strings.TrimSpace(h.Get("Retry-After-Ms")), 64); err == nil && ms > 0 && ms < 1e12 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 && s < 1e9 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
