package images

import (
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// What ends a request from our side.
var (
	errWebSlow   = errors.New("it takes too long")
	errWebSilent = errors.New("nothing comes any more")
)

// hopError says at which of the addresses on the way something went wrong.
type hopError struct {
	host string
	err  error
}

func (h *hopError) Error() string { return h.err.Error() }
func (h *hopError) Unwrap() error { return h.err }

func at(u *url.URL, err error) error { return &hopError{u.Host, err} }

// webError says in a person's words why an address could not be read.
func webError(shown string, lim Limits, err error) error {
	host := ""
	if first, parseErr := url.Parse(shown); parseErr == nil {
		host = first.Host
	}
	led := "" // to another server
	var hop *hopError
	if errors.As(err, &hop) && hop.host != host {
		led, host = "it leads on to "+printable(hop.host)+": ", hop.host
	}
	var e *Error
	switch {
	case errors.Is(err, errOver):
		e = tooLarge(shown, 0, lim.Bytes).(*Error)
	case errors.As(err, &e):
		said := *e
		e = &said
	default:
		e = &Error{Reason: Unreachable, Detail: netReason(printable(host), lim.Web, err), Err: err}
	}
	e.Source, e.Detail = shown, led+e.Detail
	return e
}

// netReason is why a server could not be asked, or did not answer.
func netReason(host string, lim WebLimits, err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout interface{ Timeout() bool }
	var op *net.OpError
	var proxy *proxyFailure
	isProxy := errors.As(err, &proxy) && errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect")
	switch {
	case errors.Is(err, errWebSlow):
		return fmt.Sprintf("%s did not send all of it within %v", host, lim.Whole)
	case errors.Is(err, errWebSilent):
		return fmt.Sprintf("%s stopped sending: nothing came for %v", host, lim.Silence)
	case isProxy:
		return fmt.Sprintf("the proxy %s can't be reached: %s; check HTTP_PROXY and HTTPS_PROXY, or put the host into NO_PROXY", printable(proxy.proxy), innermost(err))
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no server called " + printable(dns.Name)
	case errors.As(err, &dns):
		return "the name " + printable(dns.Name) + " can't be looked up now; is the network there?"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "no server answers at " + host + ": connection refused"
	case errors.As(err, &cert):
		return fmt.Sprintf("the certificate of %s can't be trusted: %s", host, strings.TrimPrefix(cert.Err.Error(), "x509: "))
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return host + " speaks http, not https"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return host + " does not answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return host + " closed the connection without an answer"
	}
	return "no answer from " + host + ": " + innermost(err)
}

// innermost leaves out what the network packages put around an error, which
// repeats addresses and names system calls.
func innermost(err error) string {
	var op *net.OpError
	for errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return printable(err.Error())
}

// statusError says what a server's answer means that is not the file.
func statusError(resp *http.Response) error {
	status := fmt.Sprintf(" (%d)", resp.StatusCode)
	fail := func(r Reason, what string) error { return &Error{Reason: r, Detail: what + status} }
	switch code := resp.StatusCode; {
	case code == http.StatusNotFound, code == http.StatusGone:
		return fail(Missing, "there is nothing at this address")
	case code == http.StatusUnauthorized && resp.Request.Header.Get("Authorization") != "":
		return fail(Unreachable, "the server does not accept the name and password in the address")
	case code == http.StatusUnauthorized:
		return fail(Unreachable, "the server wants a name and a password; https://NAME:PASSWORD@… gives them")
	case code == http.StatusForbidden:
		return fail(Unreachable, "the server does not hand this out to us")
	case code == http.StatusProxyAuthRequired:
		return fail(Unreachable, "the proxy wants a name and a password")
	case code == http.StatusTooManyRequests:
		after := "later"
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 && s < 1e6 {
			after = "in " + (time.Duration(s) * time.Second).String()
		}
		return fail(Unreachable, "the server has had too many requests; try again "+after)
	case code >= 500:
		return fail(Unreachable, "the server has a fault; try again later")
	case code >= 200 && code < 300:
		return fail(Empty, "the server answered without a file")
	}
	return fail(Unreachable, "the server does not hand this out")
}

// cutError is an answer that did not come to its end.
func cutError(read, expected int64, err error) error {
	switch {
	case !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, syscall.ECONNRESET):
		return err
	case expected > 0:
		return &Error{Reason: Truncated, Err: err, Detail: fmt.Sprintf("the server broke off after %s of %s", megabytes(read), megabytes(expected))}
	}
	return &Error{Reason: Truncated, Err: err, Detail: fmt.Sprintf("the server broke off after %s", megabytes(read))}
}

// maxWebPage is how much of a web page is looked at for its picture.
const maxWebPage = 256 << 10

// webPageError says that an address is that of a page, and which picture the page
// has for others to show (https://ogp.me), if it says so.
func webPageError(r io.Reader, resp *http.Response) error {
	e := &Error{Reason: NotPicture, Detail: "this is a web page, not a picture"}
	page, err := io.ReadAll(io.LimitReader(r, maxWebPage))
	if err != nil && len(page) == 0 {
		return err
	}
	if picture := webPagePicture(resp.Request.URL, page); picture != "" {
		e.Detail += "; the page's own picture is " + picture
	}
	return e
}

// What a page says of itself in its head.
var (
	metaTag      = lazyregexp.New(`(?is)<meta\s[^>]*>`)
	namesPicture = lazyregexp.New(`(?i)\b(?:property|name)\s*=\s*["']?og:image(?::url|:secure_url)?["'\s/>]`)
	tagContent   = lazyregexp.New(`(?i)\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')`)
)

// webPagePicture finds the address of the picture that stands for a page.
func webPagePicture(base *url.URL, page []byte) string {
	for _, tag := range metaTag().FindAll(page, -1) {
		if !namesPicture().Match(tag) {
			continue
		}
		if m := tagContent().FindSubmatch(tag); m != nil {
			u, err := base.Parse(html.UnescapeString(string(m[1]) + string(m[2])))
			if err == nil && IsURL(u.String()) && u.User == nil && len(u.String()) < 500 {
				return printable(u.String())
			}
		}
	}
	return ""
}
