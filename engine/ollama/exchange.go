package ollama

import (
	"fmt"
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
	model    string
	pictures bool // the request has some

	resp *http.Response
}

// RoundTrip sends the request. Its errors are *engine.Error.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
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
	return resp, nil
}

var (
	noModel  = remote.Words(`(?i)model.{0,200}not found|pull (it|model) (first|manifest)|file does not exist|invalid model (name|path)`)
	noVision = remote.Words(`(?i)(image|vision|multi-?modal).{0,60}(not |un)(support|capab)|not support.{0,40}(image|vision)|missing data required for image input`)
	tooLong  = remote.Words(`(?i)(exceed|too long|larger|limit).{0,60}context|context (length|size|window).{0,40}(exceed|limit|reach)|exceeds the available context`)
)

// refused sorts a response that refuses the request.
func (x *exchange) refused(resp *http.Response, body []byte) *engine.Error {
	said := remote.Message(resp.Header, body)
	if known := x.classify(said); known != nil {
		return known
	}
	e := remote.Refused(x.engine.base.Host, resp, said)
	switch {
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusMethodNotAllowed:
		return x.notOllama(resp, body)
	case e.Kind == engine.Unauthorized:
		e.Hint = "sign in with 'ollama signin', or check " + HostVariable
	}
	return e
}

// classify knows Ollama's words for what a person can do something about. It
// returns nil for others.
func (x *exchange) classify(said string) *engine.Error {
	switch {
	case x.model != "" && noModel(said):
		return notFound(x.engine.base.Host, x.model)
	case x.pictures && noVision(said):
		e := notVision(x.engine.base.Host, x.model)
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
		Hint:    "check " + HostVariable,
	}
}

func notFound(host, model string) *engine.Error {
	return &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("the Ollama at %s has no model %s", host, remote.OneLine(model)),
		Hint:    "ollama pull " + remote.OneLine(model),
	}
}

func notVision(host, model string) *engine.Error {
	return &engine.Error{
		Kind:    engine.NotVision,
		Message: fmt.Sprintf("the model %s of the Ollama at %s cannot see pictures", remote.OneLine(model), host),
		Hint:    visionHint,
	}
}

// visionHint names a model to begin with, small enough for most machines.
const visionHint = "one that can: ollama pull qwen2.5vl:3b"

// quoted takes the quotes from a parameter of a Modelfile.
func quoted(s string) string { return strings.Trim(s, `"`) }
