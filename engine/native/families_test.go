package native

import (
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// The families' templates frame conversations as models of the family do. Those
// may say more: the date, who they are, that they think.
func TestFamilies(t *testing.T) {
	t.Parallel()
	like := map[string]string{
		"SmolVLM": "HuggingFaceTB-SmolVLM-256M-Instruct", "Gemma 4": "google-gemma-4-31B-it", "Gemma": "trl-gemma3",
		"Llama 4": "axolotl-llama4", "Llama 3": "axolotl-llama3_2_vision", "Granite": "ibm-granite-granite-docling-258M",
		"Kimi": "moonshotai-Kimi-VL-A3B-Instruct", "ChatML": "OpenGVLab-InternVL3_5-1B", "GLM": "zai-org-GLM-4.1V-9B-Thinking",
		"Mistral 7": "axolotl-mistral_v7_tekken", "Pixtral": "axolotl-pixtral", "Hunyuan": "tencent-HunyuanOCR",
		"ERNIE": "baidu-ERNIE-4.5-VL-28B-A3B-PT",
	}
	var conversations []spoken
	readJSON(t, "conversations.json", &conversations)
	all := realTemplates(t)
	for _, f := range families {
		template, err := newChatTemplate(f.template, "<bos>", "<eos>")
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		at := slices.IndexFunc(all, func(r realTemplate) bool { return r.Name == like[f.name] })
		for _, c := range conversations {
			if at < 0 || c.Name != "picture" && c.Name != "two turns" && c.Name != "late picture" {
				continue
			}
			got, err := template.render(c.turns(), nil)
			if want := *all[at].prompts[c.Name]; err != nil || !strings.Contains(want, strings.TrimPrefix(got, "<bos>")) {
				t.Errorf("%s: %s: got  %q, %v\nwhich is not in %q", f.name, c.Name, got, err, want)
			}
		}
	}
}

// Those of which there is no real template among the tests'.
func TestFamiliesByTheirPublishedFormat(t *testing.T) {
	t.Parallel()
	conversation := []turn{
		{engine.System, []string{"Be brief."}}, {engine.User, []string{"Hi?"}}, {engine.Assistant, []string{"Ho."}}, {engine.User, []string{"Bye?"}},
	}
	for name, want := range map[string]string{
		"Cohere": "<bos><|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>Be brief.<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Hi?<|END_OF_TURN_TOKEN|>" +
			"<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>Ho.<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Bye?<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
		"Phi":          "<|system|>\nBe brief.<|end|>\n<|user|>\nHi?<|end|>\n<|assistant|>\nHo.<|end|>\n<|user|>\nBye?<|end|>\n<|assistant|>\n",
		"DeepSeek":     "<bos>Be brief.<｜User｜>Hi?<｜Assistant｜>Ho.<eos><｜User｜>Bye?<｜Assistant｜>",
		"DeepSeek-VL2": "<bos>Be brief.\n\n<|User|>: Hi?\n\n<|Assistant|>: Ho.<eos><|User|>: Bye?\n\n<|Assistant|>:",
		"Vicuna":       "Be brief. USER: Hi? ASSISTANT: Ho.<eos>USER: Bye? ASSISTANT:",
		"Mistral 7":    "<bos>[SYSTEM_PROMPT]Be brief.[/SYSTEM_PROMPT][INST]Hi?[/INST]Ho.<eos>[INST]Bye?[/INST]",
		"Gemma":        "<bos><start_of_turn>user\nBe brief.\n\nHi?<end_of_turn>\n<start_of_turn>model\nHo.<end_of_turn>\n<start_of_turn>user\nBye?<end_of_turn>\n<start_of_turn>model\n",
	} {
		f := families[slices.IndexFunc(families, func(f family) bool { return f.name == name })]
		template, err := newChatTemplate(f.template, "<bos>", "<eos>")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := template.render(conversation, nil); err != nil || got != want {
			t.Errorf("%s: got  %q, %v\nwant %q", name, got, err, want)
		}
	}
}

func TestFamilyOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, tokens, template, tokenizer, want string
	}{
		{"Qwen", "<|im_start|> <|im_end|>", "", "gpt2", "ChatML"},
		{"SmolVLM, which has ChatML's tokens too", "<|im_start|> <|im_end|> <end_of_utterance>", "", "gpt2", "SmolVLM"},
		{"Kimi, which has one of ChatML's tokens", "<|im_user|> <|im_middle|> <|im_end|>", "", "gpt2", "Kimi"},
		{"Gemma", "<start_of_turn> <end_of_turn>", "", "llama", "Gemma"},
		{"Llama 3", "<|start_header_id|> <|eot_id|>", "", "gpt2", "Llama 3"},
		{"Mistral Small", "[INST] [/INST] [SYSTEM_PROMPT]", "", "gpt2", "Mistral 7"},
		{"Pixtral", "[INST] [/INST]", "", "gpt2", "Pixtral"},
		{"Phi", "<|user|> <|end|> <|assistant|>", "", "llama", "Phi"},
		{"LLaVA 1.5", "<s> </s>", "", "llama", "Vicuna"},
		{"LLaVA 1.6 Mistral, by its template", "<s> </s>", "{{ '[INST] ' ~ x ~ ' [/INST]' }}{% broken", "llama", "Pixtral"},
		{"the vocabulary before the template", "<|im_start|> <|im_end|>", "[INST] [/INST]", "gpt2", "ChatML"},
		{"an unknown one", "<s>", "", "gpt2", "ChatML"},
	} {
		isToken := func(text string) bool { return slices.Contains(strings.Fields(c.tokens), text) }
		if got := familyOf(isToken, c.template, c.tokenizer); got.name != c.want {
			t.Errorf("%s is taken for %s, want %s", c.name, got.name, c.want)
		}
	}
}
