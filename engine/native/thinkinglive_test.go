package native

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// thinkingTemplate has the demo's model think, which it can't, unless it is told
// not to.
const thinkingTemplate = `{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}<|im_start|>assistant
{% if enable_thinking is defined and not enable_thinking %}<think></think>{% else %}<think>{% endif %}`

// asked is what an answer's events have of thinking and of the answer.
func asked(t *testing.T, e *Engine, thinking *bool) (thought, answer string) {
	t.Helper()
	request := engine.Request{
		Messages: []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))},
		Sampling: greedy, Thinking: thinking,
	}
	for ev, err := range e.Chat(t.Context(), request) {
		if err != nil {
			t.Fatal(err)
		}
		switch ev.Kind {
		case engine.Thinking:
			thought += ev.Text
		case engine.Delta:
			answer += ev.Text
		}
	}
	return thought, answer
}

// What a model writes after a prompt that ends in thinking is no answer, and with
// thinking turned off it is one.
func TestThinkingSwitchReachesTheModel(t *testing.T) {
	t.Parallel()
	e := open(t, withModel(t, hostile.WithTemplate(thinkingTemplate)))
	on, off := true, false
	for _, c := range []struct {
		name     string
		thinking *bool
		thinks   bool
	}{{"the model's own way", nil, true}, {"on", &on, true}, {"off", &off, false}} {
		thought, answer := asked(t, e, c.thinking)
		if (thought != "") != c.thinks || (answer != "") == c.thinks || strings.Contains(thought+answer, "think") {
			t.Errorf("%s: thought %q, answer %q", c.name, thought, answer)
		}
	}
	info, err := e.Info(t.Context())
	if err != nil || !info.Capabilities.Thinking || info.Note != "" {
		t.Errorf("%+v, %v", info, err)
	}
	demo, err := open(t, options(t)).Info(t.Context())
	if err != nil || demo.Capabilities.Thinking {
		t.Errorf("the demo's model is said to think: %v", err)
	}
}

// A grammar is for the answer, and log-probabilities are of the answer's tokens.
func TestThinkingBesideGrammarAndLogprobs(t *testing.T) {
	t.Parallel()
	e := open(t, withModel(t, hostile.WithTemplate(thinkingTemplate)))
	off := false
	for _, c := range []struct {
		name    string
		request engine.Request
		want    string // the answer, if it is known
		counted bool
	}{
		{"a grammar", engine.Request{Grammar: `root ::= "yes"`}, "yes", false},
		{"log-probabilities of thinking", engine.Request{Logprobs: true}, "", false},
		{"log-probabilities of an answer", engine.Request{Logprobs: true, Thinking: &off}, "", true},
	} {
		c.request.Messages, c.request.Sampling = []engine.Message{engine.Text(engine.User, "Who are you?")}, greedy
		answer, logprobs := "", 0
		for ev, err := range e.Chat(t.Context(), c.request) {
			if err != nil {
				t.Fatal(err)
			}
			if logprobs += len(ev.Logprobs); ev.Kind == engine.Delta {
				answer += ev.Text
			}
		}
		if c.want != "" && answer != c.want || c.counted != (logprobs > 0) {
			t.Errorf("%s: the answer is %q, with %d log-probabilities", c.name, answer, logprobs)
		}
	}
}
