package openai

import (
	"net"
	"strings"
)

// server is what a kind of server takes of a request, and by which names. Many
// pass over what they don't know, and some refuse the whole request for it. So
// what a kind is not known to take is refused here, by its name.
type server struct {
	name  string   // as it goes before "API" in a message
	hosts []string // of a public service; what ends in one behind a dot is it as well
	owner string   // "owned_by" in the list of models, of servers that people run themselves
	keys  []string // variables in which the host's own tools look for the key

	limit    string            // the token limit
	seed     string            // the seed; "" where there is none
	options  map[string]string // other options, by the names of engine.Sampling.Extras
	logprobs bool
	schema   bool   // an answer can be held to a JSON Schema
	grammar  string // what takes a grammar in GBNF; "" if nothing does
	thinking switcher

	noUsage        bool    // asking for the usage is refused; it comes anyway
	noTopP         bool    // models refuse it beside a temperature
	maxTemperature float64 // above which it is cut without a word; 0 if it never is
	everyToken     int     // the top_k that leaves all of them
	undated        bool    // "created" of a model is the time of the question
	llamacpp       bool    // takes every option by llama.cpp's own names
}

// Names of the token limit, of which the older is known by every server.
const (
	maxTokens           = "max_tokens"
	maxCompletionTokens = "max_completion_tokens"
)

// penalties are the options that OpenAI's own API has.
var penalties = map[string]string{
	"frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty", "logit_bias": "logit_bias",
}

// servers are the kinds that are known. What each takes is from its
// documentation, and of llama-server from its source and by trying it;
// docs/backends.md says which is which.
var servers = []*server{
	{
		name: "OpenAI's", hosts: []string{"api.openai.com"}, keys: []string{"OPENAI_API_KEY"},
		limit: maxCompletionTokens, seed: "seed", options: penalties, logprobs: true, schema: true, thinking: effortByModel,
	},
	azure,
	{
		name: "OpenRouter's", hosts: []string{"openrouter.ai"}, keys: []string{"OPENROUTER_API_KEY"},
		limit: maxTokens, seed: "seed", logprobs: true, schema: true, thinking: reasoning,
		options: with(penalties, "top_k", "top_k", "min_p", "min_p", "repeat_penalty", "repetition_penalty"),
	},
	{
		// It refuses a request with a member that it doesn't know.
		name: "Gemini's OpenAI-compatible", hosts: []string{"generativelanguage.googleapis.com"}, keys: []string{"GEMINI_API_KEY", "GOOGLE_API_KEY"},
		limit: maxTokens, schema: true, thinking: effort,
	},
	anthropic,
	{
		// Likewise; the usage is part of the last event.
		name: "Mistral's", hosts: []string{"api.mistral.ai"}, keys: []string{"MISTRAL_API_KEY"},
		limit: maxTokens, seed: "random_seed", schema: true, noUsage: true,
		options: map[string]string{"frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty"},
	},
	{
		name: "Groq's", hosts: []string{"api.groq.com"}, keys: []string{"GROQ_API_KEY"},
		limit: maxCompletionTokens, seed: "seed", schema: true,
	},
	{
		name: "xAI's", hosts: []string{"api.x.ai"}, keys: []string{"XAI_API_KEY"},
		limit: maxCompletionTokens, seed: "seed", logprobs: true, schema: true,
		options: map[string]string{"frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty"},
	},
	{
		// Its logprobs are another thing by the same name.
		name: "Together's", hosts: []string{"api.together.xyz", "api.together.ai"}, keys: []string{"TOGETHER_API_KEY"},
		limit: maxTokens, seed: "seed", schema: true,
		options: with(penalties, "top_k", "top_k", "min_p", "min_p", "repeat_penalty", "repetition_penalty"),
	},
	{
		name: "llama-server's", owner: "llamacpp", limit: maxTokens, seed: "seed", logprobs: true, schema: true,
		grammar: "grammar", thinking: templateArguments, undated: true, llamacpp: true,
		options: with(penalties, "dynatemp_range", "dynatemp_range", "top_k", "top_k", "min_p", "min_p", "typical", "typical_p",
			"top_n_sigma", "top_n_sigma", "xtc_probability", "xtc_probability", "repeat_penalty", "repeat_penalty",
			"dry_multiplier", "dry_multiplier", "mirostat", "mirostat"),
	},
	{
		name: "vLLM's", owner: "vllm", limit: maxTokens, seed: "seed", logprobs: true, schema: true,
		thinking: templateArguments, undated: true, everyToken: -1,
		options: with(penalties, "top_k", "top_k", "min_p", "min_p", "repeat_penalty", "repetition_penalty"),
	},
	{
		name: "SGLang's", owner: "sglang", limit: maxTokens, seed: "seed", logprobs: true, schema: true,
		thinking: templateArguments, undated: true, everyToken: -1,
		options: with(penalties, "top_k", "top_k", "min_p", "min_p", "repeat_penalty", "repetition_penalty"),
	},
	{
		name: "LM Studio's", owner: "organization_owner", limit: maxTokens, seed: "seed", schema: true, undated: true,
		options: with(penalties, "top_k", "top_k", "repeat_penalty", "repeat_penalty"),
	},
	{
		name: "Ollama's OpenAI-compatible", owner: "library", limit: maxTokens, seed: "seed", logprobs: true, schema: true, thinking: effort,
		options: map[string]string{"frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty"},
	},
}

// azure takes a deployment for a model. What is behind it shows in no name.
var azure = &server{
	name: "Azure's", hosts: []string{"openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com"}, keys: []string{"AZURE_OPENAI_API_KEY"},
	limit: maxTokens, seed: "seed", options: penalties, logprobs: true, schema: true, thinking: effortOfDeployment,
}

// anthropic passes over most of what it doesn't take.
var anthropic = &server{
	name: "Anthropic's OpenAI-compatible", hosts: []string{"api.anthropic.com"}, keys: []string{"ANTHROPIC_API_KEY"},
	limit: maxTokens, thinking: neverThinks, noTopP: true, maxTemperature: 1,
}

// someServer is one of a kind that is not known: it is asked for what OpenAI's
// API has, in the form that most servers know.
var someServer = &server{
	name: "OpenAI's", limit: maxTokens, seed: "seed", options: penalties, logprobs: true, schema: true, thinking: templateArguments,
}

// with returns options with more of them: name, then what it is called, in turn.
func with(options map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	for name, called := range options {
		all[name] = called
	}
	for i := 0; i+1 < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// publicServer returns the kind of the public service at a host, nil if it is
// none that is known.
func publicServer(host string) *server {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for _, s := range servers {
		for _, h := range s.hosts {
			if name == h || strings.HasSuffix(name, "."+h) {
				return s
			}
		}
	}
	return nil
}

// ownServer recognises a server that people run themselves by its list of models.
func ownServer(models []listed) *server {
	for _, s := range servers {
		for _, m := range models {
			if s.owner != "" && string(m.OwnedBy) == s.owner {
				return s
			}
		}
	}
	return someServer
}

// KeyVariables names the environment variables in which a host's own tools look
// for its key, the first that is set being it. There are none for a host that is
// not known.
func KeyVariables(host string) []string {
	if s := publicServer(host); s != nil {
		return s.keys
	}
	return nil
}
