package sessions

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// IsJSON tells the JSON of a conversation, of any version, from other documents.
func IsJSON(document []byte) bool {
	d := json.NewDecoder(bytes.NewReader(document))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		member, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return false
		}
		if member == "format" { // which export writes first, but other programs sort
			return string(value) == `"`+jsonFormat+`"`
		}
	}
	return false
}

// ReadJSON reads a conversation that was exported as JSON. Nothing in it is believed: a
// document that no export can have written is an error, which says where it is wrong.
//
// Pictures are named by the SHA-256 of their bytes, but for those that were pixels alone:
// they are named by that of their pixels, which is not looked into here. Whether the bytes
// of such a picture, a PNG, are what its name says, pixels tells; without it none is taken.
func ReadJSON(document []byte, pixels func(name string, png []byte) error) (*Conversation, error) {
	const doing = "importing a conversation"
	var in jsonConversation
	if err := json.Unmarshal(document, &in); err != nil {
		// A newer one may have other types.
		var newer struct{ Version int }
		if json.Unmarshal(document, &newer) != nil || newer.Version <= jsonVersion {
			return nil, &Error{Doing: doing, Detail: "it is no JSON of a conversation: " + err.Error(), Err: err}
		}
		in.Format, in.Version = jsonFormat, newer.Version
	}
	switch {
	case in.Format != jsonFormat:
		return nil, &Error{Doing: doing, Detail: fmt.Sprintf("it is no JSON of a conversation: its format is %.40q, not %q", in.Format, jsonFormat)}
	case in.Version > jsonVersion:
		return nil, &Error{Doing: doing, Detail: fmt.Sprintf("its JSON has version %d, and this vlmchat knows up to %d: update vlmchat", in.Version, jsonVersion)}
	case in.Version < 1:
		return nil, &Error{Doing: doing, Detail: fmt.Sprintf("there is no version %d of the JSON of conversations", in.Version)}
	}
	r := jsonReader{in: &in, pixels: pixels, pictures: map[string][]byte{}}
	c, err := r.conversation()
	if err != nil {
		return nil, &Error{Doing: doing, Detail: err.Error(), Err: err}
	}
	return c, nil
}

// jsonReader makes a conversation of its JSON.
type jsonReader struct {
	in       *jsonConversation
	pixels   func(string, []byte) error
	pictures map[string][]byte // that were looked at; nil of one that is lost
}

func (r *jsonReader) conversation() (*Conversation, error) {
	in := r.in
	c := &Conversation{Session: Session{ID: in.ID, Title: in.Title, TitleBy: in.TitleBy, System: in.System,
		Created: in.Created.Truncate(time.Millisecond), Updated: in.Updated.Truncate(time.Millisecond)}, Leaf: int64(in.Leaf)}
	switch {
	case c.ID == "":
		return nil, errors.New(`it has no "id"`)
	case !isID(c.ID):
		return nil, fmt.Errorf("%.40q is no ID of a conversation", c.ID)
	case !slices.Contains(titleMakers, c.TitleBy):
		return nil, fmt.Errorf("nobody is called %.20q who makes titles", c.TitleBy)
	case len(in.Messages) == 0:
		return nil, errors.New("it has no messages")
	}
	if err := sane(in.Created, in.Updated); err != nil {
		return nil, err
	}
	for _, written := range in.Tags {
		tag, err := ParseTag(written)
		if err != nil {
			return nil, fmt.Errorf("%.50q is no tag", written)
		}
		c.Tags = append(c.Tags, tag)
	}
	slices.Sort(c.Tags)
	c.Tags = slices.Compact(c.Tags)
	if err := r.look(); err != nil {
		return nil, err
	}
	known := map[int]bool{0: true}
	for _, m := range in.Messages {
		switch {
		case m.ID < 1 || known[m.ID]:
			return nil, fmt.Errorf("there are two messages %d, or it is no number of one", m.ID)
		case !known[m.Parent]:
			return nil, fmt.Errorf("message %d stands before message %d, which it follows", m.ID, m.Parent)
		}
		known[m.ID] = true
		one, err := r.message(&m)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", m.ID, err)
		}
		c.All = append(c.All, one)
	}
	if !known[in.Leaf] {
		return nil, fmt.Errorf("there is no message %d, which was seen last", in.Leaf)
	}
	c.count()
	return c, nil
}

// message makes a message of its JSON.
func (r *jsonReader) message(m *jsonMessage) (Message, error) {
	out := Message{ID: int64(m.ID), Parent: int64(m.Parent), Role: m.Role, State: m.State, Created: m.Created.Truncate(time.Millisecond),
		Thinking: m.Thinking, Engine: m.Engine, Model: m.Model, Cost: m.Cost, Finish: m.Finish, Error: m.Error, Hint: m.Hint}
	switch {
	case m.Role != User && m.Role != Assistant:
		return out, fmt.Errorf("the role %.20q is neither user nor assistant", m.Role)
	case !slices.Contains([]State{Asked, Partial, Whole, Stopped, Failed}, m.State):
		return out, fmt.Errorf("there is no state %.20q", m.State)
	case m.Role == User && m.State != Whole:
		return out, fmt.Errorf("a question is always whole, never %s", m.State)
	case m.Cost < 0 || math.IsInf(m.Cost, 0):
		return out, errors.New("its cost is none")
	}
	if err := sane(m.Created); err != nil {
		return out, err
	}
	for name, from := range map[string]struct {
		from json.RawMessage
		to   *json.RawMessage
	}{"by": {m.By, &out.By}, "sampling": {m.Sampling, &out.Sampling}, "usage": {m.Usage, &out.Usage}, "provenance": {m.From, &out.Provenance}} {
		var err error
		if *from.to, err = object(from.from); err != nil {
			return out, fmt.Errorf("%q %w", name, err)
		}
	}
	for i, p := range m.Parts {
		part, err := r.part(&p)
		if err != nil {
			return out, fmt.Errorf("part %d: %w", i+1, err)
		}
		out.Parts = append(out.Parts, part)
	}
	for _, name := range m.Needs {
		data, known := r.pictures[name]
		if !known {
			return out, fmt.Errorf(`the picture %.64q that it needs is not among the "pictures"`, name)
		}
		out.Needs = append(out.Needs, withBytes(&Picture{SHA256: name}, data))
	}
	return out, nil
}

// withBytes is a picture with its bytes, unless it is lost.
func withBytes(p *Picture, data []byte) *Picture {
	if data != nil {
		p.Bytes = func() ([]byte, error) { return data, nil }
	}
	return p
}

// mostSide is how long a side of a picture may be, in pixels: no format has more.
const mostSide = 1 << 24

func (r *jsonReader) part(p *jsonPart) (Part, error) {
	if p.Picture == "" {
		if p.Text == nil {
			return Part{}, errors.New("it is neither a text nor a picture")
		}
		return Part{Text: *p.Text}, nil
	}
	data, known := r.pictures[p.Picture]
	switch {
	case p.Text != nil:
		return Part{}, errors.New("it is a text and a picture")
	case !known:
		return Part{}, fmt.Errorf(`the picture %.64q is not among the "pictures"`, p.Picture)
	case p.Width < 1 || p.Height < 1 || p.Width > mostSide || p.Height > mostSide:
		return Part{}, fmt.Errorf("a picture has no %d×%d pixels", p.Width, p.Height)
	}
	facts, err := object(p.Facts)
	if err != nil {
		return Part{}, fmt.Errorf(`"facts" %w`, err)
	}
	picture := &Picture{SHA256: p.Picture, Source: p.Source, Format: r.in.Pictures[p.Picture].Format, Width: p.Width, Height: p.Height, Facts: facts}
	return Part{Picture: withBytes(picture, data)}, nil
}

// look makes sure that pictures are what their names say.
func (r *jsonReader) look() error {
	for name, p := range r.in.Pictures {
		sum := sha256.Sum256(p.Bytes)
		switch {
		case !isDigest(name):
			return fmt.Errorf("%.64q is no SHA-256 of a picture", name)
		case !isFormat(p.Format):
			return fmt.Errorf("%.20q is no format of a picture", p.Format)
		case len(p.Bytes) == 0: // lost
			r.pictures[name] = nil
			continue
		case hex.EncodeToString(sum[:]) == name:
		case r.pixels == nil || !bytes.HasPrefix(p.Bytes, []byte("\x89PNG\r\n\x1a\n")):
			return fmt.Errorf("the picture %s is damaged: its bytes have another SHA-256", name)
		default:
			if err := r.pixels(name, p.Bytes); err != nil {
				return fmt.Errorf("the picture %s is damaged: %w", name, err)
			}
		}
		r.pictures[name] = p.Bytes
	}
	return nil
}

// object is JSON as it is kept: an object, without blanks; nothing if there is none.
func object(j json.RawMessage) (json.RawMessage, error) {
	if len(j) == 0 || string(j) == "null" {
		return nil, nil
	}
	if j[0] != '{' {
		return nil, errors.New("is no object")
	}
	var b bytes.Buffer
	err := json.Compact(&b, j)
	return b.Bytes(), err
}

// sane makes sure that times are such that are kept.
func sane(times ...time.Time) error {
	for _, t := range times {
		if t.Year() < 1970 || t.Year() > 9999 {
			return fmt.Errorf("the time %s is none of a conversation", t.Format(time.RFC3339))
		}
	}
	return nil
}

// isID tells what may name a session: it is part of files' names, and typed.
func isID(id string) bool {
	const most = 64
	return id != "" && len(id) <= most && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// isDigest tells a SHA-256 in hex.
func isDigest(sha256 string) bool {
	return len(sha256) == 64 && strings.Trim(sha256, "0123456789abcdef") == ""
}

// isFormat tells the names of pictures' formats, which become endings of files.
func isFormat(format string) bool {
	const most = 16
	return len(format) <= most && strings.Trim(format, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// count fills in what lists tell of a conversation by its messages.
func (c *Conversation) count() {
	c.Messages, c.Pictures, c.Models = len(c.All), 0, []string{}
	for _, m := range c.All {
		c.Pictures += len(m.Pictures())
		if model := strings.ReplaceAll(m.Model, "\n", " "); model != "" && !slices.Contains(c.Models, model) {
			c.Models = append(c.Models, model)
		}
	}
}
