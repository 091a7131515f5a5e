package sessions

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
)

// Role says who speaks in a message.
type Role string

// The roles of a conversation. Its system message belongs to the session.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// State is what became of a message. A question is always whole.
type State string

// The states of answers.
const (
	Asked   State = "asked"   // nothing has come yet, or it was never asked
	Partial State = "partial" // being written; so it stays when the process is killed
	Whole   State = "whole"
	Stopped State = "stopped" // by the person
	Failed  State = "failed"
)

// Session is what lists tell of a conversation.
type Session struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	TitleBy  TitleBy   `json:"title_by,omitempty"`
	Tags     []string  `json:"tags,omitempty"` // in their order, without duplicates
	System   string    `json:"system,omitempty"`
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
	Messages int       `json:"messages"`
	Pictures int       `json:"pictures"`
	Models   []string  `json:"models"` // that answered, in the order in which they did first
}

// TitleBy says who has made a title. A person's is replaced by a person's alone.
type TitleBy string

// Who makes titles.
const (
	ByWords  TitleBy = "" // the first words of the first question
	ByModel  TitleBy = "model"
	ByPerson TitleBy = "person"
)

// titleMakers are those who make titles, as the database numbers them. Its first version
// knew a title of a person's, 1, from any other.
var titleMakers = []TitleBy{ByWords, ByPerson, ByModel}

// Message is what was said at once: a node of the conversation's tree. Messages with
// the same parent are branches: an edited question, an answer that was made again.
type Message struct {
	ID       int64 // given by the store; 0 before
	Parent   int64 // the message that it follows; 0 of a first one
	Role     Role
	State    State
	Parts    []Part
	Needs    []*Picture // besides those of its parts: By says what for. Their SHA-256 and Bytes alone are kept
	Thinking string     // what the model thought before it answered
	Created  time.Time

	// Of an answer: who gave it, and how. The texts are JSON, in the words of
	// whoever keeps them. A question may have By as well: what it wanted for itself.
	Engine, Model       string
	By, Sampling, Usage json.RawMessage
	Provenance          json.RawMessage
	Cost                float64 // in US dollars
	Finish              string  // why it ended: "stop", "length"
	Error               string  // why it failed
	Hint                string  // what to do about that
}

// Part is a piece of a message: a picture, or else a text.
type Part struct {
	Text    string
	Picture *Picture
}

// Picture is a picture as a message has it. Its bytes are kept once, whatever refers
// to them.
type Picture struct {
	SHA256        string // the picture's identity, in hex
	Source        string // as the person named it
	Format        string // of the bytes: "png", "jpeg" …
	Width, Height int    // in pixels, upright
	Facts         json.RawMessage
	// Bytes brings what is to be kept. It is asked once, when the message is
	// written; nil if the picture is known to be there.
	Bytes func() ([]byte, error)
}

// Text returns the message's words.
func (m *Message) Text() string {
	var all []string
	for _, p := range m.Parts {
		if p.Picture == nil && p.Text != "" {
			all = append(all, p.Text)
		}
	}
	return strings.Join(all, "\n")
}

// Pictures returns the message's pictures.
func (m *Message) Pictures() []*Picture {
	var all []*Picture
	for _, p := range m.Parts {
		if p.Picture != nil {
			all = append(all, p.Picture)
		}
	}
	return all
}

// Conversation is a session with all that was said in it.
type Conversation struct {
	Session
	Leaf int64     // the last message of the branch that was seen last; 0 of an empty one
	All  []Message // every message behind its parent
}

// Path returns the messages from the first one to the leaf.
func (c *Conversation) Path() []Message {
	at := map[int64]int{}
	for i, m := range c.All {
		at[m.ID] = i
	}
	var path []Message
	for id := c.Leaf; id != 0; {
		i, ok := at[id]
		if !ok {
			break
		}
		path = append(path, c.All[i])
		id = c.All[i].Parent
	}
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}

// mostOfTitle is how many characters a title has that is made of first words.
const mostOfTitle = 60

// TitleOf makes a title of a first message: its first words, without where the pictures
// are, or else the names of these.
func TitleOf(m *Message) string {
	text := m.Text()
	for _, p := range m.Pictures() {
		if p.Source != "" {
			text = strings.Replace(text, p.Source, "", 1)
		}
	}
	if strings.TrimSpace(text) == "" {
		var names []string
		for _, p := range m.Pictures() {
			names = append(names, shortName(p.Source))
		}
		text = strings.Join(names, ", ")
	}
	return firstWords(text, mostOfTitle)
}

// firstWords cuts a text to its first line and so many characters, between words.
func firstWords(text string, most int) string {
	text = strings.TrimSpace(text)
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		text = text[:i]
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	cut := string(letters[:most-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.-") + "…"
}

// shortName is a source without its folders.
func shortName(source string) string {
	if i := strings.LastIndexAny(source, `/\`); i >= 0 && i+1 < len(source) {
		return source[i+1:]
	}
	return source
}
