package images

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// maxRedirects is how often a web address may lead to another one.
const maxRedirects = 5

// IsURL tells a picture on the web by its source.
func IsURL(source string) bool {
	scheme, _, found := strings.Cut(strings.TrimSpace(source), "://")
	return found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// ShownURL is a web address as it may be seen: without a password that is in it. Of
// one that makes no sense all is left out that might be a password.
func ShownURL(source string) string {
	source = strings.TrimSpace(source)
	u, err := url.Parse(source)
	if err == nil && u.User != nil {
		return u.Redacted()
	}
	if err == nil && u.Host != "" {
		return u.String()
	}
	if at := strings.LastIndexByte(source, '@'); at >= 0 {
		scheme, _, _ := strings.Cut(source, "://")
		return scheme + "://xxxxx" + source[at:]
	}
	return source
}

// readURL reads those that are meant of the pictures at a web address. What stands
// behind a "#" and does not look as if it chose pages or moments is no business of
// ours.
func (l *Loader) readURL(ctx context.Context, address string) ([]*Picture, error) {
	shown := ShownURL(address)
	var chosen selection
	if _, fragment, found := strings.Cut(strings.TrimSpace(address), "#"); found {
		var err error
		if chosen, err = parseSelection(fragment); err != nil && choosing().MatchString(fragment) {
			return nil, badSelection(shown, err)
		}
	}
	doing(ctx, "fetching %s", printable(shown))
	data, err := l.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	done, err := l.turn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	defer done()
	if chosen.given() { // what was chosen is told of each picture
		shown, _, _ = strings.Cut(shown, "#")
	}
	return l.pictures(ctx, shown, data, chosen)
}

// choosing tells a choice of pages or moments from a place in a web page.
var choosing = lazyregexp.New(`^(?i:\d|-\d|t=|page=)`)

// fetch reads the file at a web address. What is behind a "#" stays here. Each
// address on the way is checked, by its name and by where a connection really
// goes (webguard.go), and time and bytes are limited. The error is an *Error
// about ShownURL(address), or wraps ctx's.
func (l *Loader) fetch(ctx context.Context, address string) ([]byte, error) {
	lim := l.Limits.filled()
	shown := ShownURL(address)
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Hostname() == "" || !IsURL(address) {
		return nil, &Error{Source: shown, Reason: Missing, Detail: "this is no web address"}
	}
	if _, err := strconv.ParseUint(cmp.Or(u.Port(), "0"), 10, 16); err != nil {
		return nil, &Error{Source: shown, Reason: Missing, Detail: fmt.Sprintf("this is no web address: there is no port %s", u.Port())}
	}
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	end := time.AfterFunc(lim.Web.Whole, func() { cancel(errWebSlow) })
	defer end.Stop()
	data, err := l.follow(within, cancel, u, lim)
	if err == nil {
		return data, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: %w", shown, ctx.Err())
	}
	if cause := context.Cause(within); cause != nil {
		err = cause
	}
	return nil, webError(shown, lim, err)
}

// follow asks for an address and for those to which it leads.
func (l *Loader) follow(ctx context.Context, cancel context.CancelCauseFunc, u *url.URL, lim Limits) ([]byte, error) {
	for range maxRedirects + 1 {
		resp, err := l.get(ctx, u, lim)
		if err != nil {
			return nil, at(u, err)
		}
		var data []byte
		next, err := redirect(u, resp)
		if err == nil && next == nil {
			data, err = body(resp, cancel, lim)
		}
		resp.Body.Close()
		if err != nil {
			return nil, at(u, err)
		}
		if next == nil {
			return data, nil
		}
		u = next
	}
	return nil, &Error{Reason: Unreachable, Detail: fmt.Sprintf("it leads on to other addresses more than %d times", maxRedirects)}
}

// get sends the request for one address, if that address may be asked.
func (l *Loader) get(ctx context.Context, u *url.URL, lim Limits) (*http.Response, error) {
	asked := *u
	asked.Fragment, asked.RawFragment, asked.User = "", "", nil // nothing for a proxy to read
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, asked.String(), nil)
	if err != nil {
		return nil, &Error{Reason: Missing, Detail: "this is no web address", Err: err}
	}
	agent := l.UserAgent
	if agent == "" {
		agent = "vlmchat"
	}
	req.Header.Set("User-Agent", agent)
	if u.User != nil {
		password, _ := u.User.Password()
		req.SetBasicAuth(u.User.Username(), password)
	}
	// WebP and AVIF are read but not named: servers that convert what they have
	// for whoever names them would send a copy that lost something.
	req.Header.Set("Accept", "image/png,image/jpeg,image/*;q=0.9,application/pdf;q=0.9,*/*;q=0.1")
	return l.web.with(lim.Web, l.AllowPrivate).send(req)
}

// redirect is where an answer leads, nil if it is the file itself.
func redirect(from *url.URL, resp *http.Response) (*url.URL, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	case http.StatusOK, http.StatusNonAuthoritativeInfo:
		return nil, nil
	default:
		return nil, statusError(resp)
	}
	to, err := from.Parse(resp.Header.Get("Location"))
	switch {
	case err != nil || resp.Header.Get("Location") == "":
		return nil, &Error{Reason: Unreachable, Detail: "it leads on to another address and does not say which"}
	case !IsURL(to.String()) || to.Hostname() == "":
		return nil, &Error{Reason: Unreachable, Detail: fmt.Sprintf("it leads on to an address of the kind %s, which is not followed", printable(to.Scheme+":"))}
	case from.Scheme == "https" && to.Scheme == "http":
		return nil, &Error{Reason: Unreachable, Detail: "it leads from https on to http, which is not followed"}
	}
	if to.User == nil && to.Scheme == from.Scheme && to.Host == from.Host {
		to.User = from.User // a password is for the server for which it was given
	}
	return to, nil
}

// enough is how much of a file tells what it is.
const enough = 4096

// body reads a file. Its type is what it shows itself to be, whatever the
// server calls it.
func body(resp *http.Response, cancel context.CancelCauseFunc, lim Limits) ([]byte, error) {
	if resp.ContentLength > lim.Bytes {
		return nil, tooLarge("", resp.ContentLength, lim.Bytes)
	}
	quiet := &quietReader{r: resp.Body, longest: lim.Web.Silence, timer: time.AfterFunc(lim.Web.Silence, func() { cancel(errWebSilent) })}
	defer quiet.timer.Stop()
	r := bufio.NewReaderSize(quiet, enough)
	head, err := r.Peek(enough)
	if err != nil && err != io.EOF {
		return nil, cutError(quiet.read, resp.ContentLength, err)
	}
	if recognise(head) == nil {
		switch is := describe(head); is.name {
		case "a web page (HTML)":
			return nil, webPageError(r, resp)
		case "a video", "a sound or video file":
			return nil, &Error{Reason: Unsupported, Detail: "this is " + is.name + ", and only pictures and documents are read from the web; download it first"}
		}
	}
	data, err := readAtMost(r, lim.Bytes, resp.ContentLength)
	if err != nil && !errors.Is(err, errOver) {
		return nil, cutError(quiet.read, resp.ContentLength, err)
	}
	if how := resp.Header.Get("Content-Encoding"); how != "" && err == nil && recognise(data) == nil {
		return nil, &Error{Reason: Unsupported, Detail: fmt.Sprintf("the server sent it compressed (%s), which it was not asked for", printable(how))}
	}
	return data, err
}

// quietReader ends a body that is silent for too long.
type quietReader struct {
	r       io.Reader
	longest time.Duration
	timer   *time.Timer
	read    int64
}

func (q *quietReader) Read(b []byte) (int, error) {
	n, err := q.r.Read(b)
	q.read += int64(n)
	q.timer.Reset(q.longest)
	return n, err
}

// webAccess is how a loader asks the web. What is nil is the system's.
type webAccess struct {
	once   sync.Once // makes client
	client *guardedClient

	resolver *net.Resolver
	proxy    func(*http.Request) (*url.URL, error)
	tls      *tls.Config
}

// with returns what sends requests, made when the first one is sent.
func (w *webAccess) with(lim WebLimits, allowPrivate bool) *guardedClient {
	w.once.Do(func() {
		proxy := w.proxy
		if proxy == nil {
			proxy = http.ProxyFromEnvironment
		}
		dialer := net.Dialer{Timeout: lim.Connect, Resolver: w.resolver}
		guarded := dialer
		if !allowPrivate {
			guarded.Control = refusePrivate
		}
		transport := func(dialer net.Dialer) *http.Transport {
			return &http.Transport{
				DialContext:            dialer.DialContext,
				ForceAttemptHTTP2:      true,
				TLSClientConfig:        w.tls,
				TLSHandshakeTimeout:    lim.Connect,
				ResponseHeaderTimeout:  lim.Headers,
				MaxResponseHeaderBytes: 256 << 10,
				IdleConnTimeout:        30 * time.Second,
			}
		}
		proxied := transport(dialer)
		proxied.Proxy = proxy
		w.client = &guardedClient{transport(guarded), proxied, proxy, allowPrivate}
	})
	return w.client
}

// close ends the connections that are kept for another request.
func (w *webAccess) close() {
	if w.client != nil {
		w.client.direct.CloseIdleConnections()
		w.client.proxied.CloseIdleConnections()
	}
}
