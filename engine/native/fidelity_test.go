package native

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// The native engine gives the answers of the llama-server of the same runtime,
// token for token, to every question about every sample.
func TestAnswersLikeLlamaServer(t *testing.T) {
	t.Parallel()
	o := options(t)
	server := startServer(t, o.Model)
	e := open(t, o)
	pictures := map[string]*images.Picture{}
	same, all := 0, 0
	for _, q := range questions(t) {
		p := pictures[q.Image]
		if p == nil {
			p = sample(t, q.Image)
			pictures[q.Image] = p
		}
		all++
		if compare(t, e, server, engine.Ask(q.Question, p)) {
			same++
		}
	}
	t.Logf("%d of %d answers are the same", same, all)
}

func TestConversationsLikeLlamaServer(t *testing.T) {
	t.Parallel()
	o := options(t)
	server := startServer(t, o.Model)
	one, two := sample(t, "scene-06.png"), sample(t, "scene-11.jpg")
	user, assistant := engine.User, engine.Assistant
	for name, messages := range map[string][]engine.Message{
		"text alone":       {engine.Text(user, "Who are you?")},
		"system":           {engine.Text(engine.System, "Answer with one word."), engine.Ask("What is in this image?", one)},
		"late picture":     {engine.Text(user, "Who are you?"), engine.Text(assistant, "A tiny model."), engine.Ask("Describe this image.", one)},
		"follow-up":        {engine.Ask("Describe this image.", one), engine.Text(assistant, "It shows a star."), engine.Text(user, "And its color?")},
		"two pictures":     {engine.Ask("Are these images the same?", one, two)},
		"two turns of two": {engine.Ask("Describe this image.", one), engine.Text(assistant, "It shows a star."), engine.Ask("And this one?", two)},
		"picture in the middle": {{Role: user, Parts: []engine.Part{
			{Text: "Look at this image:"}, {Picture: one}, {Text: "What color is the background?"}, {Text: "Answer with one word."},
		}}},
		"the same picture twice": {engine.Ask("Are these images the same?", one, one)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, open(t, o), server, messages...)
		})
	}
}

func startServer(t *testing.T, m models.Model) *llamaserver.Server {
	t.Helper()
	// One slot, and no reuse of prompts: each answer is computed afresh.
	return llamaserver.Run(t, m.Path, m.Projector, "-np", "1", "--temp", "0")
}

// compare asks both and reports whether text and numbers of tokens agree.
func compare(t *testing.T, e *Engine, server *llamaserver.Server, messages ...engine.Message) bool {
	t.Helper()
	want, prompt, tokens := askServer(t, server, messages)
	got := mustAsk(t, e, greedy, messages...)
	if got.text != want || got.usage.PromptTokens != prompt || got.usage.GeneratedTokens != tokens {
		last := messages[len(messages)-1].Parts
		t.Errorf("%q: we answer %q (%d tokens to %d), llama-server answers %q (%d tokens to %d)",
			last[len(last)-1].Text, got.text, got.usage.GeneratedTokens, got.usage.PromptTokens, want, tokens, prompt)
		return false
	}
	return true
}

// askServer asks llama-server, greedily, with the picture files as they are.
func askServer(t *testing.T, server *llamaserver.Server, messages []engine.Message) (text string, prompt, tokens int) {
	t.Helper()
	return post(t, server, map[string]any{"messages": toOpenAI(messages), "temperature": 0, "max_tokens": greedy.MaxTokens, "cache_prompt": false})
}

// toOpenAI is the messages in the API's form.
func toOpenAI(messages []engine.Message) []map[string]any {
	type m = map[string]any
	var wire []m
	for _, message := range messages {
		if len(message.Parts) == 1 && message.Parts[0].Picture == nil {
			wire = append(wire, m{"role": message.Role, "content": message.Parts[0].Text})
			continue
		}
		var parts []m
		for _, p := range message.Parts {
			if p.Picture == nil {
				parts = append(parts, m{"type": "text", "text": p.Text})
				continue
			}
			url := "data:image/" + p.Picture.Format + ";base64," + base64.StdEncoding.EncodeToString(p.Picture.Data)
			parts = append(parts, m{"type": "image_url", "image_url": m{"url": url}})
		}
		wire = append(wire, m{"role": message.Role, "content": parts})
	}
	return wire
}

// post sends a request to llama-server.
func post(t *testing.T, server *llamaserver.Server, request map[string]any) (text string, prompt, tokens int) {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(server.URL+"/v1/chat/completions", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Choices []struct {
			Message struct{ Content string } `json:"message"`
		} `json:"choices"`
		Usage struct {
			Prompt int `json:"prompt_tokens"`
			Tokens int `json:"completion_tokens"`
		} `json:"usage"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Choices) != 1 {
		t.Fatalf("llama-server: %s, %v", resp.Status, err)
	}
	return answer.Choices[0].Message.Content, answer.Usage.Prompt, answer.Usage.Tokens
}
