package ollama

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// exchange is the transport of one request. The library loses headers, status
// codes with an empty body, and whatever ends the body too early; here they are
// kept.
type exchange struct {
	engine   *Engine
	model    string // which it is about, where it has to be there
	pulls    string // which it fetches
	pictures bool   // the request has some
	stream   bool   // the answer may be of any length

	resp *http.Response
}

// RoundTrip sends the request, to the server that was asked for and with its key.
// Its errors are *engine.Error.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Host, req.Host = x.engine.base.Host, ""
	for name, values := range x.engine.opt.Headers {
		req.Header[name] = values
	}
	if key := x.key(); key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := remote.Exchange(x.engine.calls.Transport, req, x.engine.patience)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, x.refused(resp, remote.ErrorBody(resp))
	}
	if remote.IsHTML(resp.Header, nil) {
		defer resp.Body.Close()
		return nil, x.notOllama(resp, remote.ErrorBody(resp))
	}
	x.resp = resp
	if !x.stream {
		short := *resp
		short.Body = &bounded{ReadCloser: resp.Body, left: mostRead, host: x.engine.base.Host}
		return &short, nil
	}
	return resp, nil
}

// key is the one that this server may see, "" if there is none.
func (x *exchange) key() string { return x.engine.opt.Key.For(x.engine.base.Host) }

// mostRead is the length of an answer that the library reads as a whole, in bytes.
const mostRead = 64 << 20

// bounded ends the body of a server that does not come to an end.
type bounded struct {
	io.ReadCloser
	left int
	host string
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("the server at %s has sent more than %d MiB and no end", b.host, mostRead>>20)}
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

var (
	noModel  = remote.Words(`(?i)model.{0,200}not found|pull (it|model) (first|manifest)|file does not exist|invalid model (name|path)`)
	noVision = remote.Words(`(?i)(image|vision|multi-?modal).{0,60}(not |un)(support|capab)|not support.{0,40}(image|vision)|missing data required for image input`)
	tooLong  = remote.Words(`(?i)(exceed|too long|larger|limit).{0,60}context|context (length|size|window).{0,40}(exceed|limit|reach)|exceeds the available context`)
)

// refused sorts a response that refuses the request.
func (x *exchange) refused(resp *http.Response, body []byte) *engine.Error {
	said := remote.Message(resp.Header, body)
	if key := x.key(); key != "" {
		said = strings.ReplaceAll(said, key, "…")
	}
	if x.pulls != "" && resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusTooManyRequests && !remote.IsHTML(resp.Header, body) && said != "" {
		return x.notPulled(said)
	}
	if known := x.classify(said); known != nil {
		return known
	}
	e := remote.Refused(x.engine.base.Host, resp, said)
	switch {
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusMethodNotAllowed:
		return x.notOllama(resp, body)
	case e.Kind == engine.Unauthorized:
		e.Hint = x.keyHint()
	}
	return e
}

// keyHint says what to do about a server that wants to know who asks.
func (x *exchange) keyHint() string {
	k := x.engine.opt.Key
	switch {
	case x.key() != "":
		return "check " + cmp.Or(k.Source, "the key")
	case k.Withheld(x.engine.base.Host):
		return fmt.Sprintf("the key of %s is meant for %s only", cmp.Or(k.Source, "the settings"), strings.Join(k.Hosts, ", "))
	}
	return "sign in with 'ollama signin', set " + KeyVariable + ", or check " + HostVariable
}

// classify knows Ollama's words for what a person can do something about. It
// returns nil for others.
func (x *exchange) classify(said string) *engine.Error {
	switch {
	case x.model != "" && noModel(said):
		return x.engine.notFound(x.model)
	case x.pictures && remote.OnePicture(x.model, said) != nil:
		return remote.OnePicture(x.model, said)
	case x.pictures && noVision(said):
		e := x.engine.notVision(x.model)
		e.Message += ": " + said
		return e
	case tooLong(said):
		return &engine.Error{Kind: engine.ContextFull, Message: "the conversation does not fit the model's context: " + said, Hint: "begin anew, or give the server a larger one (OLLAMA_CONTEXT_LENGTH)"}
	}
	return nil
}

// notOllama says that something else answers.
func (x *exchange) notOllama(resp *http.Response, body []byte) *engine.Error {
	said := remote.Message(resp.Header, body)
	if said == "" {
		said = fmt.Sprintf("status %d", resp.StatusCode)
	}
	return &engine.Error{
		Kind:    engine.Unreachable,
		Message: fmt.Sprintf("there is no Ollama at %s%s: the answer is %s", x.engine.base.Host, x.engine.base.Path, said),
		Hint:    "check the address (--base-url, " + HostVariable + ")",
	}
}

func (e *Engine) notFound(model string) *engine.Error {
	return &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("the Ollama at %s has no model %s", e.base.Host, remote.OneLine(model)),
		Hint:    "fetch it with '" + e.pullCommand(model) + "'",
	}
}

func (e *Engine) notVision(model string) *engine.Error {
	return &engine.Error{
		Kind:    engine.NotVision,
		Message: fmt.Sprintf("the model %s of the Ollama at %s can't see pictures", remote.OneLine(model), e.base.Host),
		Hint:    e.visionHint(),
	}
}

// visionHint names a model to begin with, small enough for most machines.
func (e *Engine) visionHint() string { return "one that can: " + e.pullCommand("qwen2.5vl:3b") }

// pullCommand is the command that has this server, and no other, fetch a model.
func (e *Engine) pullCommand(model string) string {
	command := "vlmchat models pull -b ollama "
	if at := *e.base; at.Host != defaultHost {
		at.User = nil // a password
		command += "--base-url " + at.String() + " "
	}
	return command + remote.OneLine(model)
}

// quoted takes the quotes from a parameter of a Modelfile.
func quoted(s string) string { return strings.Trim(s, `"`) }
