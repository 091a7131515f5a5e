package imports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// openAIMessage is one of the messages of OpenAI's chat completions: its content is a text,
// or a list of parts. Images is where Ollama's API has pictures.
type openAIMessage struct {
	Role      string          `json:"role"`
	Content   json.RawMessage `json:"content"`
	Reasoning string          `json:"reasoning_content"` // llama.cpp's, vLLM's
	Images    []string        `json:"images"`            // base64
}

// openAIPart is a part of a message, in the words of chat completions or of responses.
type openAIPart struct {
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	Refusal  string          `json:"refusal"`
	ImageURL json.RawMessage `json:"image_url"` // {"url": …}, or the URL alone
}

// openAI reads messages: a list of them, or objects that have one under "messages", as
// requests do and the lines of training data.
func (r *Reader) openAI(ctx context.Context, name string, data []byte, at time.Time, each Each) error {
	d := json.NewDecoder(bytes.NewReader(data))
	for number := 1; ; number++ {
		var whole json.RawMessage
		err := d.Decode(&whole)
		if errors.Is(err, io.EOF) && number > 1 {
			return nil
		}
		if err != nil {
			return &sessions.Error{Doing: "importing " + name, Err: err,
				Detail: "it is neither a conversation of vlmchat's, nor messages in OpenAI's format, nor a database of a program that is known (llm, oterm, Ollama): " + jsonProblem(err)}
		}
		c, err := r.openAIConversation(ctx, whole, at)
		if err != nil {
			err = &Broken{fmt.Sprintf("%s, conversation %d", name, number), err}
		}
		if err := each(c, err); err != nil {
			return err
		}
	}
}

// jsonProblem says what keeps a document from being JSON.
func jsonProblem(err error) string {
	if errors.Is(err, io.EOF) {
		return "it is empty"
	}
	return "it is no JSON (" + err.Error() + ")"
}

func (r *Reader) openAIConversation(ctx context.Context, whole json.RawMessage, at time.Time) (*sessions.Conversation, error) {
	var request struct {
		Model    string          `json:"model"`
		Messages []openAIMessage `json:"messages"`
	}
	into := any(&request)
	if bytes.HasPrefix(whole, []byte("[")) {
		into = &request.Messages
	}
	if err := json.Unmarshal(whole, into); err != nil {
		return nil, fmt.Errorf("these are no messages in OpenAI's format: %w", err)
	}
	if len(request.Messages) == 0 {
		return nil, errors.New(`there are no "messages"`)
	}
	sum := sha256.Sum256(whole)
	t := r.begin("openai", "", sessions.ByWords, hex.EncodeToString(sum[:]))
	for i, m := range request.Messages {
		parts, err := t.openAIParts(ctx, &m)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
		switch m.Role {
		case "system", "developer":
			t.instruct(wordsOf(parts))
		case "user":
			t.ask(at, "", parts)
		case "assistant":
			t.answer(sessions.Message{Created: at, Model: request.Model, Thinking: m.Reasoning}, wordsOf(parts))
		case "tool", "function": // what programs told the model is nobody's word
		default:
			return nil, fmt.Errorf("message %d: the role %.20q is not system, user or assistant", i+1, m.Role)
		}
	}
	return t.conversation()
}

// openAIParts are the pieces of a message, in their order.
func (t *turns) openAIParts(ctx context.Context, m *openAIMessage) ([]sessions.Part, error) {
	var all []sessions.Part
	var alone string
	var parts []openAIPart
	switch {
	case len(m.Content) == 0 || string(m.Content) == "null":
	case json.Unmarshal(m.Content, &alone) == nil:
		all = text(alone)
	case json.Unmarshal(m.Content, &parts) != nil:
		return nil, errors.New("its content is neither a text nor a list of parts")
	}
	for _, p := range parts {
		switch p.Type {
		case "text", "input_text", "output_text":
			all = append(all, text(p.Text)...)
		case "refusal":
			all = append(all, text(p.Refusal)...)
		case "image_url", "input_image":
			all = append(all, t.fromURL(ctx, p.url()))
		default:
			all = append(all, note(p.Type, "this was left out"))
		}
	}
	for _, coded := range m.Images {
		data, err := base64.StdEncoding.DecodeString(coded)
		if err != nil {
			all = append(all, note("picture", "its base64 is damaged"))
			continue
		}
		all = append(all, t.picture(ctx, "picture", data, nil))
	}
	return all, nil
}

// url is the picture of a part, "" if it has none.
func (p *openAIPart) url() string {
	var s string
	if json.Unmarshal(p.ImageURL, &s) == nil {
		return s
	}
	var o struct {
		URL string `json:"url"`
	}
	_ = json.Unmarshal(p.ImageURL, &o) // what is no object has none
	return o.URL
}

// fromURL is the picture of a data URL. What is elsewhere is not fetched.
func (t *turns) fromURL(ctx context.Context, address string) sessions.Part {
	const scheme = "data:"
	if len(address) < len(scheme) || !strings.EqualFold(address[:len(scheme)], scheme) {
		return note(address, "this picture was not fetched")
	}
	data, err := DataURL(address[len(scheme):])
	if err != nil {
		return note("picture", "its data URL is damaged")
	}
	return t.picture(ctx, "picture", data, nil)
}

// wordsOf are the texts of a message's pieces; a picture is named.
func wordsOf(parts []sessions.Part) string {
	var all []string
	for _, p := range parts {
		if p.Picture != nil {
			p = note(p.Picture.Source, "a picture")
		}
		all = append(all, p.Text)
	}
	return strings.Join(all, "\n")
}

// DataURL returns what a data URL holds, behind its scheme (RFC 2397). Base64 is read as
// browsers do: broken into lines, or without the "=" at its end.
func DataURL(s string) ([]byte, error) {
	media, payload, found := strings.Cut(s, ",")
	if !found {
		return nil, errors.New("it has no comma")
	}
	text, err := url.PathUnescape(payload)
	if err != nil {
		return nil, err
	}
	parameters := strings.Split(media, ";")
	if last := parameters[len(parameters)-1]; len(parameters) == 1 || !strings.EqualFold(strings.TrimSpace(last), "base64") {
		return []byte(text), nil
	}
	text = strings.Join(strings.Fields(text), "")
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
}
