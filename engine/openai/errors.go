package openai

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// refusal is an error in the forms that servers give it: below "error", or at
// the top (vLLM, older FastAPI servers).
type refusal struct {
	Code    json.RawMessage `json:"code"` // a number or a word
	Type    string          `json:"type"`
	Message string          `json:"message"`
	Tokens  int             `json:"n_prompt_tokens"` // llama-server's exceed_context_size_error
	Context int             `json:"n_ctx"`
}

// status is the HTTP status that the error names, or 0.
func (r *refusal) status() int {
	n, _ := strconv.Atoi(strings.Trim(string(r.Code), `"`))
	return n
}

// is tells whether the error is called by one of the names.
func (r *refusal) is(names ...string) bool {
	for _, n := range names {
		if r.Type == n || strings.Trim(string(r.Code), `"`) == n {
			return true
		}
	}
	return false
}

// errorIn returns the error that a JSON document holds, or nil.
func errorIn(data []byte) *refusal {
	// Gemini puts it into a list.
	if list := []json.RawMessage(nil); len(data) > 0 && data[0] == '[' && json.Unmarshal(data, &list) == nil && len(list) > 0 {
		data = list[0]
	}
	var doc struct {
		Error  json.RawMessage `json:"error"`
		Object string          `json:"object"`
	}
	if json.Unmarshal(data, &doc) != nil {
		return nil
	}
	in := []byte(doc.Error)
	if doc.Object == "error" {
		in = data
	}
	if len(in) == 0 || bytes.Equal(in, []byte("null")) || bytes.Equal(in, []byte("false")) || bytes.Equal(in, []byte(`""`)) || bytes.Equal(in, []byte("{}")) {
		return nil
	}
	r := &refusal{}
	if json.Unmarshal(in, r) != nil {
		r.Message = remote.Message(nil, in)
	}
	return r
}

var (
	noModel  = remote.Words(`(?i)model.{0,200}(not found|does ?n[o']t exist|not exist|not loaded)|(no such|unknown|invalid) model`)
	noVision = remote.Words(`(?i)(image|vision|multi-?modal|picture).{0,80}(not |un|only |no )(support|allow|enabled|accept|capab)|(not |does ?n[o']t |no )(support|accept).{0,40}(image|vision|multi-?modal)|not an? (vision|multi-?modal)|provide the mmproj|no endpoints.{0,40}support image`)
	// Which picture, or how many there may be, only the server knows.
	badPicture = remote.Words(`(?i)too many (image|picture)|at most \d+ (image|picture)|(image|picture).{0,60}(exceed|too large|too big|too small)|(invalid|unsupported|process|load|download|fetch|decode|identify).{0,20} image`)
	noSchema   = remote.Words(`(?i)response_?format|json_?schema|structured.?output|grammar`)
	tooLong    = remote.Words(`(?i)context (length|size|window)|maximum context|too many tokens`)
)

// refused sorts a response that refuses the request, whose body holds an error
// or something else.
func (x *exchange) refused(resp *http.Response, body []byte) *engine.Error {
	host := x.engine.base.Host
	// Before it is cut to a length at which a part of a key would be left.
	body = []byte(x.engine.secrets.hide(string(body)))
	said := remote.Message(resp.Header, body)
	r := errorIn(body)
	if r == nil {
		r = &refusal{}
	}
	e := remote.Refused(host, resp, said)
	if r.is("invalid_request_error") && r.status() == 0 && e.Kind == engine.Failed {
		// Within a 200 it has no number and counts as a failure of the server; it
		// would fail again.
		e.Temporary, e.RetryAfter, e.Hint = false, 0, ""
	}
	switch code := resp.StatusCode; {
	case e.Kind == engine.Unauthorized:
		x.unauthorized(e)
		if code == http.StatusForbidden {
			e.Err = errForbidden
		}
	case r.is("insufficient_quota"):
		e.Kind, e.RetryAfter, e.Temporary = engine.RateLimited, 0, false
		e.Message, e.Hint = fmt.Sprintf("the account at %s has no credit left: %s", host, said), ""
	case e.Kind == engine.RateLimited, e.Kind == engine.BadPicture:
	case r.is("exceed_context_size_error", "context_length_exceeded"), code == http.StatusBadRequest && tooLong(said):
		e = &engine.Error{Kind: engine.ContextFull, Message: "the conversation does not fit the model's context: " + said, Hint: "begin anew, or use fewer pictures"}
		if r.Context > 0 {
			e.Message = fmt.Sprintf("the conversation has %d tokens, and the model's context holds %d", r.Tokens, r.Context)
		}
	case x.pictures && remote.OnePicture(x.model, said) != nil:
		e = remote.OnePicture(x.model, said)
	case x.pictures && noVision(said):
		e = notVision(x.model, host)
		e.Message += ": " + said
	case x.pictures && badPicture(said):
		e = &engine.Error{Kind: engine.BadPicture, Message: fmt.Sprintf("the server at %s refuses the pictures: %s", host, said), Hint: "send smaller or fewer pictures, or others"}
	case r.is("model_not_found"), code == http.StatusNotFound && noModel(said), code == http.StatusBadRequest && noModel(said):
		e = &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("the server at %s has no model called %s", host, shown(x.model)), Hint: "said by the server: " + said}
	case x.schema && (code == http.StatusBadRequest || code == http.StatusUnprocessableEntity) && noSchema(said):
		e = &engine.Error{Kind: engine.BadRequest, Message: fmt.Sprintf("the server at %s cannot hold an answer of %s to this schema: %s", host, shown(x.model), said), Hint: "leave out --schema, or choose another model or server"}
	case code == http.StatusNotFound, code == http.StatusMethodNotAllowed:
		e = x.notAPI(resp, body)
	case e.Kind == engine.Unreachable && strings.Contains(strings.ToLower(said), "loading"):
		e.Message = fmt.Sprintf("the server at %s is still loading its model", host)
	}
	return e
}

// unauthorized says what is to be done about the key: which one was sent, or why
// none was.
func (x *exchange) unauthorized(e *engine.Error) {
	key, host := x.engine.opt.Key, x.engine.base.Host
	source := cmp.Or(key.Source, KeyVariable)
	e.Hint = "check " + source
	switch {
	case key.For(host) != "":
	case x.engine.base.User != nil:
		e.Message, e.Hint = fmt.Sprintf("the server at %s does not accept the name and password", host), "check them in the base URL"
	case key.Withheld(host):
		e.Message = fmt.Sprintf("the server at %s asks for a key; %s was not sent, as it belongs to another host", host, source)
		e.Hint = "name the variable that holds this host's key: --key-env VARIABLE"
	default:
		e.Message, e.Hint = fmt.Sprintf("the server at %s asks for a key", host), "name the variable that holds it: --key-env VARIABLE"
		if names := KeyVariables(host); len(names) > 0 {
			e.Hint = "set " + names[0]
		}
	}
}

var (
	errNotAPI    = errors.New("not the API")
	errForbidden = errors.New("not for this key")
)

// notAPI says that something answers, but not the API.
func (x *exchange) notAPI(resp *http.Response, body []byte) *engine.Error {
	said := remote.Message(resp.Header, body)
	if said == "" {
		said = "status " + strconv.Itoa(resp.StatusCode)
	}
	return &engine.Error{
		Kind:    engine.Unreachable,
		Message: fmt.Sprintf("there is no OpenAI-compatible API at %s%s: the answer is %s", x.engine.base.Host, x.engine.base.Path, said),
		Hint:    "check the base URL; most end in /v1",
		Err:     errNotAPI,
	}
}

// notVision says that a model cannot see.
func notVision(model, host string) *engine.Error {
	return &engine.Error{
		Kind:    engine.NotVision,
		Message: fmt.Sprintf("the model %s at %s can't see pictures", shown(model), host),
		Hint:    "choose a vision model; llama-server needs --mmproj for one",
	}
}
