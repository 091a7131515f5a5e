package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions/imports"
)

// message is one of the messages of OpenAI's chat completions: the content is
// a text, or a list of parts. Images is where Ollama has a message's pictures;
// it is read to be refused, for a picture that is passed over makes the model
// invent one.
type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
	Images  json.RawMessage `json:"images"`
}

type messagePart struct {
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	ImageURL json.RawMessage `json:"image_url"` // {"url": …}; some write the URL alone
}

// url is the picture of a part, "" if it has none.
func (p messagePart) url() string {
	var s string
	if json.Unmarshal(p.ImageURL, &s) == nil {
		return s
	}
	var o struct {
		URL string `json:"url"`
	}
	_ = json.Unmarshal(p.ImageURL, &o)
	return o.URL
}

const maxMessagesBytes = 512 << 20 // pictures as data URLs included

// readMessages reads a conversation: a list of messages, or an object that has
// one under "messages". Pictures are data URLs, paths relative to the file's
// folder, or web addresses; - is standard input.
func (a *app) readMessages(ctx context.Context, file string) ([]engine.Message, error) {
	name, dir := file, filepath.Dir(file)
	in := a.stdin
	if file == "-" {
		name, dir = "on standard input", "."
	} else {
		f, err := os.Open(file)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, usagef("the conversation %s does not exist", file)
			}
			return nil, usagef("the conversation can't be read: %w", err)
		}
		defer f.Close()
		in = f
	}
	data, err := readUntil(ctx, in, maxMessagesBytes+1)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, usagef("the conversation %s can't be read: %w", name, err)
	}
	if len(data) > maxMessagesBytes {
		return nil, usagef("the conversation %s is larger than %d MiB", name, maxMessagesBytes>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark
	list, err := parseMessages(data)
	if err != nil {
		return nil, usagef("the conversation %s%w", name, err)
	}
	var messages []engine.Message
	for i, m := range list {
		converted, err := a.convertMessage(ctx, m, i+1, dir)
		if err != nil {
			if picture := (*images.Error)(nil); errors.As(err, &picture) {
				return nil, err
			}
			return nil, usagef("the conversation %s, message %d: %w", name, i+1, err)
		}
		messages = append(messages, converted)
	}
	if len(messages) == 0 {
		return nil, usagef("the conversation %s has no messages", name)
	}
	return messages, nil
}

// parseMessages reads the JSON. Its errors go on from the conversation's name.
func parseMessages(data []byte) ([]message, error) {
	var object struct {
		Messages []message `json:"messages"`
	}
	into := any(&object.Messages)
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		into = &object
	}
	err := json.Unmarshal(data, into)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New(" is empty")
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%s: %w", position(data, syntax.Offset), err)
	case errors.As(err, &kind):
		return nil, fmt.Errorf("%s: there should be no %s here", position(data, kind.Offset), kind.Value)
	}
	return object.Messages, err
}

// position says where the first offset bytes of a text end.
func position(data []byte, offset int64) string {
	before := data[:min(offset, int64(len(data)))]
	line := bytes.LastIndexByte(before, '\n') + 1
	return fmt.Sprintf(", line %d, column %d", 1+bytes.Count(before, []byte("\n")), max(1, utf8.RuneCount(before[line:])))
}

// convertMessage converts the message of that number.
func (a *app) convertMessage(ctx context.Context, m message, number int, dir string) (engine.Message, error) {
	out := engine.Message{Role: engine.Role(m.Role)}
	switch out.Role {
	case engine.System, engine.User, engine.Assistant:
	case "developer":
		out.Role = engine.System
	default:
		return out, fmt.Errorf("the role %q is not system, user or assistant", m.Role)
	}
	if given(m.Images) {
		return out, errors.New(`its pictures are under "images", as Ollama has them; put them into the content, as parts of type image_url`)
	}
	var text string
	if json.Unmarshal(m.Content, &text) == nil {
		out.Parts = []engine.Part{{Text: text}}
		return out, nil
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(m.Content, &parts); err != nil {
		return out, errors.New("its content is neither a text nor a list of parts")
	}
	for i, raw := range parts {
		var p messagePart
		if json.Unmarshal(raw, &p) != nil {
			return out, fmt.Errorf("part %d of its content is not one of type text or image_url", i+1)
		}
		switch {
		case p.Type == "text" && given(p.ImageURL):
			return out, errors.New("a part of type text has an image_url; a picture is a part of its own")
		case p.Type == "text":
			out.Parts = append(out.Parts, engine.Part{Text: p.Text})
		case p.Type == "image_url" && p.url() == "":
			return out, errors.New("a part of type image_url has no url")
		case p.Type == "image_url":
			pictures, err := a.partsFromURL(ctx, p.url(), number, dir)
			if err != nil {
				return out, err
			}
			out.Parts = append(out.Parts, pictures...)
		default:
			return out, fmt.Errorf("a part of type %q is neither text nor image_url", p.Type)
		}
	}
	return out, nil
}

// given tells whether a member of an object is there and holds something.
func given(member json.RawMessage) bool {
	s := string(member)
	return s != "" && s != "null" && s != "[]"
}

// longestURL is as much of a path or a web address as is taken for one.
const longestURL = 4096

// partsFromURL are the pictures of a part of the message of that number: of a data URL,
// of a web address, or of a path, which may be several of a pattern or of a document.
func (a *app) partsFromURL(ctx context.Context, source string, number int, dir string) ([]engine.Part, error) {
	const scheme = "data:"
	switch {
	case len(source) >= len(scheme) && strings.EqualFold(source[:len(scheme)], scheme):
		name := fmt.Sprintf("a picture in message %d (data URL)", number)
		data, err := imports.DataURL(source[len(scheme):])
		if err != nil {
			return nil, &images.Error{Source: name, Reason: images.Damaged, Detail: "its data URL is damaged", Err: err}
		}
		p, err := a.loader.Decode(ctx, name, data)
		return []engine.Part{{Picture: p}}, err
	case len(source) > longestURL: // not to be repeated in an error
		return nil, &images.Error{Source: fmt.Sprintf("a picture in message %d", number), Reason: images.Missing, Detail: "its url is neither a path nor a data URL"}
	case !filepath.IsAbs(source) && !strings.Contains(source, "://") && !strings.HasPrefix(source, "~"):
		source = filepath.Join(dir, source)
	}
	return a.pictures(ctx, []string{source})
}
