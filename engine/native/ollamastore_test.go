//go:build ollama

package native

import (
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/testdata/ollamaserver"
)

// What a real Ollama keeps is found by its name, and answers as the same files do
// when they are named themselves.
func TestOllamaStoreNatively(t *testing.T) {
	server := ollamaserver.Start(t)
	t.Setenv("OLLAMA_MODELS", server.Models)
	o := options(t)
	question := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	want := mustAsk(t, open(t, o), greedy, question)

	m, err := models.Find(models.OllamaPrefix+server.Model, "")
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != server.Model+":latest" || m.Projector == "" {
		t.Errorf("the model is %+v", m)
	}
	o.Model = m
	if got := mustAsk(t, open(t, o), greedy, question); got.text != want.text || got.usage.ImageTokens != want.usage.ImageTokens {
		t.Errorf("from the store the answer is %q, want %q", got.text, want.text)
	}

	if m, err = models.Find(models.OllamaPrefix+server.Blind, ""); err != nil || m.Projector != "" {
		t.Fatalf("the model is %+v, %v", m, err)
	}
	o.Model = m
	if _, err := ask(t.Context(), open(t, o), greedy, question); engine.KindOf(err) != engine.NotVision {
		t.Errorf("the error is %v", err)
	}

	listed, err := models.List()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, l := range listed {
		names[l.Name] = l.Problem == nil
	}
	for _, name := range []string{server.Model, server.Blind, server.Thinker} {
		if !names[models.OllamaPrefix+name+":latest"] {
			t.Errorf("%s is not listed as usable: %+v", name, listed)
		}
	}
}
