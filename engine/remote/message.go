package remote

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"strings"
	"unicode"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// maxErrorBody is as much of an error's body as is read.
const maxErrorBody = 64 << 10

// ErrorBody reads the body of a response that refuses the request. What cannot
// be read of it is left out: the status says enough.
func ErrorBody(resp *http.Response) []byte {
	b, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	return b
}

// IsHTML tells a web page from an API's answer: something else than the server
// meant answers at the address.
func IsHTML(h http.Header, body []byte) bool {
	return strings.Contains(h.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

var title = lazyregexp.New(`(?is)<title[^>]*>(.*?)</title>`)

// Message returns what a server says in the body of an error, on one line: of
// JSON the message, wherever the usual servers put it, of a web page the title.
func Message(h http.Header, body []byte) string {
	if IsHTML(h, body) {
		if m := title().FindSubmatch(body); m != nil {
			return "a web page called " + OneLine(html.UnescapeString(string(m[1])))
		}
		return "a web page"
	}
	if m := jsonMessage(body, 0); m != "" {
		return OneLine(m)
	}
	return OneLine(string(body))
}

// jsonMessage finds the message in {"error": "…"}, {"error": {"message": "…"}},
// {"message": "…"} and {"detail": "…"}, and in a list of one of these.
func jsonMessage(body []byte, depth int) string {
	var s string
	if json.Unmarshal(body, &s) == nil {
		return s
	}
	if depth > 4 {
		return ""
	}
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		return jsonMessage(list[0], depth+1)
	}
	var o map[string]json.RawMessage
	if json.Unmarshal(body, &o) != nil {
		return ""
	}
	for _, key := range []string{"error", "message", "detail", "msg"} {
		if m := jsonMessage(o[key], depth+1); m != "" {
			return m
		}
	}
	return ""
}

// maxMessage is the length at which a server's words are cut, in characters.
const maxMessage = 300

// OneLine makes foreign text fit for a message: one line, no control
// characters, not endless.
func OneLine(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(s); len(r) > maxMessage {
		s = string(r[:maxMessage]) + "…"
	}
	return s
}
