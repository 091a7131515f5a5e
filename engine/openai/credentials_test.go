package openai

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Every request carries the headers that were asked for, and a key only to its
// host.
func TestHeaders(t *testing.T) {
	t.Parallel()
	seen := make(chan http.Header, 2)
	host := make(chan string, 2)
	opt := Options{Organization: "org", Project: "proj", Options: remote.Options{
		Key: remote.Key{Value: "sk-1234"}, Headers: http.Header{"X-Title": {"vlmchat"}, "host": {"other.example"}},
	}}
	e := serve(t, opt, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header
		host <- r.Host
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"data":[{"id":"m"}]}`)
			return
		}
		_, _ = io.WriteString(w, hello+ended)
	})
	if got := ask(t, t.Context(), e, question("?")); got.err != nil {
		t.Fatal(got.err)
	}
	for range 2 { // the list of models, the answer
		h := <-seen
		for name, want := range map[string]string{"Authorization": "Bearer sk-1234", "Openai-Organization": "org", "Openai-Project": "proj", "X-Title": "vlmchat"} {
			if h.Get(name) != want {
				t.Errorf("%s is %q", name, h.Get(name))
			}
		}
		if h := <-host; h != "other.example" {
			t.Errorf("the host is %s", h)
		}
	}
}

// What a server asks for is told with what can be done about it.
func TestKeyIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key           remote.Key
		user          *url.Userinfo
		message, hint string
	}{
		{key: remote.Key{Value: "sk-other", Hosts: []string{"api.openai.com"}, Source: "MY_KEY"}, message: "MY_KEY was not sent, as it belongs to another host", hint: "--key-env VARIABLE"},
		{message: "asks for a key", hint: "--key-env VARIABLE"},
		{user: url.UserPassword("me", "hunter2"), message: "name and password", hint: "base URL"},
	} {
		sent := make(chan string, 1)
		e := serve(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
			sent <- r.Header.Get("Authorization")
			w.WriteHeader(http.StatusUnauthorized)
		})
		opt := e.opt
		opt.Key = c.key
		u := *e.base
		u.User = c.user
		opt.BaseURL = u.String()
		got := ask(t, t.Context(), open(t, opt), question("?"))
		want := ""
		if c.user != nil {
			want = "Basic " + base64.StdEncoding.EncodeToString([]byte("me:hunter2"))
		}
		if sent := <-sent; sent != want {
			t.Errorf("%q was sent", sent)
		}
		var known *engine.Error
		if known, _ = got.err.(*engine.Error); known == nil || known.Kind != engine.Unauthorized || !strings.Contains(known.Message, c.message) || !strings.Contains(known.Hint, c.hint) {
			t.Errorf("%+v", known)
		}
	}
}

// A server that repeats what it was sent does not bring it into an error, in
// whatever form, and wherever the message is cut.
func TestSecretsStayOutOfErrors(t *testing.T) {
	t.Parallel()
	const key, header = `sk/a+b<c&d"e`, "Token geheim/nis+42"
	b64 := base64.StdEncoding.EncodeToString
	inJSON, _ := json.Marshal(key)
	for name, said := range map[string]string{
		"plain": key, "in a URL": url.QueryEscape(key), "in base64": b64([]byte(key)), "in base64 for URLs": base64.RawURLEncoding.EncodeToString([]byte(key)),
		"in JSON": string(inJSON), "header": header, "what it says": "geheim/nis+42", "header in a URL": url.QueryEscape("geheim/nis+42"),
		"password": "hunter2hunter2", "both": b64([]byte("me:hunter2hunter2")),
	} {
		for _, status := range []int{400, 403, 500, 200} {
			e := serveChat(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				body, _ := json.Marshal(map[string]any{"error": map[string]string{"message": strings.Repeat("x", 296) + said}})
				_, _ = w.Write(body)
			})
			opt := e.opt
			opt.Model, opt.Key = "m", remote.Key{Value: key, Hosts: []string{e.base.Host}}
			opt.Headers = http.Header{"X-Token": {header}}
			u := *e.base
			u.User = url.UserPassword("me", "hunter2hunter2")
			opt.BaseURL = u.String()
			got := ask(t, t.Context(), open(t, opt), question("?"))
			known, ok := got.err.(*engine.Error)
			if !ok {
				t.Fatal(got.err)
			}
			all := fmt.Sprintf("%s %s %v", known.Message, known.Hint, known.Err)
			for _, part := range []string{said[:4], "hunter2", "geheim", "sk/a"} {
				if i := strings.Index(all, "xxx"); i < 0 || strings.Contains(strings.TrimLeft(all[i:], "x"), part) {
					t.Errorf("%s, status %d: %q", name, status, all)
				}
			}
		}
	}
}

// A key that is not for a host never gets there.
func TestKeyOfAnotherHost(t *testing.T) {
	t.Parallel()
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			if strings.Contains(strings.Join(values, " "), "sk-other") {
				t.Errorf("the key is in %s", name)
			}
		}
		_, _ = io.WriteString(w, hello+ended)
	})
	opt := e.opt
	opt.Key = remote.Key{Value: "sk-other", Hosts: []string{"api.openai.com"}}
	opt.BaseURL = e.base.String()
	for _, version := range []string{"", "2024-10-21"} {
		opt.APIVersion = version
		if got := ask(t, t.Context(), open(t, opt), question("?")); got.err != nil {
			t.Error(got.err)
		}
	}
}
