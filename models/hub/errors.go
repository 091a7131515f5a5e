package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/lazyregexp"
)

// unreachable says that nobody answers at an address.
func unreachable(u *url.URL, err error) error {
	e := &engine.Error{Kind: engine.Unreachable, Temporary: true, Err: bare(err), Message: fmt.Sprintf("%s can't be reached: %v", u.Host, bare(err))}
	e.Hint = "check the network, or set HF_ENDPOINT to a mirror of the hub; what is in the cache can be used without it"
	var name *net.DNSError
	if errors.As(err, &name) {
		e.Message = u.Host + " can't be found: there is no network, or no name server that knows it"
		e.Temporary = name.IsTemporary || name.IsTimeout
	}
	return e
}

// bare is an error without the address, in which a signature may be.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// cutOff says that a connection ended too early.
func cutOff(u *url.URL, err error) error {
	return &engine.Error{
		Kind: engine.AnswerCut, Temporary: true, Err: bare(err),
		Message: fmt.Sprintf("the connection to %s broke: %v", u.Host, bare(err)),
		Hint:    "pull it again: what has come is kept",
	}
}

// forbidden says that a person does not want the hub to be asked.
func forbidden(what, variable string) error {
	return &engine.Error{
		Kind:    engine.Unreachable,
		Message: fmt.Sprintf("%s, and %s forbids to ask the hub", what, variable),
		Hint:    "unset " + variable,
	}
}

// refusal says why the hub does not give what was asked for. Path is that of the file, "" for
// the listing.
func (c *Client) refusal(n Name, path string, resp *http.Response) error {
	const most = 4096
	body, _ := io.ReadAll(io.LimitReader(resp.Body, most)) // more words, if there are any
	code := resp.Header.Get("X-Error-Code")
	said := c.words(resp.Header.Get("X-Error-Message"), body)
	page := c.address(n.Repo).String()
	e := &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("%s answers %d for %s: %s", resp.Request.URL.Host, resp.StatusCode, n.Repo, said)}
	switch status := resp.StatusCode; {
	case code == "GatedRepo" && c.token == "":
		e.Kind = engine.Unauthorized
		e.Message = n.Repo + " is gated: its files are for those who have accepted its terms"
		e.Hint = "accept them at " + page + ", then set HF_TOKEN to a token of yours (https://huggingface.co/settings/tokens)"
	case code == "GatedRepo":
		e.Kind = engine.Unauthorized
		e.Message = fmt.Sprintf("%s is gated, and whoever the token in %s belongs to has not been let in", n.Repo, c.tokenFrom)
		e.Hint = "accept its terms at " + page + "; some are granted by hand, which takes time"
	case code == "RevisionNotFound":
		e.Kind = engine.ModelNotFound
		e.Message = fmt.Sprintf("%s has no revision %s", n.Repo, n.revision())
		e.Hint = "leave @" + n.revision() + " out for " + DefaultRevision + ", or look at " + page
	case code == "EntryNotFound":
		e.Kind = engine.ModelNotFound
		e.Message = fmt.Sprintf("%s has no file %s", n.Repo, oneLine(path))
	case status == http.StatusUnauthorized && c.token != "" && strings.Contains(strings.ToLower(said), "invalid credentials"):
		e.Kind = engine.Unauthorized
		e.Message = fmt.Sprintf("%s refuses the token in %s", resp.Request.URL.Host, c.tokenFrom)
		e.Hint = "make a new one at https://huggingface.co/settings/tokens, or take it away: most models need none"
	case code == "RepoNotFound", status == http.StatusUnauthorized, status == http.StatusNotFound:
		// To those without a token the hub does not tell these two apart.
		e.Kind = engine.ModelNotFound
		e.Message = fmt.Sprintf("there is no %s at %s, or it is private", n.Repo, c.endpoint.Host)
		e.Hint = "check the name at " + page
		if c.token == "" {
			e.Hint += "; for a private one set HF_TOKEN"
		} else {
			e.Hint += fmt.Sprintf("; the token in %s sees no private one of that name", c.tokenFrom)
		}
	case status == http.StatusForbidden:
		e.Kind = engine.Unauthorized
		e.Hint = "look at " + page
	case status == http.StatusTooManyRequests:
		e.Kind = engine.RateLimited
		e.Temporary = true
		e.RetryAfter = retryAfter(resp.Header)
		e.Message = resp.Request.URL.Host + " has had too many requests from here"
		e.Hint = "wait"
		if e.RetryAfter > 0 {
			e.Hint = fmt.Sprintf("wait for %v", e.RetryAfter)
		}
		if c.token == "" {
			e.Hint += ", or set HF_TOKEN: those with a token may ask more often"
		}
	case status >= 500 || status == http.StatusRequestTimeout:
		e.Kind = engine.Unreachable
		e.Temporary = true
		e.RetryAfter = retryAfter(resp.Header)
		e.Message = fmt.Sprintf("%s is in trouble: it answers %d %s", resp.Request.URL.Host, status, http.StatusText(status))
		e.Hint = "try again later; https://status.huggingface.co tells how the hub is"
	}
	return e
}

// words are what a server says is wrong.
func (c *Client) words(header string, body []byte) string {
	said := header
	var document struct {
		Error string `json:"error"`
	}
	if said == "" && json.Unmarshal(body, &document) == nil {
		said = document.Error
	}
	if said = oneLine(said); said == "" {
		return "it does not say why"
	}
	if c.token != "" {
		said = strings.ReplaceAll(said, c.token, "…")
	}
	return said
}

// rateLimit is the hub's way to say when it can be asked again:
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
var rateLimit = lazyregexp.New(`;\s*r\s*=\s*(\d+)\s*;\s*t\s*=\s*(\d+)`)

// retryAfter is how long a server wants to be left alone, 0 if it does not say.
func retryAfter(h http.Header) time.Duration {
	const most = 24 * 60 * 60 // a number beyond is a mistake
	seconds := func(s string) (time.Duration, bool) {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		return time.Duration(n) * time.Second, err == nil && n >= 0 && n <= most
	}
	if m := rateLimit().FindStringSubmatch(h.Get("RateLimit")); m != nil && m[1] == "0" {
		if d, ok := seconds(m[2]); ok {
			return d
		}
	}
	if d, ok := seconds(h.Get("Retry-After")); ok {
		return d
	}
	if when, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return min(max(time.Until(when), 0), most*time.Second).Round(time.Second)
	}
	return 0
}
