package native

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// adapter writes an adapter's file.
func adapter(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "adapter.gguf")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An adapter changes the answers into those of a llama-server with the same
// adapters, token for token; a scale of 0 leaves them as they are.
func TestLoRALikeLlamaServer(t *testing.T) {
	t.Parallel()
	one, two := adapter(t, hostile.LoRA(1).Bytes()), adapter(t, hostile.LoRA(2).Bytes())
	question := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-06.png"))}
	plain := mustAsk(t, open(t, options(t)), greedy, question...)
	for name, c := range map[string]struct {
		loras   []LoRA
		changes bool
	}{
		"off":             {[]LoRA{{one, 0}}, false},
		"on":              {[]LoRA{{one, 1}}, true},
		"half":            {[]LoRA{{one, 0.5}}, true},
		"subtracted":      {[]LoRA{{one, -0.7}}, true},
		"two":             {[]LoRA{{one, 0.6}, {two, 0.6}}, true},
		"two, one is off": {[]LoRA{{one, 0}, {two, 1}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.LoRAs = c.loras
			var args []string
			for _, a := range c.loras {
				args = append(args, fmt.Sprintf("%s:%g", a.Path, a.Scale))
			}
			server := llamaserver.Run(t, o.Model.Path, o.Model.Projector, "-np", "1", "--temp", "0", "--lora-scaled", strings.Join(args, ","))
			e := open(t, o)
			compare(t, e, server, question...)
			compare(t, e, server, engine.Ask("What color is the background?", sample(t, "scene-11.jpg")))
			compare(t, e, server, engine.Text(engine.User, "Who are you?"))
			got := mustAsk(t, e, greedy, question...).text
			if (got != plain.text) != c.changes {
				t.Errorf("the answer is %q, without adapters %q", got, plain.text)
			}
		})
	}
}

// Adapters that are damaged, hostile or another model's are refused with the
// reason, and cost no worker.
func TestHostileLoRAsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range hostile.LoRAs[:3] { // the others are tried in package models
		o := options(t)
		o.LoRAs = []LoRA{{adapter(t, c.Make()), 1}}
		if _, err := open(t, o).Info(t.Context()); engine.KindOf(err) != engine.ModelInvalid || !strings.Contains(err.Error(), c.Want) {
			t.Errorf("%s: the error is %v (%s)", c.Name, err, engine.KindOf(err))
		}
	}
	o := options(t)
	o.LoRAs = []LoRA{{"/nowhere/adapter.gguf", 1}}
	if _, err := open(t, o).Info(t.Context()); engine.KindOf(err) != engine.ModelNotFound || !strings.Contains(err.Error(), "the LoRA adapter /nowhere/adapter.gguf") {
		t.Errorf("the error is %v", err)
	}
}

// Adapters belong to the identity of a worker, and to that of what it saves.
func TestLoRAsIdentifyWorkers(t *testing.T) {
	t.Parallel()
	o := options(t)
	path := adapter(t, hostile.LoRA(1).Bytes())
	keys := map[string]bool{}
	for _, loras := range [][]LoRA{nil, {{path, 1}}, {{path, 0.5}}} {
		o.LoRAs = loras
		s := New(o).spec
		state, pictures := identities(s)
		keys[s.key()], keys[state], keys[pictures] = true, true, true
	}
	if err := os.WriteFile(path, hostile.LoRA(2).Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(o).spec
	state, pictures := identities(s)
	keys[s.key()], keys[state], keys[pictures] = true, true, true
	if len(keys) != 4+4+1 || keys[""] {
		t.Errorf("the identities are %v", keys)
	}
}

func TestParseLoRA(t *testing.T) {
	t.Parallel()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]LoRA{
		"a.gguf":        {filepath.Join(dir, "a.gguf"), 1},
		"a.gguf:0.25":   {filepath.Join(dir, "a.gguf"), 0.25},
		"a.gguf:-2":     {filepath.Join(dir, "a.gguf"), -2},
		"a:b.gguf":      {filepath.Join(dir, "a:b.gguf"), 1},
		"a:1.gguf:0":    {filepath.Join(dir, "a:1.gguf"), 0},
		"x/../a.gguf:1": {filepath.Join(dir, "a.gguf"), 1},
	} {
		if got, err := ParseLoRA(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", ":1", "a:NaN", "a:Inf", "a:1e9"} {
		if got, err := ParseLoRA(text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
