package native

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// The worker's protocol: HTTP over a Unix socket that only the user can reach,
// answers as newline-delimited JSON.
//
//	GET  /attach?keep_alive=5m   load progress, then the model's Info; the
//	                             connection stays open and keeps the worker alive
//	PUT  /pictures/SHA256        pixels of a picture, width and height in the query
//	POST /chat                   a chatRequest; events of the answer.
//	                             409 and a missingPictures if pictures have to be
//	                             sent first
//
// protocolVersion is part of a worker's identity, so that two versions of
// vlmchat never talk to each other's workers.
const protocolVersion = 1

// line is one line of an answer: an event, or the error or the Info that ends
// the stream.
type line struct {
	Event *engine.Event `json:"event,omitempty"`
	Info  *engine.Info  `json:"info,omitempty"`
	Error *engine.Error `json:"error,omitempty"`
}

// chatRequest is an engine.Request whose pictures are named by their hash.
type chatRequest struct {
	Messages []wireMessage   `json:"messages"`
	Sampling engine.Sampling `json:"sampling"`
}

type wireMessage struct {
	Role  engine.Role `json:"role"`
	Parts []wirePart  `json:"parts"`
}

// wirePart is a picture if Picture is set, text otherwise.
type wirePart struct {
	Text    string `json:"text,omitempty"`
	Picture string `json:"picture,omitempty"` // SHA-256 in hex
}

type missingPictures struct {
	Missing []string `json:"missing"`
}

func toWire(req engine.Request) chatRequest {
	w := chatRequest{Sampling: req.Sampling}
	for _, m := range req.Messages {
		wm := wireMessage{Role: m.Role}
		for _, p := range m.Parts {
			if p.Picture != nil {
				wm.Parts = append(wm.Parts, wirePart{Picture: p.Picture.SHA256})
			} else {
				wm.Parts = append(wm.Parts, wirePart{Text: p.Text})
			}
		}
		w.Messages = append(w.Messages, wm)
	}
	return w
}

// lineWriter sends lines as they come.
type lineWriter struct {
	w       http.ResponseWriter
	encoder *json.Encoder
	control *http.ResponseController
}

func newLineWriter(w http.ResponseWriter) *lineWriter {
	w.Header().Set("Content-Type", "application/x-ndjson")
	return &lineWriter{w: w, encoder: json.NewEncoder(w), control: http.NewResponseController(w)}
}

// write sends one line. The error is that of a client that went away, which
// the request's context reports as well.
func (l *lineWriter) write(v line) {
	if l.encoder.Encode(v) == nil {
		_ = l.control.Flush()
	}
}

// asError turns any error into one that can cross the socket.
func asError(err error) *engine.Error {
	if e, ok := err.(*engine.Error); ok {
		return e
	}
	return &engine.Error{Kind: engine.KindOf(err), Message: err.Error()}
}

// parseKeepAlive reads the query's keep_alive.
func parseKeepAlive(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("keep_alive %q is no duration", s)
	}
	return d, nil
}
