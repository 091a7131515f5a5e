package openai

import (
	"bytes"
	"encoding/json"

	"github.com/vlmchat/vlmchat/engine"
)

// piece is an event of an answer, in all the forms in which servers send one. A
// member of another type than is expected is passed over: it costs what it tells,
// not the answer.
type piece struct {
	Choices []choice `json:"choices"`
	Usage   *counts  `json:"usage"`
	Model   word     `json:"model"`
	Build   word     `json:"system_fingerprint"` // of the server, and of the model's version
	Timings *timings `json:"timings"`
	XGroq   struct {
		Usage *counts `json:"usage"`
	} `json:"x_groq"` // Groq

	// An error: see errorIn.
	Error  json.RawMessage `json:"error"`
	Object word            `json:"object"`
}

// choice is one of the answers that a request can have; vlmchat asks for one.
type choice struct {
	Index        number    `json:"index"` // not every server tells it
	Delta        delta     `json:"delta"`
	FinishReason word      `json:"finish_reason"`
	Logprobs     *logprobs `json:"logprobs"`
	Usage        *counts   `json:"usage"` // Moonshot
}

// finish is why the answer has ended, "" as long as it has not.
func (c choice) finish() string {
	if c.FinishReason == "null" {
		return ""
	}
	return string(c.FinishReason)
}

// delta is what an event adds to an answer.
type delta struct {
	Content          content `json:"content"`
	Refusal          word    `json:"refusal"`           // what the model answers in place of an answer
	ReasoningContent word    `json:"reasoning_content"` // DeepSeek, vLLM, SGLang, llama-server, xAI
	Reasoning        word    `json:"reasoning"`         // OpenRouter, Groq, Ollama, newer vLLM
}

// text is what is said.
func (d delta) text() string { return d.Content.text + string(d.Refusal) }

// thought is what is thought aloud. Some servers tell it by both names.
func (d delta) thought() string {
	if d.ReasoningContent != "" {
		return string(d.ReasoningContent) + d.Content.thought
	}
	return string(d.Reasoning) + d.Content.thought
}

// content is a string, or a list of parts as Mistral's models that think send it:
// texts, and thoughts that are lists of texts themselves.
type content struct{ text, thought string }

// UnmarshalJSON takes either form.
func (c *content) UnmarshalJSON(data []byte) error {
	*c = content{}
	switch data = bytes.TrimSpace(data); {
	case len(data) == 0:
	case data[0] == '"':
		return json.Unmarshal(data, &c.text)
	case data[0] == '[':
		var parts []struct {
			Text     word    `json:"text"`
			Thinking content `json:"thinking"`
		}
		if json.Unmarshal(data, &parts) == nil {
			for _, p := range parts {
				c.text += string(p.Text)
				c.thought += p.Thinking.text
			}
		}
	}
	return nil
}

// word is a string, and empty if it is something else.
type word string

// UnmarshalJSON takes anything.
func (w *word) UnmarshalJSON(data []byte) error {
	*w = ""
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(w))
	}
	return nil
}

// number is a whole number, and 0 if it is something else.
type number int

// UnmarshalJSON takes anything.
func (n *number) UnmarshalJSON(data []byte) error {
	var f float64
	if json.Unmarshal(data, &f) != nil || !(f > -1<<53 && f < 1<<53) {
		f = 0
	}
	*n = number(f)
	return nil
}

// counts are of an answer's tokens.
type counts struct {
	Prompt     number `json:"prompt_tokens"`
	Completion number `json:"completion_tokens"`
	Total      number `json:"total_tokens"`
	CacheHit   number `json:"prompt_cache_hit_tokens"` // DeepSeek
	Details    struct {
		Cached number `json:"cached_tokens"`
		Image  number `json:"image_tokens"` // xAI
	} `json:"prompt_tokens_details"`
	CompletionDetails struct {
		Reasoning number `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

// UnmarshalJSON passes over one that has another form altogether.
func (u *counts) UnmarshalJSON(data []byte) error {
	type plain counts
	*u = counts{}
	if json.Unmarshal(data, (*plain)(u)) != nil {
		*u = counts{}
	}
	return nil
}

// into writes the counts down.
func (u *counts) into(e *engine.Usage) {
	e.PromptTokens = int(u.Prompt)
	e.CachedTokens = int(max(u.Details.Cached, u.CacheHit))
	e.ImageTokens = int(u.Details.Image)
	e.GeneratedTokens = int(u.Completion)
	e.ThinkingTokens = int(u.CompletionDetails.Reasoning)
	// xAI and Gemini count what was thought in the total alone.
	if hidden := int(u.Total - u.Prompt - u.Completion); hidden > 0 {
		e.GeneratedTokens += hidden
		e.ThinkingTokens = max(e.ThinkingTokens, hidden)
	}
}

// timings are what llama-server adds to the last event: milliseconds.
type timings struct {
	CacheN      int     `json:"cache_n"`
	PromptMS    float64 `json:"prompt_ms"`
	PredictedMS float64 `json:"predicted_ms"`
}

// withoutNaN makes JSON of what Python writes for numbers that JSON lacks: NaN,
// Infinity and -Infinity become null. Strings stay as they are.
func withoutNaN(data []byte) []byte {
	out := make([]byte, 0, len(data))
	quoted := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\' && i+1 < len(data):
			out = append(out, c, data[i+1])
			i++
			continue
		case c == '"':
			quoted = !quoted
		case !quoted && (c == 'N' || c == 'I' || c == '-'):
			if n := notANumber(data[i:]); n > 0 {
				out = append(out, "null"...)
				i += n - 1
				continue
			}
		}
		out = append(out, data[i])
	}
	return out
}

// notANumber returns the length of the word that data begins with, if it is one
// of the three.
func notANumber(data []byte) int {
	for _, w := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(data, []byte(w)) {
			return len(w)
		}
	}
	return 0
}
