package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// address is an address at the hub.
func (c *Client) address(parts ...string) *url.URL {
	u := *c.endpoint
	raw := u.EscapedPath()
	for _, part := range parts {
		raw += "/" + part
	}
	u.RawPath = raw
	u.Path, _ = url.PathUnescape(raw) // of what was escaped just now
	return &u
}

// escapePath escapes a path's parts, and keeps the / between them.
func escapePath(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// isHub reports whether an address is the hub's own: only there the token goes.
func (c *Client) isHub(u *url.URL) bool {
	return u.Scheme == c.endpoint.Scheme && strings.EqualFold(u.Host, c.endpoint.Host)
}

// send makes one request. Headers are what it is asked with besides the token.
func (c *Client) send(ctx context.Context, method string, u *url.URL, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("the hub gave an address that is none")
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", "vlmchat")
	req.Header.Set("Accept-Encoding", "identity")
	if c.token != "" && c.isHub(u) {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
			return nil, cutOff(u, err)
		}
		return nil, unreachable(u, err)
	}
	return resp, nil
}

// follow makes a request and goes where it is redirected to.
func (c *Client) follow(ctx context.Context, method string, u *url.URL, header http.Header) (*http.Response, error) {
	const most = 10
	for range most {
		resp, err := c.send(ctx, method, u, header)
		if err != nil {
			return nil, err
		}
		to, err := redirect(resp)
		if err == nil && to == nil {
			return resp, nil
		}
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		u = to
	}
	return nil, fmt.Errorf("%s redirects in a circle", u.Host)
}

// redirect is where an answer leads to, nil if it is no redirect. From encryption none leads
// to where there is none.
func redirect(resp *http.Response) (*url.URL, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	from := resp.Request.URL
	to, err := resp.Location()
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s redirects to nowhere", from.Host)
	case to.Scheme != "https" && (to.Scheme != "http" || from.Scheme == "https"):
		return nil, fmt.Errorf("%s redirects to %s without encryption", from.Host, oneLine(to.Host))
	}
	return to, nil
}

// ask gets a document from the hub, again where that can help.
func (c *Client) ask(ctx context.Context, n Name, u *url.URL, said func(string)) (body []byte, header http.Header, err error) {
	const most = 64 << 20 // bytes of a listing
	err = c.again(ctx, said, func() error {
		ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("the answer took too long"))
		defer cancel()
		resp, err := c.follow(ctx, http.MethodGet, u, http.Header{"Accept": {"application/json"}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return c.refusal(n, "", resp)
		}
		body, err = io.ReadAll(io.LimitReader(resp.Body, most+1))
		header = resp.Header
		switch {
		case err != nil && context.Cause(ctx) != nil:
			return context.Cause(ctx)
		case err != nil:
			return cutOff(u, err)
		case len(body) > most:
			return fmt.Errorf("the listing of %s is longer than %d MB", n.Repo, most>>20)
		}
		return nil
	})
	return body, header, err
}
