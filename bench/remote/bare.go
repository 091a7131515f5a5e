package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
)

// sent is a request as our engine sends it.
type sent struct {
	path   string
	header http.Header
	body   []byte
}

// recorder stands between our engine and a server, and keeps the last request.
type recorder struct {
	proxy *httputil.ReverseProxy
	last  sent
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.last = sent{req.URL.Path, req.Header.Clone(), body}
	req.Body = io.NopCloser(bytes.NewReader(body))
	r.proxy.ServeHTTP(w, req)
}

// record asks each request once by way of a recorder, and returns what our engine
// sent.
func (b *bench) record(ctx context.Context, server string, requests []engine.Request) ([]sent, error) {
	to, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	r := &recorder{proxy: httputil.NewSingleHostReverseProxy(to)}
	// llama-server hangs up on kept connections, now and then as a request comes.
	r.proxy.Transport = &http.Transport{DisableKeepAlives: true}
	proxy := httptest.NewServer(r)
	defer proxy.Close()
	e, err := b.engine(proxy.URL)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	var all []sent
	for _, req := range requests {
		if _, err := measure.AskEngine(ctx, e, req); err != nil {
			return nil, err
		}
		// What the transport adds by itself, it adds again.
		r.last.header.Del("Accept-Encoding")
		r.last.header.Del("Content-Length")
		all = append(all, r.last)
	}
	return all, nil
}

// bare is a client that knows nothing but how to send what is there and to read
// the lines of the answer. Like ours it keeps its connection, and sends a request
// again that meets one which the server has just closed: that is what the header
// without a value tells Go's transport, and it is not sent.
type bare struct {
	http   *http.Client
	server string
}

func newBare(server string) *bare {
	return &bare{&http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}, server}
}

func (c *bare) ask(ctx context.Context, s sent) (*measure.Answer, error) {
	asked := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server+s.path, bytes.NewReader(s.body))
	if err != nil {
		return nil, err
	}
	req.Header = s.header.Clone()
	req.Header["Idempotency-Key"] = nil
	return measure.ReadStream(c.http, req, asked)
}

func (c *bare) close() { c.http.CloseIdleConnections() }
