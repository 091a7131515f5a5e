package openai

import (
	"math"
	"strconv"
	"strings"

	client "github.com/sashabaranov/go-openai"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// request makes the library's request. extra are the members of its JSON that
// the library would leave out.
func (e *Engine) request(model string, req engine.Request) (r client.ChatCompletionRequest, extra string, err error) {
	if req.Grammar != "" {
		return r, "", remote.NoGrammar("the OpenAI API")
	}
	r = client.ChatCompletionRequest{
		Model:         model,
		Stream:        true,
		StreamOptions: &client.StreamOptions{IncludeUsage: true},
		Stop:          req.Sampling.Stop,
	}
	if err := setExtras(&r, req.Sampling); err != nil {
		return r, "", err
	}
	if req.Thinking != nil {
		// As llama-server, vLLM and SGLang take it, for the model's chat template.
		r.ChatTemplateKwargs = map[string]any{"enable_thinking": *req.Thinking}
	}
	if seed := req.Sampling.Seed; seed != nil {
		n := int(*seed)
		r.Seed = &n
	}
	if reasons(model) || e.base.Hostname() == "api.openai.com" {
		r.MaxCompletionTokens = req.Sampling.MaxTokens
	} else {
		r.MaxTokens = req.Sampling.MaxTokens // the name that every server knows
	}
	if !reasons(model) { // those refuse both
		r.Temperature, r.TopP = float32(req.Sampling.Temperature), float32(req.Sampling.TopP)
		if r.Temperature == 0 {
			// The library leaves a zero out, and the server would take its own.
			extra = `"temperature":0`
		}
	}
	if len(req.Schema) > 0 {
		r.ResponseFormat = &client.ChatCompletionResponseFormat{
			Type: client.ChatCompletionResponseFormatTypeJSONSchema,
			// Strict: a server that can't hold its model to this schema says so.
			JSONSchema: &client.ChatCompletionResponseFormatJSONSchema{Name: "answer", Schema: req.Schema, Strict: true},
		}
	}
	pictures, urls := engine.Pictures(req.Messages), engine.URLs(req.Messages)
	if err := e.pictures().Check(pictures, len(urls)); err != nil {
		return r, "", err
	}
	for _, m := range req.Messages {
		message, err := e.message(m, len(pictures)+len(urls))
		if err != nil {
			return r, "", err
		}
		r.Messages = append(r.Messages, message)
	}
	return r, extra, nil
}

// setExtras sets the options that not every engine has.
func setExtras(r *client.ChatCompletionRequest, s engine.Sampling) error {
	const api = "OpenAI's"
	if err := remote.CheckSampling(s, api, "presence_penalty", "frequency_penalty", "logit_bias"); err != nil {
		return err
	}
	r.PresencePenalty, r.FrequencyPenalty = float32(s.Penalties.Presence), float32(s.Penalties.Frequency)
	for _, b := range s.LogitBias {
		if b.Text != "" || b.Bias != math.Trunc(b.Bias) {
			return &engine.Error{
				Kind: engine.BadOption, Message: api + " API takes tokens by their numbers and whole numbers for logit_bias",
				Hint: "write --logit-bias NUMBER=BIAS, or use the native engine, which takes texts and fractions",
			}
		}
		if r.LogitBias == nil {
			r.LogitBias = map[string]int{}
		}
		bias := int(b.Bias)
		if b.Forbid {
			bias = never
		}
		r.LogitBias[strconv.Itoa(b.Token)] = bias
	}
	return nil
}

// never is the API's bias of a token that is not to be written.
const never = -100

// message turns a message into the API's form: a string where there is only
// text, which every server takes in every role, and parts in their order where
// there are pictures, of which the request has so many.
func (e *Engine) message(m engine.Message, among int) (client.ChatCompletionMessage, error) {
	out := client.ChatCompletionMessage{Role: string(m.Role)}
	var texts []string
	var parts []client.ChatMessagePart
	pictures := false
	for _, p := range m.Parts {
		switch {
		case p.Picture != nil, p.URL != "":
			url, err := e.imageURL(m.Role, p, among)
			if err != nil {
				return out, err
			}
			pictures = true
			parts = append(parts, client.ChatMessagePart{
				Type:     client.ChatMessagePartTypeImageURL,
				ImageURL: &client.ChatMessageImageURL{URL: url},
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
