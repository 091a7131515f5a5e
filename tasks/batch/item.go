// Package batch asks one question after the other, thousands of them, and keeps what
// came of each: items go in, records come out. What it has written it finds again, so a
// run that was interrupted, by whatever, goes on where it was.
package batch

import (
	"context"
	"encoding/json"

	"github.com/vlmchat/vlmchat/engine"
)

// Item is one that is asked about: a picture that was found, or a job, a line of JSON.
type Item struct {
	N      int // its place in the input, from 0
	ID     string
	Place  string   // where it was named, for people: "jobs.jsonl, line 3"
	Images []string // its pictures, as they are read
	Job    *Job     // what the line says of how it is asked; nil without one
	Own    json.RawMessage
	failed bool // it is of an earlier output, and was not answered
}

// Question is how an item is asked. It is made before anything is read or asked, so
// that what can't be asked is refused first.
type Question struct {
	Prompt string // what is asked, "" for a conversation
	Asked  Asked
	Shown  int // pictures of examples, which stand before the item's
	// Read makes the request: it reads the pictures.
	Read func(ctx context.Context) (engine.Request, error)
	// Check refuses an answer that is not what was asked for; nil takes every one.
	Check func(answer string, finish engine.Finish) error
	// Structured says that the item has a schema of its own, so that one that can't be had
	// is the item's fault alone.
	Structured bool
	// JSON says that the answer is held to a schema, so that its record has the value.
	JSON bool
	// Judge asks in another way than by a chat, such as for how likely given texts are; nil
	// chats.
	Judge func(ctx context.Context, req engine.Request) (Judged, error)
}

// Judged is what came of an item that was not asked by a chat.
type Judged struct {
	Answer string
	Value  json.RawMessage // the record's JSON
}
