package openai

import (
	"slices"
	"testing"
)

// A key is looked for where the tools of its host look, and nowhere else.
func TestKeyVariables(t *testing.T) {
	t.Parallel()
	for host, want := range map[string][]string{
		"api.openai.com":                    {"OPENAI_API_KEY"},
		"eu.api.openai.com:443":             {"OPENAI_API_KEY"},
		"API.OpenAI.com.":                   {"OPENAI_API_KEY"},
		"notapi.openai.com":                 nil,
		"api.openai.com.evil.example":       nil,
		"me.openai.azure.com":               {"AZURE_OPENAI_API_KEY"},
		"openrouter.ai":                     {"OPENROUTER_API_KEY"},
		"generativelanguage.googleapis.com": {"GEMINI_API_KEY", "GOOGLE_API_KEY"},
		"api.anthropic.com":                 {"ANTHROPIC_API_KEY"},
		"api.mistral.ai":                    {"MISTRAL_API_KEY"},
		"api.groq.com":                      {"GROQ_API_KEY"},
		"api.x.ai":                          {"XAI_API_KEY"},
		"api.together.xyz":                  {"TOGETHER_API_KEY"},
		"localhost:8080":                    nil,
		"[::1]:8080":                        nil,
		"":                                  nil,
	} {
		if got := KeyVariables(host); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}
