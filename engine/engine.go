// Package engine is the vocabulary in which the rest of vlmchat talks to a
// vision-language model: messages made of text and pictures go in, a stream of
// events comes out. It knows nothing of any particular engine: the packages
// below it (native, ollama, openai, and pool of several servers) implement Engine.
// Dual encoders, which answer no questions, are Encoders.
package engine

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/vlmchat/vlmchat/images"
)

// Engine is one model, ready to be asked. Several goroutines may ask it at once;
// Close releases what it holds and may be called in the middle of a Chat.
type Engine interface {
	// Info says what the engine is. It loads the model if that is the only
	// way to know, so it can take as long as loading takes.
	Info(ctx context.Context) (Info, error)

	// Chat asks for the next message of the conversation. The sequence ends
	// after a Done event or after the first error. An answer that was cut
	// short by anything but its own end or the token limit ends in an error,
	// never in Done. Breaking out of the loop or cancelling ctx stops the
	// generation at once.
	Chat(ctx context.Context, req Request) iter.Seq2[Event, error]

	// Close stops what is going on and lets go of the model.
	Close() error
}

// Loader is an Engine that can load its model ahead of the first question and
// report how far it is (Load events). A model already loaded yields nothing.
type Loader interface {
	Load(ctx context.Context) iter.Seq2[Event, error]
}

// Info describes an engine and the model behind it. What is not known is zero.
type Info struct {
	Engine       string       `json:"engine"`           // "native", "ollama", "openai"
	Model        string       `json:"model"`            // the name a person would recognise
	Host         string       `json:"host,omitempty"`   // of a server, without credentials
	ContextSize  int          `json:"context_size"`     // in tokens
	Device       string       `json:"device,omitempty"` // where it computes: "CPU", or GPUs and what of the model they have
	Note         string       `json:"note,omitempty"`   // what a person should know of that, a sentence
	Runtime      string       `json:"runtime,omitempty"`
	Threads      int          `json:"threads,omitempty"`
	Capabilities Capabilities `json:"capabilities"`
}

// Capabilities lists what the model behind an engine can do.
type Capabilities struct {
	Vision    bool `json:"vision"`
	Thinking  bool `json:"thinking,omitempty"`  // it can think aloud before it answers
	Scoring   bool `json:"scoring,omitempty"`   // the engine is a Scorer
	Embedding bool `json:"embedding,omitempty"` // the engine is an Embedder, of this model
	Counting  bool `json:"counting,omitempty"`  // the engine is a Counter
}

// Role says who speaks in a Message.
type Role string

// The roles of a conversation.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one turn of a conversation: text and pictures in any order.
type Message struct {
	Role  Role
	Parts []Part
}

// Part is a piece of a message: a picture if Picture is set, a picture that a
// server is to fetch for itself if URL is set, text otherwise.
type Part struct {
	Text    string
	Picture *images.Picture
	// URL is passed on to a server as it is. Most engines refuse it: whoever
	// asks for it has to want that.
	URL string
}

// Text makes a message of text alone.
func Text(role Role, text string) Message {
	return Message{Role: role, Parts: []Part{{Text: text}}}
}

// Ask makes a user's message: the pictures first, then the question. An empty
// question leaves the pictures alone.
func Ask(question string, pictures ...*images.Picture) Message {
	m := Message{Role: User, Parts: PictureParts(pictures...)}
	if question != "" || len(pictures) == 0 {
		m.Parts = append(m.Parts, Part{Text: question})
	}
	return m
}

// PictureParts returns the pictures as parts of a message. Before one that is a
// region of another stands its place, as text: the pixels don't tell it.
func PictureParts(pictures ...*images.Picture) []Part {
	var parts []Part
	for _, p := range pictures {
		if p.Place != "" {
			parts = append(parts, Part{Text: p.Place + ":"})
		}
		parts = append(parts, Part{Picture: p})
	}
	return parts
}

// Pictures returns the pictures of the messages, in order of appearance.
func Pictures(messages []Message) []*images.Picture {
	var all []*images.Picture
	for _, m := range messages {
		for _, p := range m.Parts {
			if p.Picture != nil {
				all = append(all, p.Picture)
			}
		}
	}
	return all
}

// Request asks for the next message of a conversation.
type Request struct {
	Messages []Message
	Sampling Sampling

	// Thinking turns on or off that a model thinks before it answers, where it
	// has a choice; nil leaves it to the model.
	Thinking *bool
	// Schema is a JSON Schema to which the answer has to conform, and Grammar a
	// grammar in GBNF; at most one of them is set.
	Schema  json.RawMessage
	Grammar string
	// Logprobs asks for the log-probability of each token of the answer, and
	// TopLogprobs for those of so many of the likeliest in its place.
	Logprobs    bool
	TopLogprobs int
	// Background says that nobody waits for each word: requests that somebody
	// waits for go first.
	Background bool
	// Session names the conversation to which the request belongs. An engine that keeps
	// what it has computed beyond the answer, to go on faster later, keeps it by this
	// name; without one, for a while.
	Session string
	// Private says that nothing of the request may be written to a disk.
	Private bool
	// Restart lets an engine begin an answer anew that was cut in the middle: a
	// Restart event takes back what has come of it. Without it what a caller has
	// seen stands, and the answer ends in AnswerCut.
	Restart bool
}
