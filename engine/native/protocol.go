package native

import (
	"fmt"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// The worker's protocol: HTTP over a Unix socket that only the user can reach,
// answers as newline-delimited JSON.
//
//	GET  /attach?keep_alive=5m&client=NAME
//	                             load progress, then the model's Info; the
//	                             connection stays open and keeps the worker alive
//	PUT  /pictures/SHA256        pixels of a picture, width and height in the query
//	POST /chat                   a chatRequest; events of the answer
//	POST /score                  a scoreRequest; the scores
//	POST /embed                  an embedRequest; the vectors
//	POST /encode/pictures?count=N, POST /encode/texts
//	                             of a dual encoder: pixels, or token ids; the vectors
//	POST /count                  a chatRequest; what it takes of the context
//	POST /see                    a chatRequest of one picture; what the model gets of it
//	POST /prove                  what answers come from, once all of it is known
//
//	GET  /status                 a status, without loading or waiting for anything
//	POST /stop                   ends the worker; those attached are told why
//	POST /retire                 ends it if nobody uses it and nobody can any more
//	POST /forget                 a forgetRequest: drops what it has of conversations
//	                             and pictures, and keeps none of it on disk
//
// An answer in which nothing happens for a second has a beat, so that a worker
// that is stuck can be told from one that computes.
//
// protocolVersion is part of a worker's identity, so that two versions of
// vlmchat never talk to each other's workers.
const protocolVersion = 5

// line is one line of an answer: an event, a beat, or what ends the stream.
type line struct {
	Event      *engine.Event      `json:"event,omitempty"`
	Info       *engine.Info       `json:"info,omitempty"`
	Error      *engine.Error      `json:"error,omitempty"`
	Scores     []engine.Score     `json:"scores,omitempty"`
	Vectors    [][]float32        `json:"vectors,omitempty"`
	Count      *engine.Count      `json:"count,omitempty"`
	Sight      *engine.Sight      `json:"sight,omitempty"`
	Provenance *engine.Provenance `json:"provenance,omitempty"`
	Missing    []string           `json:"missing,omitempty"` // pictures to be sent before the same request again
	Beat       bool               `json:"beat,omitempty"`    // the worker lives
}

// chatRequest is an engine.Request whose pictures are named by their hash.
type chatRequest struct {
	Messages    []wireMessage   `json:"messages"`
	Sampling    engine.Sampling `json:"sampling"`
	Thinking    *bool           `json:"thinking,omitempty"`
	Grammar     string          `json:"grammar,omitempty"` // in GBNF
	Logprobs    bool            `json:"logprobs,omitempty"`
	TopLogprobs int             `json:"top_logprobs,omitempty"`
	Background  bool            `json:"background,omitempty"`
	Session     string          `json:"session,omitempty"`
	Private     bool            `json:"private,omitempty"`
	Client      string          `json:"client,omitempty"` // who asks, as in /attach
	// Said is what of the answer the person has already: it goes on from there.
	Said string `json:"said,omitempty"`
}

// scoreRequest is an engine.ScoreRequest.
type scoreRequest struct {
	Messages   []wireMessage `json:"messages"`
	Candidates []string      `json:"candidates"`
	End        bool          `json:"end,omitempty"`
	Private    bool          `json:"private,omitempty"`

	TopLogprobs int `json:"top_logprobs,omitempty"`
}

// forgetRequest says what was removed.
type forgetRequest struct {
	Sessions []string `json:"sessions,omitempty"`
	Pictures []string `json:"pictures,omitempty"` // by their SHA-256 in hex
	CacheDir string   `json:"cache_dir"`          // whose workers are meant: others have nothing to do with it
}

// embedRequest asks for a vector of each input.
type embedRequest struct {
	Inputs [][]wirePart `json:"inputs"`
}

type wireMessage struct {
	Role  engine.Role `json:"role"`
	Parts []wirePart  `json:"parts"`
}

// wirePart is a picture if Picture is set, text otherwise.
type wirePart struct {
	Text    string `json:"text,omitempty"`
	Picture string `json:"picture,omitempty"` // SHA-256 in hex
	Width   int    `json:"width,omitempty"`   // of the picture, in pixels
	Height  int    `json:"height,omitempty"`
}

func toWire(req engine.Request) chatRequest {
	return chatRequest{
		Messages: wireMessages(req.Messages), Sampling: req.Sampling, Thinking: req.Thinking, Grammar: req.Grammar,
		Logprobs: req.Logprobs, TopLogprobs: req.TopLogprobs, Background: req.Background,
		Session: req.Session, Private: req.Private,
	}
}

func wireMessages(messages []engine.Message) []wireMessage {
	var wire []wireMessage
	for _, m := range messages {
		wire = append(wire, wireMessage{Role: m.Role, Parts: wireParts(m.Parts)})
	}
	return wire
}

func wireParts(parts []engine.Part) []wirePart {
	var wire []wirePart
	for _, p := range parts {
		if p.Picture != nil {
			wire = append(wire, wirePart{Picture: p.Picture.SHA256, Width: p.Picture.Width, Height: p.Picture.Height})
		} else {
			wire = append(wire, wirePart{Text: p.Text})
		}
	}
	return wire
}

// asError turns any error into one that can cross the socket.
func asError(err error) *engine.Error {
	if e, ok := err.(*engine.Error); ok {
		return e
	}
	return &engine.Error{Kind: engine.KindOf(err), Message: err.Error()}
}

// parseKeepAlive reads the query's keep_alive. A negative one is for ever.
func parseKeepAlive(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("keep_alive %q is no duration", s)
	}
	return d, nil
}
