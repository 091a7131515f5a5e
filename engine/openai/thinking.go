package openai

import "strings"

// switcher turns a model's thinking on or off: it returns the member of a request
// that does so on a kind of server, with its value, or "" where there is nothing
// to say. It returns false where it can't be had. A nil switcher is that of
// servers which have no way.
type switcher func(model string, on bool) (member string, value any, can bool)

// templateArguments tells the model's chat template, as llama-server, vLLM and
// SGLang do it. Most templates call it the one thing, DeepSeek's and Granite's
// the other.
func templateArguments(_ string, on bool) (string, any, bool) {
	return "chat_template_kwargs", map[string]any{"enable_thinking": on, "thinking": on}, true
}

// reasoning is OpenRouter's own way, for models of every maker.
func reasoning(_ string, on bool) (string, any, bool) {
	return "reasoning", map[string]any{"enabled": on}, true
}

// effort is how much a model is to think.
func effort(_ string, on bool) (string, any, bool) {
	if on {
		return "reasoning_effort", "medium", true
	}
	return "reasoning_effort", "none", true
}

// effortByModel knows OpenAI's models: the older of those that think can't be
// kept from it, only be made to think little.
func effortByModel(model string, on bool) (string, any, bool) {
	switch {
	case !reasons(model):
		return "", nil, true
	case on:
		return "reasoning_effort", "medium", true
	case strings.HasPrefix(model, "gpt-5."), model == "gpt-6-sol", model == "gpt-6-luna":
		return "reasoning_effort", "none", true
	case strings.HasPrefix(model, "gpt-5"):
		return "reasoning_effort", "minimal", true
	}
	return "reasoning_effort", "low", true
}

// effortOfDeployment is for a model whose name is not known: every one that
// thinks can do it a little.
func effortOfDeployment(_ string, on bool) (string, any, bool) {
	if on {
		return "reasoning_effort", "medium", true
	}
	return "reasoning_effort", "low", true
}

// neverThinks is for servers whose models think only if they are told to, and then
// keep it to themselves.
func neverThinks(_ string, on bool) (string, any, bool) { return "", nil, !on }

// reasons tells OpenAI's reasoning models by their names.
func reasons(model string) bool {
	for _, prefix := range []string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(model, prefix) {
			return true
		}
	}
	return false
}
