package openai

import (
	"strings"

	client "github.com/sashabaranov/go-openai"

	"github.com/vlmchat/vlmchat/engine"
)

// request makes the library's request to a kind of server. extra are the members
// of its JSON that the library would leave out. Pictures are marked in it: see
// withPictures.
func (e *Engine) request(kind *server, model string, req engine.Request) (r client.ChatCompletionRequest, extra map[string]any, err error) {
	r = client.ChatCompletionRequest{Model: model, Stream: true, Stop: req.Sampling.Stop}
	if !kind.noUsage {
		r.StreamOptions = &client.StreamOptions{IncludeUsage: true}
	}
	extra = map[string]any{}
	for _, set := range []func(*client.ChatCompletionRequest, map[string]any, string, engine.Request) error{
		kind.setSampling, kind.setOptions, kind.setForm, kind.setThinking,
	} {
		if err := set(&r, extra, model, req); err != nil {
			return r, nil, err
		}
	}
	pictures, urls := engine.Pictures(req.Messages), engine.URLs(req.Messages)
	if err := e.pictures().Check(pictures, len(urls)); err != nil {
		return r, nil, err
	}
	for _, m := range req.Messages {
		message, err := e.message(m)
		if err != nil {
			return r, nil, err
		}
		r.Messages = append(r.Messages, message)
	}
	return r, extra, nil
}

// message turns a message into the API's form: a string where there is only
// text, which every server takes in every role, and parts in their order where
// there are pictures.
func (e *Engine) message(m engine.Message) (client.ChatCompletionMessage, error) {
	out := client.ChatCompletionMessage{Role: string(m.Role)}
	var texts []string
	var parts []client.ChatMessagePart
	pictures := false
	for _, p := range m.Parts {
		switch {
		case p.Picture != nil, p.URL != "":
			url, err := imageURL(m.Role, p)
			if err != nil {
				return out, err
			}
			pictures = true
			parts = append(parts, client.ChatMessagePart{
				Type:     client.ChatMessagePartTypeImageURL,
				ImageURL: &client.ChatMessageImageURL{URL: url, Detail: e.detail()},
			})
		case p.Text != "": // the library makes something invalid of an empty text
			texts = append(texts, p.Text)
			parts = append(parts, client.ChatMessagePart{Type: client.ChatMessagePartTypeText, Text: p.Text})
		}
	}
	switch {
	case pictures:
		out.MultiContent = parts
	case len(texts) == 0:
		// Likewise: without content the message would be refused.
		out.Content = " "
	default:
		out.Content = strings.Join(texts, "\n")
	}
	return out, nil
}

// detail is how closely pictures are to be looked at. Auto is what servers do by
// themselves.
func (e *Engine) detail() client.ImageURLDetail {
	if e.opt.Detail == string(client.ImageURLDetailAuto) {
		return ""
	}
	return client.ImageURLDetail(e.opt.Detail)
}
