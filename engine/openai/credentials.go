package openai

import (
	"net/http"
)

// dress gives a request what it needs beside its body: the key in the form that
// the server wants it, the headers that were asked for, which go before all
// others, and nothing that has to be unpacked.
func (e *Engine) dress(req *http.Request) {
	h := req.Header
	key := e.opt.Key.For(e.base.Host)
	switch user := req.URL.User; {
	case key == "":
		h.Del("Authorization")
		h.Del(azureKey)
		if user != nil {
			password, _ := user.Password()
			req.SetBasicAuth(user.Username(), password)
		}
	case e.public == azure || e.deployments:
		h.Del("Authorization")
		h.Set(azureKey, key)
	case e.public == anthropic && req.Method == http.MethodGet:
		// Its list of models is not a part of what is compatible.
		h.Del("Authorization")
		h.Set("X-Api-Key", key)
		h.Set("Anthropic-Version", "2023-06-01")
	}
	req.URL.User = nil // what is left of it would show in errors
	if e.opt.Project != "" {
		h.Set("OpenAI-Project", e.opt.Project)
	}
	h.Set("Accept-Encoding", "identity")
	for name, values := range e.opt.Headers {
		if http.CanonicalHeaderKey(name) == "Host" && len(values) > 0 {
			req.Host = values[0]
			continue
		}
		h[http.CanonicalHeaderKey(name)] = values
	}
}
