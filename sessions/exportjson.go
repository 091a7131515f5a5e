package sessions

import (
	"encoding/json"
	"time"
)

// jsonVersion counts the changes of the JSON that can't be read by who knows an earlier
// one. docs/schemas/conversation.schema.json has the format.
const jsonVersion = 1

// jsonFormat is what tells a conversation from other JSON.
const jsonFormat = "vlmchat-conversation"

// jsonConversation is a conversation with all its branches. Messages are numbered from 1
// in their order, each behind its parent.
type jsonConversation struct {
	Format   string                 `json:"format"` // jsonFormat
	Version  int                    `json:"version"`
	ID       string                 `json:"id"`
	Title    string                 `json:"title"`
	TitleBy  TitleBy                `json:"title_by,omitempty"`
	Tags     []string               `json:"tags,omitempty"`
	System   string                 `json:"system,omitempty"`
	Created  time.Time              `json:"created"`
	Updated  time.Time              `json:"updated"`
	Leaf     int                    `json:"leaf"`
	Messages []jsonMessage          `json:"messages"`
	Pictures map[string]jsonPicture `json:"pictures"` // by their SHA-256
}

type jsonMessage struct {
	ID       int             `json:"id"`
	Parent   int             `json:"parent,omitempty"`
	Role     Role            `json:"role"`
	State    State           `json:"state"`
	Created  time.Time       `json:"created"`
	Parts    []jsonPart      `json:"parts"`
	Needs    []string        `json:"needs,omitempty"` // SHA-256s
	Thinking string          `json:"thinking,omitempty"`
	Engine   string          `json:"engine,omitempty"`
	Model    string          `json:"model,omitempty"`
	By       json.RawMessage `json:"by,omitempty"`
	Sampling json.RawMessage `json:"sampling,omitempty"`
	Usage    json.RawMessage `json:"usage,omitempty"`
	From     json.RawMessage `json:"provenance,omitempty"`
	Cost     float64         `json:"cost,omitempty"`
	Finish   string          `json:"finish,omitempty"`
	Error    string          `json:"error,omitempty"`
	Hint     string          `json:"hint,omitempty"`
}

// jsonPart is a text, or the place of a picture.
type jsonPart struct {
	Text    *string         `json:"text,omitempty"`
	Picture string          `json:"picture,omitempty"` // its SHA-256
	Source  string          `json:"source,omitempty"`
	Width   int             `json:"width,omitempty"`
	Height  int             `json:"height,omitempty"`
	Facts   json.RawMessage `json:"facts,omitempty"`
}

type jsonPicture struct {
	Format string `json:"format"`
	Bytes  []byte `json:"bytes"` // base64; null of a picture that is lost
}

func (c *Conversation) json() (data []byte, lost []string, err error) {
	out := jsonConversation{Format: jsonFormat, Version: jsonVersion, ID: c.ID, Title: c.Title, TitleBy: c.TitleBy, Tags: c.Tags, System: c.System,
		Created: c.Created.UTC(), Updated: c.Updated.UTC(), Messages: []jsonMessage{}, Pictures: map[string]jsonPicture{}}
	bring := func(p *Picture) {
		if had, done := out.Pictures[p.SHA256]; done && (had.Format != "" || p.Format == "") {
			return
		}
		picture := jsonPicture{Format: p.Format}
		var err error
		if picture.Bytes, err = p.data(); err != nil {
			lost = append(lost, p.Source)
		}
		out.Pictures[p.SHA256] = picture
	}
	number := map[int64]int{}
	for i, m := range c.All {
		number[m.ID] = i + 1
		one := jsonMessage{ID: i + 1, Parent: number[m.Parent], Role: m.Role, State: m.State, Created: m.Created.UTC(), Parts: []jsonPart{},
			Thinking: m.Thinking, Engine: m.Engine, Model: m.Model, By: m.By, Sampling: m.Sampling, Usage: m.Usage, From: m.Provenance,
			Cost: m.Cost, Finish: m.Finish, Error: m.Error, Hint: m.Hint}
		for _, p := range m.Parts {
			if p.Picture == nil {
				one.Parts = append(one.Parts, jsonPart{Text: &p.Text})
				continue
			}
			one.Parts = append(one.Parts, jsonPart{Picture: p.Picture.SHA256, Source: p.Picture.Source,
				Width: p.Picture.Width, Height: p.Picture.Height, Facts: p.Picture.Facts})
			bring(p.Picture)
		}
		for _, p := range m.Needs {
			one.Needs = append(one.Needs, p.SHA256)
			bring(p)
		}
		out.Messages = append(out.Messages, one)
	}
	out.Leaf = number[c.Leaf]
	data, err = indented(out)
	return data, lost, err
}
