package cli

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// message is one of the messages of OpenAI's chat completions: the content is
// a text, or a list of parts.
type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

type messagePart struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	ImageURL struct {
		URL string `json:"url"`
	} `json:"image_url"`
}

const maxMessagesBytes = 512 << 20 // pictures as data URLs included

// readMessages reads a conversation: a list of messages, or an object that has
// one under "messages". Pictures are data URLs, or paths relative to the file's
// folder; - is standard input.
func (a *app) readMessages(ctx context.Context, file string) ([]engine.Message, error) {
	name, dir := file, filepath.Dir(file)
	in := a.stdin
	if file == "-" {
		name, dir = "standard input", "."
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
	data, err := io.ReadAll(io.LimitReader(in, maxMessagesBytes+1))
	if err != nil {
		return nil, usagef("the conversation %s can't be read: %w", name, err)
	}
	if len(data) > maxMessagesBytes {
		return nil, usagef("the conversation %s is larger than %d MiB", name, maxMessagesBytes>>20)
	}
	list, err := parseMessages(data)
	if err != nil {
		return nil, usagef("the conversation %s: %w", name, err)
	}
	var messages []engine.Message
	for i, m := range list {
		converted, err := convertMessage(ctx, m, dir)
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

func parseMessages(data []byte) ([]message, error) {
	var list []message
	if strings.HasPrefix(strings.TrimSpace(string(data[:min(len(data), 64)])), "{") {
		var object struct {
			Messages []message `json:"messages"`
		}
		err := json.Unmarshal(data, &object)
		return object.Messages, err
	}
	err := json.Unmarshal(data, &list)
	return list, err
}

func convertMessage(ctx context.Context, m message, dir string) (engine.Message, error) {
	out := engine.Message{Role: engine.Role(m.Role)}
	switch out.Role {
	case engine.System, engine.User, engine.Assistant:
	case "developer":
		out.Role = engine.System
	default:
		return out, fmt.Errorf("the role %q is not system, user or assistant", m.Role)
	}
	var text string
	if json.Unmarshal(m.Content, &text) == nil {
		out.Parts = []engine.Part{{Text: text}}
		return out, nil
	}
	var parts []messagePart
	if err := json.Unmarshal(m.Content, &parts); err != nil {
		return out, errors.New("its content is neither a text nor a list of parts")
	}
	for _, p := range parts {
		switch p.Type {
		case "text":
			out.Parts = append(out.Parts, engine.Part{Text: p.Text})
		case "image_url":
			picture, err := pictureFromURL(ctx, p.ImageURL.URL, dir)
			if err != nil {
				return out, err
			}
			out.Parts = append(out.Parts, engine.Part{Picture: picture})
		default:
			return out, fmt.Errorf("a part of type %q is neither text nor image_url", p.Type)
		}
	}
	return out, nil
}

// pictureFromURL reads a picture of a message: a data URL or a path.
func pictureFromURL(ctx context.Context, source, dir string) (*images.Picture, error) {
	rest, isData := strings.CutPrefix(source, "data:")
	if !isData {
		if !filepath.IsAbs(source) && !strings.Contains(source, "://") && !strings.HasPrefix(source, "~") {
			source = filepath.Join(dir, source)
		}
		return images.Load(ctx, source, images.Limits{})
	}
	const name = "a picture in the conversation (data URL)"
	media, payload, found := strings.Cut(rest, ",")
	var data []byte
	var err error
	if strings.HasSuffix(media, ";base64") {
		data, err = base64.StdEncoding.DecodeString(payload)
	} else {
		var text string
		text, err = url.PathUnescape(payload)
		data = []byte(text)
	}
	if err != nil || !found {
		return nil, &images.Error{Source: name, Reason: images.Damaged, Detail: "its data URL is damaged"}
	}
	return images.Decode(name, data, images.Limits{})
}
