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
