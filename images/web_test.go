package images

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func smallPNG(t testing.TB) []byte { return pngOf(t, image.NewGray(image.Rect(0, 0, 2, 3))) }

// web starts a server and a loader that may ask it.
func web(t *testing.T, handle http.HandlerFunc) (address string, l *Loader) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	l = &Loader{AllowPrivate: true, web: webAccess{proxy: noProxy}}
	t.Cleanup(func() { l.Close() })
	return server.URL, l
}

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// refusal loads what must not be had, and returns why not.
func refusal(t *testing.T, l *Loader, address string) *Error {
	t.Helper()
	pictures, err := l.Load(t.Context(), address)
	var e *Error
	if !errors.As(err, &e) || pictures != nil {
		t.Fatalf("%v, %v", pictures, err)
	}
	return e
}

// What is asked for is the address without its fragment, as nobody in particular,
// and a password in it is used and never shown.
func TestWeb(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 1)
	address, l := web(t, func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		w.Header().Set("Content-Type", "text/html") // a lie
		w.Write(smallPNG(t))
	})
	l.UserAgent = "vlmchat/1"
	p, err := l.Load(t.Context(), " "+strings.Replace(address, "http://", "HTTP://me:secret@", 1)+"/a%20b.png?size=large#top\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(p) != 1 || p[0].Width != 2 || strings.Contains(p[0].Source, "secret") || !strings.Contains(p[0].Source, "/a%20b.png") {
		t.Errorf("%+v", p[0])
	}
	r := <-requests
	name, password, _ := r.BasicAuth()
	if r.RequestURI != "/a%20b.png?size=large" || name != "me" || password != "secret" || r.UserAgent() != "vlmchat/1" {
		t.Errorf("%s %v", r.RequestURI, r.Header)
	}
	for _, leak := range []string{"Referer", "Cookie"} {
		if r.Header.Get(leak) != "" {
			t.Error(leak, r.Header.Get(leak))
		}
	}
}

// What is behind the "#" chooses of the picture, if it looks like a choice.
func TestWebFragment(t *testing.T) {
	t.Parallel()
	address, l := web(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(smallPNG(t)) })
	for _, fragment := range []string{"", "#", "#top", "#/media/File:Cat.png"} {
		if _, err := l.Load(t.Context(), address+"/a.png"+fragment); err != nil {
			t.Error(fragment, err)
		}
	}
	for _, fragment := range []string{"#2-", "#2-x", "#t=soon"} {
		if e := refusal(t, l, address+"/a.png"+fragment); e.Reason != BadSelection {
			t.Error(fragment, e)
		}
	}
}

// What servers say in place of a picture is told in words.
func TestWebAnswers(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	says := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		reason Reason
		detail string
	}{
		"nothing there": {status(404), Missing, "there is nothing at this address (404)"},
		"a password":    {status(401), Unreachable, "wants a name and a password"},
		"forbidden":     {status(403), Unreachable, "does not hand this out to us (403)"},
		"a fault":       {status(503), Unreachable, "try again later (503)"},
		"no content":    {status(204), Empty, "without a file (204)"},
		"an empty file": {says(""), Empty, "empty"},
		"too many": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(429)
		}, Unreachable, "try again in 1m30s (429)"},
		"a page": {says("\n<!DOCTYPE html><title>Cats</title>"), NotPicture, "this is a web page, not a picture"},
		"a page with a picture": {
			says(`<html><head><meta content='/cat.jpg?a=1&amp;b=2' property="og:image"></head>`),
			NotPicture, "/cat.jpg?a=1&b=2",
		},
		"a video": {says("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), Unsupported, "this is a video"},
		"text":    {says("no such cat"), NotPicture, "it looks like text"},
		"another encoding": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write([]byte{1, 2, 3})
		}, Unsupported, "compressed (br)"},
		"the end is missing": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9000")
			w.Write(smallPNG(t))
		}, Truncated, "broke off after"},
		"no answer": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Unreachable, "closed the connection without an answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, l := web(t, c.handle)
			e := refusal(t, l, address)
			if e.Reason != c.reason || !strings.Contains(e.Detail, c.detail) || e.Source != address {
				t.Errorf("%s %v", e.Reason, e)
			}
		})
	}
}

// A picture that stands for a page is named as the address that it is, or not.
func TestPagePicture(t *testing.T) {
	t.Parallel()
	base, _ := url.Parse("https://example.org/a/page")
	for page, want := range map[string]string{
		`<meta property="og:image" content="cat.jpg">`:                                        "https://example.org/a/cat.jpg",
		`<META NAME=og:image:url CONTENT='//cdn.example.org/c.png' />`:                        "https://cdn.example.org/c.png",
		`<meta property="og:image:width" content="800">`:                                      "",
		`<meta property="og:image" content="javascript:alert(1)">`:                            "",
		`<meta property="og:image" content="https://me:hush@example.org/">`:                   "",
		"<meta property=\"og:image\" content=\"https://example.org/\x1b]52;c;AAAA\x07.png\">": "",
		`<meta property="og:image">`:                                                          "",
	} {
		if got := webPagePicture(base, []byte(page)); got != want {
			t.Errorf("%s: %q", page, got)
		}
	}
}

// Bytes are counted as they are after decompression, and before all of them came
// where the server says how many there are.
func TestWebIsBounded(t *testing.T) {
	t.Parallel()
	handles := map[string]http.HandlerFunc{
		"says so": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2000")
			w.WriteHeader(200)
		},
		"never ends": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				w.Write(make([]byte, 1000))
			}
		},
		"unpacks": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 1<<20))
			z.Close()
		},
	}
	for name, handle := range handles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, l := web(t, handle)
			l.Limits.Bytes = 1000
			if e := refusal(t, l, address); e.Reason != TooLarge {
				t.Error(e)
			}
		})
	}
}

// A server that is slow in any way is given up, and so is one that somebody has
// no more patience with.
func TestWebIsSlow(t *testing.T) {
	t.Parallel()
	trickles := func(w http.ResponseWriter, r *http.Request) {
		for range time.Tick(10 * time.Millisecond) {
			if _, err := w.Write([]byte("GIF89a")); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	}
	waits := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	begins := func(w http.ResponseWriter, r *http.Request) {
		w.Write(smallPNG(t)[:20])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	const soon = 200 * time.Millisecond
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		limits WebLimits
		want   string
	}{
		"no answer":  {waits, WebLimits{Headers: soon}, "does not answer in time"},
		"falls mute": {begins, WebLimits{Silence: soon}, "nothing came for 200ms"},
		"no end":     {trickles, WebLimits{Whole: soon}, "did not send all of it within 200ms"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, l := web(t, c.handle)
			l.Limits.Web = c.limits
			if e := refusal(t, l, address); e.Reason != Unreachable || !strings.Contains(e.Detail, c.want) {
				t.Error(e)
			}
		})
	}
	address, l := web(t, begins)
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if _, err := l.Load(ctx, address); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// Redirects are followed to a certain number, to http and https, and not down
// from https; a password stays with its server.
func TestWebRedirects(t *testing.T) {
	t.Parallel()
	var other string
	address, l := web(t, func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		switch to := strings.TrimPrefix(r.URL.Path, "/to/"); {
		case to == "there":
			w.Write(smallPNG(t))
		case to == "secret" && password == "hush":
			w.Write(smallPNG(t))
		case to == "secret":
			w.WriteHeader(http.StatusUnauthorized)
		case to == "file":
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(302)
		case to == "nowhere":
			w.WriteHeader(302)
		case to == "other":
			http.Redirect(w, r, other+"/to/secret", http.StatusFound)
		case to == "own":
			http.Redirect(w, r, "secret", http.StatusFound)
		default:
			var n int
			_, _ = fmt.Sscan(to, &n)
			next := "there"
			if n > 1 {
				next = fmt.Sprint(n - 1)
			}
			http.Redirect(w, r, next, http.StatusMovedPermanently)
		}
	})
	other = strings.Replace(address, "127.0.0.1", "localhost", 1)
	withPassword := strings.Replace(address, "http://", "http://me:hush@", 1)
	for _, good := range []string{address + "/to/5", withPassword + "/to/own"} {
		if p, err := l.Load(t.Context(), good); err != nil || p[0].Source != ShownURL(good) {
			t.Error(good, err)
		}
	}
	for bad, want := range map[string]string{
		address + "/to/6":          "more than 5 times",
		address + "/to/file":       "of the kind file:",
		address + "/to/nowhere":    "does not say which",
		withPassword + "/to/other": "it leads on to localhost:",
	} {
		if e := refusal(t, l, bad); !strings.Contains(e.Detail, want) || strings.Contains(e.Error(), "hush") {
			t.Error(bad, e)
		}
	}
}

// TLS is checked, told in words, and not left for http.
func TestWebTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, "http://"+r.Host+"/", http.StatusFound)
			return
		}
		w.Write(smallPNG(t))
	}))
	defer server.Close()
	server.Config.ErrorLog = nil
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	knows := &Loader{AllowPrivate: true, web: webAccess{proxy: noProxy, tls: &tls.Config{RootCAs: roots}}}
	defer knows.Close()
	if _, err := knows.Load(t.Context(), server.URL); err != nil {
		t.Error(err)
	}
	if e := refusal(t, knows, server.URL+"/down"); !strings.Contains(e.Detail, "from https on to http") {
		t.Error(e)
	}
	stranger := &Loader{AllowPrivate: true, web: webAccess{proxy: noProxy, tls: &tls.Config{RootCAs: x509.NewCertPool()}}}
	defer stranger.Close()
	if e := refusal(t, stranger, server.URL); !strings.Contains(e.Detail, "can't be trusted: certificate signed by unknown authority") {
		t.Error(e)
	}
	plain, l := web(t, func(http.ResponseWriter, *http.Request) {})
	if e := refusal(t, l, strings.Replace(plain, "http:", "https:", 1)); !strings.Contains(e.Detail, "speaks http, not https") {
		t.Error(e)
	}
}

// Addresses of this machine and of private networks are refused before anything
// is sent there, whatever leads to them.
func TestWebKeepsOut(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Write(smallPNG(t))
	}))
	defer server.Close()
	port := server.Listener.Addr().(*net.TCPAddr).Port
	resolver := names(map[string]string{"rebound.example.": "127.0.0.1", "metadata.example.": "169.254.169.254"})
	l := &Loader{web: webAccess{proxy: noProxy, resolver: resolver}}
	defer l.Close()
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.1.2.3", "rebound.example", "metadata.example"} {
		e := refusal(t, l, fmt.Sprintf("http://%s:%d/a.png", host, port))
		if host == "[::1]" && e.Reason == Unreachable {
			continue // a machine without IPv6
		}
		if e.Reason != Private || !strings.Contains(e.Detail, "--allow-private-urls") {
			t.Error(host, e)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests came through", n)
	}
	l = &Loader{AllowPrivate: true, web: webAccess{proxy: noProxy, resolver: resolver}}
	defer l.Close()
	if _, err := l.Load(t.Context(), fmt.Sprintf("http://rebound.example:%d/a.png", port)); err != nil {
		t.Error(err)
	}
}

// A public server can't lead into a private network.
func TestWebRedirectIntoPrivate(t *testing.T) {
	t.Parallel()
	address, l := web(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.168.0.1/a.png", http.StatusFound)
	})
	// The first address is let pass, as if it were public.
	client := l.web.with(l.Limits.filled().Web, true)
	guarded := net.Dialer{Control: refusePrivate}
	client.direct.DialContext = func(ctx context.Context, network, to string) (net.Conn, error) {
		if strings.Contains(address, to) {
			return new(net.Dialer).DialContext(ctx, network, to)
		}
		return guarded.DialContext(ctx, network, to)
	}
	if e := refusal(t, l, address); e.Reason != Private || !strings.Contains(e.Detail, "it leads on to 192.168.0.1") {
		t.Error(e)
	}
}

// A proxy may be at a private address, and is not a way around the rules.
func TestWebThroughProxy(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Write(smallPNG(t))
	}))
	defer proxy.Close()
	at, _ := url.Parse(proxy.URL)
	l := &Loader{web: webAccess{proxy: http.ProxyURL(at)}}
	defer l.Close()
	if _, err := l.Load(t.Context(), "http://pictures.example.org/a.png"); err != nil || asked.Load() != 1 {
		t.Error(err, asked.Load())
	}
	for _, host := range []string{"127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "localhost", "a.localhost.", "wiki", "nas.local", "metadata.google.internal", "[fd00::1]", "[::ffff:10.0.0.1]"} {
		if e := refusal(t, l, "http://"+host+"/a.png"); e.Reason != Private {
			t.Error(host, e)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("%d requests came through", n)
	}
	gone := &Loader{web: webAccess{proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})}}
	defer gone.Close()
	if e := refusal(t, gone, "http://example.org/a.png"); !strings.Contains(e.Detail, "the proxy 127.0.0.1:1 can't be reached") {
		t.Error(e)
	}
}

func TestWebFindsNobody(t *testing.T) {
	t.Parallel()
	l := &Loader{AllowPrivate: true, web: webAccess{proxy: noProxy, resolver: names(nil)}}
	defer l.Close()
	for address, want := range map[string]string{
		"http://nobody.example/a.png": "there is no server called nobody.example",
		"http://127.0.0.1:1/":         "connection refused",
		"http://":                     "no web address",
		"http://a b/":                 "no web address",
		"http://127.0.0.1:99999/":     "there is no port 99999",
		"http://me:hush@[::1/":        "no web address",
	} {
		if e := refusal(t, l, address); !strings.Contains(e.Detail, want) || strings.Contains(e.Error(), "hush") {
			t.Error(address, e)
		}
	}
}

// Of several addresses a person has to know which one is meant, also if it is none.
func TestShownURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://me:hush@example.org/a.png": "https://me:xxxxx@example.org/a.png",
		" http://example.org/a.png#2 ":      "http://example.org/a.png#2",
		"http://":                           "http://",
		"http://a b/c.png":                  "http://a b/c.png",
		"http://me:hu sh@example.org/a.png": "http://xxxxx@example.org/a.png",
		"http://me:hu@sh%zz@example.org/":   "http://xxxxx@example.org/",
		"http://me:hush@[::1/":              "http://xxxxx@[::1/",
	} {
		if got := ShownURL(address); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

func TestPrivate(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"1.1.1.1": false, "172.15.0.1": false, "172.16.0.1": true, "100.63.255.255": false, "100.64.0.1": true,
		"127.255.0.1": true, "169.254.169.254": true, "192.168.1.1": true, "224.0.0.1": true, "255.255.255.255": true, "0.1.2.3": true,
		"2606:4700::1111": false, "::1": true, "::": true, "fc00::1": true, "fd12::1": true, "fe80::1": true, "fe80::1%eth0": true, "fec0::1": true, "ff02::1": true,
		"::ffff:10.0.0.1": true, "::ffff:1.1.1.1": false, "::ffff:0:10.0.0.1": true, "::10.0.0.1": true,
		"64:ff9b::7f00:1": true, "64:ff9b::101:101": false, "64:ff9b:1::1": true,
		"2002:7f00:1::": true, "2002:101:101::1": false, "2001:0:1:2::": true, "2001:4860::8888": false,
	} {
		if got := private(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// names is a resolver of these names alone.
func names(hosts map[string]string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go answerDNS(there, hosts)
		return here, nil
	}}
}

// answerDNS answers one question as a name server does on a stream (RFC 1035, 4):
// with the IPv4 address of a name, or that there is no such name.
func answerDNS(conn net.Conn, hosts map[string]string) {
	defer conn.Close()
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return
	}
	query := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, query); err != nil {
		return
	}
	name, at := "", 12
	for ; query[at] != 0; at += 1 + int(query[at]) {
		name += string(query[at+1:at+1+int(query[at])]) + "."
	}
	question := query[12 : at+5]
	address, known := hosts[name]
	isA := question[len(question)-3] == 1
	answer := bytes.Clone(query[:12])
	answer[2], answer[3] = 0x84, 0
	copy(answer[4:], []byte{0, 1, 0, 0, 0, 0, 0, 0})
	answer = append(answer, question...)
	switch {
	case !known:
		answer[3] = 3
	case isA:
		answer[7] = 1
		ip := netip.MustParseAddr(address).As4()
		answer = append(append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), ip[:]...)
	}
	_, _ = conn.Write(binary.BigEndian.AppendUint16(nil, uint16(len(answer))))
	_, _ = conn.Write(answer)
}
