package native

import "strings"

// family is a way to frame conversations that many models share, for those whose
// own chat template is missing or can't be used.
type family struct {
	name string
	// marks are texts of its frame by which a model of the family is recognised:
	// they are tokens of its vocabulary, or stand in the template that failed.
	marks    []string
	template string // Jinja, written after the format that the family publishes
}

// families are tried in their order.
var families = []family{
	{"SmolVLM", []string{"<end_of_utterance>"}, `<|im_start|>{% for m in messages %}{{ m.role | capitalize }}: {{ m.content }}<end_of_utterance>
{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}`},
	{"Gemma 4", []string{"<|turn>", "<turn|>"}, `{{ bos_token }}{% for m in messages %}<|turn>{{ 'model' if m.role == 'assistant' else m.role }}
{{ m.content | trim }}<turn|>
{% endfor %}{% if add_generation_prompt %}<|turn>model
{% endif %}`},
	{"Gemma", []string{"<start_of_turn>", "<end_of_turn>"}, `{{ bos_token }}{% if messages[0].role == 'system' %}{% set prefix = messages[0].content ~ '

' %}{% set turns = messages[1:] %}{% else %}{% set prefix = '' %}{% set turns = messages %}{% endif %}{% for m in turns %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}
{{ prefix if loop.first else '' }}{{ m.content | trim }}<end_of_turn>
{% endfor %}{% if add_generation_prompt %}<start_of_turn>model
{% endif %}`},
	{"Llama 4", []string{"<|header_start|>", "<|eot|>"}, `{{ bos_token }}{% for m in messages %}<|header_start|>{{ m.role }}<|header_end|>

{{ m.content | trim }}<|eot|>{% endfor %}{% if add_generation_prompt %}<|header_start|>assistant<|header_end|>

{% endif %}`},
	{"Llama 3", []string{"<|start_header_id|>", "<|eot_id|>"}, `{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>

{{ m.content | trim }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

{% endif %}`},
	{"Granite", []string{"<|start_of_role|>", "<|end_of_role|>"}, `{% for m in messages %}<|start_of_role|>{{ m.role }}<|end_of_role|>{{ m.content }}<|end_of_text|>
{% endfor %}{% if add_generation_prompt %}<|start_of_role|>assistant<|end_of_role|>{% endif %}`},
	{"Cohere", []string{"<|START_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"}, `{{ bos_token }}{% for m in messages %}<|START_OF_TURN_TOKEN|>{% if m.role == 'assistant' %}<|CHATBOT_TOKEN|>{% else %}<|{{ m.role | upper }}_TOKEN|>{% endif %}{{ m.content }}<|END_OF_TURN_TOKEN|>{% endfor %}{% if add_generation_prompt %}<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>{% endif %}`},
	{"Kimi", []string{"<|im_middle|>", "<|im_user|>"}, `{% for m in messages %}<|im_{{ m.role }}|>{{ m.role }}<|im_middle|>{{ m.content }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<|im_assistant|>assistant<|im_middle|>{% endif %}`},
	{"ChatML", []string{"<|im_start|>", "<|im_end|>"}, chatML},
	{"Phi", []string{"<|user|>", "<|end|>"}, `{% for m in messages %}<|{{ m.role }}|>
{{ m.content }}<|end|>
{% endfor %}{% if add_generation_prompt %}<|assistant|>
{% endif %}`},
	{"GLM", []string{"<|user|>", "<sop>"}, `[gMASK]<sop>{% for m in messages %}<|{{ m.role }}|>
{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>
{% endif %}`},
	{"Mistral 7", []string{"[SYSTEM_PROMPT]", "[INST]"}, `{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}[SYSTEM_PROMPT]{{ m.content }}[/SYSTEM_PROMPT]{% elif m.role == 'user' %}[INST]{{ m.content }}[/INST]{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}`},
	{"Pixtral", []string{"[INST]", "[/INST]"}, `{{ bos_token }}{% if messages[0].role == 'system' %}{% set prefix = messages[0].content ~ '

' %}{% set turns = messages[1:] %}{% else %}{% set prefix = '' %}{% set turns = messages %}{% endif %}{% for m in turns %}{% if m.role == 'user' %}[INST]{{ prefix if loop.first else '' }}{{ m.content }}[/INST]{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}`},
	{"DeepSeek", []string{"<｜User｜>", "<｜Assistant｜>"}, `{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}<｜User｜>{{ m.content }}{% elif m.role == 'assistant' %}<｜Assistant｜>{{ m.content }}{{ eos_token }}{% else %}{{ m.content }}{% endif %}{% endfor %}{% if add_generation_prompt %}<｜Assistant｜>{% endif %}`},
	{"DeepSeek-VL2", []string{"<|User|>", "<|Assistant|>"}, `{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}<|User|>: {{ m.content }}

{% elif m.role == 'assistant' %}<|Assistant|>: {{ m.content }}{{ eos_token }}{% else %}{{ m.content }}

{% endif %}{% endfor %}{% if add_generation_prompt %}<|Assistant|>:{% endif %}`},
	{"Hunyuan", []string{"<｜hy_User｜>", "<｜hy_Assistant｜>"}, `<｜hy_begin▁of▁sentence｜>{% for m in messages %}{{ m.content }}{% if m.role == 'system' %}<｜hy_place▁holder▁no▁3｜>{% elif m.role == 'user' %}<｜hy_User｜>{% else %}<｜hy_Assistant｜>{% endif %}{% endfor %}`},
	{"ERNIE", []string{"<|begin_of_sentence|>", "<|end_of_sentence|>"}, `<|begin_of_sentence|>{% for m in messages %}{% if m.role == 'user' %}User: {{ m.content }}
{% elif m.role == 'assistant' %}Assistant: {{ m.content }}<|end_of_sentence|>{% else %}{{ m.content }}
{% endif %}{% endfor %}{% if add_generation_prompt %}Assistant: {% endif %}`},
	vicuna,
}

// vicuna frames with words alone, so that no vocabulary tells of it: it is for
// LLaVA 1.5, MobileVLM and others that were made of Llama 1 and 2.
var vicuna = family{"Vicuna", []string{"USER:", "ASSISTANT:"}, `{% for m in messages %}{% if m.role == 'user' %}USER: {{ m.content }} {% elif m.role == 'assistant' %}ASSISTANT: {{ m.content }}{{ eos_token }}{% else %}{{ m.content }} {% endif %}{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}`}

// chatML is also the template of models that show no family, as in llama.cpp.
const chatML = `{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

// familyOf recognises the family of a model by its vocabulary, or else by the
// template that it brought, or else by the kind of its tokenizer.
func familyOf(isToken func(text string) bool, template, tokenizer string) family {
	for _, f := range families {
		if f.has(isToken) {
			return f
		}
	}
	for _, f := range families {
		if f.has(func(mark string) bool { return strings.Contains(template, mark) }) {
			return f
		}
	}
	if tokenizer == "llama" { // SentencePiece, as of Llama 1 and 2
		return vicuna
	}
	return family{name: "ChatML", template: chatML}
}

func (f family) has(known func(mark string) bool) bool {
	for _, mark := range f.marks {
		if !known(mark) {
			return false
		}
	}
	return true
}
