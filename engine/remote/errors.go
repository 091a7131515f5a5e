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
	why := "no server answers at " + host
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		why += ": connection refused"
	case errors.As(err, &dns):
		why, e.Hint = "there is no host called "+dns.Name, "check the name, and the network"
		if dns.IsTemporary || dns.IsTimeout {
			why = "the name " + dns.Name + " cannot be looked up now"
		}
	case errors.As(err, &cert):
		why, e.Hint = fmt.Sprintf("the certificate of %s cannot be trusted: %v", host, cert.Err), ""
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		why, e.Hint = "the server at "+host+" speaks http, not https", "write http:// in its address"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		why, e.Hint = "the server at "+host+" closed the connection without an answer", ""
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		why += " in time"
	default:
		why += ": " + OneLine(innermost(err).Error())
	}
	e.Message = why
	return e
}

// innermost unwraps the layers of the network packages, which repeat addresses.
func innermost(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	return err
}

// Refused sorts an HTTP status that is not a success by what a person can do
// about it. Message is what the server said, as from Message. What the status
// alone does not tell (which model, which picture) is for the engines to see
// first.
func Refused(host string, resp *http.Response, message string) *engine.Error {
	e := &engine.Error{Kind: engine.Failed}
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
		e.Kind, e.RetryAfter = engine.RateLimited, retryAfter(resp.Header, time.Now())
		said("has had too many requests")
		if e.RetryAfter > 0 {
			e.Hint = fmt.Sprintf("try again in %v", e.RetryAfter.Round(time.Second))
		}
	case code == http.StatusRequestEntityTooLarge:
		e.Kind = engine.BadPicture
		said("finds the request too large")
		e.Hint = "send smaller or fewer pictures"
	case code == http.StatusBadGateway, code == http.StatusServiceUnavailable, code == http.StatusGatewayTimeout:
		e.Kind, e.RetryAfter = engine.Unreachable, retryAfter(resp.Header, time.Now())
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
	return e
}

// retryAfter reads the header of that name (RFC 9110, 10.2.3): seconds or a
// date. 0 stands for not said.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 && s < 1e9 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
