package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/engine/remote"
)

// maxJSON is as much as is read of an answer that does not come as a stream.
const maxJSON = 32 << 20

// exchange is the library's HTTP client for one request. The library takes
// every body for a stream of events, hides headers and does not notice when a
// stream ends too early; here the response is looked at first, and the events
// are passed on in the one form that it reads well.
type exchange struct {
	engine   *Engine
	streams  bool // the answer is to come as a stream of events
	model    string
	pictures bool           // the request has some
	schema   bool           // it wants its answer held to one
	extra    map[string]any // members of its JSON that the library leaves out
	inlines  map[string]inline

	raw    []byte  // the body of an answer that is no stream
	events *events // the stream
}

// Do sends the request. Its errors are *engine.Error.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	if err := x.complete(req); err != nil {
		return nil, err
	}
	e := x.engine
	e.dress(req)
	resp, err := remote.Exchange(e.calls.Transport, req, e.patience)
	if err != nil {
		return nil, err
	}
	if err := unpack(e.base.Host, resp); err != nil {
		resp.Body.Close()
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, x.refused(resp, remote.ErrorBody(resp))
	}
	r := bufio.NewReader(resp.Body)
	start, err := firstByte(r)
	if err != nil && err != io.EOF {
		resp.Body.Close()
		return nil, err
	}
	if !x.streams || start == '{' || start == '[' || start == '<' || remote.IsHTML(resp.Header, nil) {
		defer resp.Body.Close()
		return x.whole(resp, r)
	}
	x.events = newEvents(x, resp, r)
	resp.Body = x.events
	return resp, nil
}

// complete puts into the request's JSON what the library does not: members, behind
// its opening brace, and pictures.
func (x *exchange) complete(req *http.Request) error {
	if len(x.extra) == 0 && len(x.inlines) == 0 || req.Body == nil {
		return nil
	}
	b, err := io.ReadAll(req.Body)
	if err != nil {
		return err
	}
	if len(x.extra) > 0 {
		members, err := json.Marshal(x.extra)
		if err != nil {
			return err
		}
		members = append(members[:len(members)-1], ',')
		b = append(members, bytes.TrimPrefix(b, []byte("{"))...)
	}
	b = withPictures(b, x.inlines)
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	return nil
}

// firstByte looks at the first byte that is not white space.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return b, r.UnreadByte()
		}
	}
}

// whole takes an answer that is one JSON document: a list of models, an error
// in spite of the status 200, or the answer of a server that cannot stream.
func (x *exchange) whole(resp *http.Response, r io.Reader) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxJSON))
	if err != nil {
		return nil, err
	}
	if remote.IsHTML(resp.Header, body) {
		return nil, x.notAPI(resp, body)
	}
	if refusal := errorIn(body); refusal != nil {
		return nil, x.refused(inPlaceOf(resp, refusal), body)
	}
	if !x.streams {
		// What servers add to it, and the forms in which they have it, the library
		// does not know.
		x.raw = body
		resp.Body = io.NopCloser(strings.NewReader("{}"))
		return resp, nil
	}
	event, err := asEvent(body)
	if err != nil {
		return nil, remote.Cut(x.engine.base.Host, "broke it off", err)
	}
	x.events = newEvents(x, resp, bufio.NewReader(bytes.NewReader(append(append([]byte("data: "), event...), '\n'))))
	resp.Body = x.events
	return resp, nil
}

// inPlaceOf is the response that a server should have sent with an error: with
// the status that the error itself names.
func inPlaceOf(resp *http.Response, refusal *refusal) *http.Response {
	r := *resp
	r.StatusCode = http.StatusInternalServerError
	if code := refusal.status(); code >= 400 && code < 600 {
		r.StatusCode = code
	}
	return &r
}

// asEvent makes one event of an answer that came whole: what it calls a
// message, a stream calls a delta.
func asEvent(body []byte) ([]byte, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	var choices []map[string]json.RawMessage
	if err := json.Unmarshal(doc["choices"], &choices); err != nil {
		return nil, err
	}
	for i, c := range choices {
		c["delta"] = c["message"]
		delete(c, "message")
		c["index"] = json.RawMessage(strconv.Itoa(i))
	}
	list, err := json.Marshal(choices)
	if err != nil {
		return nil, err
	}
	doc["choices"] = list
	return json.Marshal(doc)
}
