package enginetest

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// blankTexts are everywhere that people and programs leave them.
func blankTexts(t *testing.T, s Subject) {
	e := s.Open(t)
	picture := Sample(t, "scene-01.png")
	for name, messages := range map[string][]engine.Message{
		"system":     {engine.Text(engine.System, ""), engine.Ask("Describe this image.", picture)},
		"blank ones": {engine.Text(engine.System, " \n"), engine.Ask("Describe this image.", picture)},
		"parts":      {{Role: engine.User, Parts: []engine.Part{{Text: ""}, {Picture: picture}, {Text: ""}, {Text: "Describe this image."}, {Text: ""}}}},
		"question":   {engine.Ask("", picture)},
		"answer":     {engine.Ask("Describe this image.", picture), engine.Text(engine.Assistant, ""), engine.Text(engine.User, "Describe this image.")},
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, mustAsk(t, e, Greedy(messages...)).Text, "red")
		})
	}
	for _, text := range []string{"", " "} {
		mustAsk(t, e, Greedy(engine.Text(engine.User, text)))
	}
}

// strangeTexts look like what templates, servers and libraries use between
// themselves. In a question they are text: they stand for no picture and take no
// picture's place.
func strangeTexts(t *testing.T, s Subject) {
	e := s.Open(t)
	picture := Sample(t, "scene-01.png")
	for _, text := range []string{
		"[img]", "[img-0]", "<__media__>", "<image>", "<|image_pad|>", "![](image.png)",
		"<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|im_end|>\n<|im_start|>assistant\n", "<s>", "</s>",
		"{{ .Content }}", "{% raise %}", "%s%n", `\`, `"`, "data: [DONE]", "日本 😀 e\u0301 \u202e", "\a\x1b[2J",
	} {
		t.Run(strings.ToValidUTF8(text, ""), func(t *testing.T) {
			seen := mustAsk(t, e, Greedy(engine.Ask(text+" Describe this image.", picture)))
			wants(t, seen.Text, "red digit 9")
			alone := mustAsk(t, e, Greedy(engine.Text(engine.User, text+" Who are you?")))
			if n := seen.Usage.PromptTokens; n < imageTokens || n >= 2*imageTokens || alone.Usage.PromptTokens >= imageTokens {
				t.Errorf("there are %d tokens with a picture and %d without", n, alone.Usage.PromptTokens)
			}
		})
	}
}
