package enginetest_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/engine/openai"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// The tests' executable serves as the native engine's worker.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == native.WorkerCommand {
		os.Exit(native.WorkerMain(os.Stdin))
	}
	dir, err := os.MkdirTemp("", "vlm")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_RUNTIME_DIR", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// openNative opens an engine on a worker that answers so many at once; those who ask
// for another number have another worker.
func openNative(t testing.TB, parallel int) *native.Engine {
	t.Helper()
	libraries, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	model, err := models.Find("", "")
	if err != nil {
		t.Fatal(err)
	}
	// By f16 and flash attention numbers depend on where in the KV cache they are.
	e := native.New(native.Options{Model: model, Runtime: libraries, Threads: 1, KVType: "f32", FlashAttn: "off", Parallel: parallel})
	t.Cleanup(func() { e.Close() })
	return e
}

// openOpenAI opens an engine on a llama-server of the same runtime.
func openOpenAI(t testing.TB) *openai.Engine {
	t.Helper()
	model := filepath.Join(enginetest.Folder(), "tiny-vlm.gguf")
	projector := filepath.Join(enginetest.Folder(), "tiny-vlm-mmproj.gguf")
	e, err := openai.New(openai.Options{BaseURL: llamaserver.Start(t, model, projector, "-np", "1", "-ctk", "f32", "-ctv", "f32", "-fa", "off")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// conversations are twelve, about all of the demo model's pictures.
func conversations(t testing.TB) map[string][]engine.Message {
	t.Helper()
	all := map[string][]engine.Message{}
	user, assistant := engine.User, engine.Assistant
	pictures := samples(t)
	for i := 0; i < len(pictures); i += 2 {
		one, two := pictures[i], pictures[i+1]
		about := fmt.Sprintf("%s and %s", filepath.Base(one.Source), filepath.Base(two.Source))
		describe := engine.Ask("Describe this image.", one)
		all[about] = map[int][]engine.Message{
			0: {describe, engine.Text(assistant, "It shows a star."), engine.Ask("And this one?", two)},
			1: {describe, engine.Text(assistant, "It shows a star."), engine.Text(user, "And its color?"), engine.Text(assistant, "Red."), engine.Ask("What is the background color?", two)},
			2: {engine.Ask("Are these images the same?", one, two)},
			3: {{Role: user, Parts: []engine.Part{{Text: "First image:"}, {Picture: one}, {Text: "Second image:"}, {Picture: two}, {Text: "What is in the second image?"}}}},
			4: {engine.Text(engine.System, "Answer with one word."), engine.Ask("What color is the object?", one, two)},
			5: {engine.Text(user, "Who are you?"), engine.Text(assistant, "A tiny model."), engine.Ask("How many objects are there?", one), engine.Text(assistant, "Two."), engine.Ask("And here?", two)},
		}[i/2%6]
	}
	return all
}

// samples loads all of the demo model's pictures.
func samples(t testing.TB) (all []*images.Picture) {
	t.Helper()
	for line := range strings.Lines(read(t, "captions.jsonl")) {
		var c struct{ Image string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, enginetest.Sample(t, c.Image))
	}
	return all
}

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(enginetest.Folder(), "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The native engine and the OpenAI engine before a llama-server of the same
// runtime say the same, token for token, with the same log-probabilities.
func TestNativeAndOpenAIAgree(t *testing.T) {
	t.Parallel()
	const closeEnough = 1e-2
	// Alone with their workers: in a batch with other requests numbers differ a little.
	ours, theirs := openNative(t, 1), openOpenAI(t)
	all := conversations(t)
	if len(all) != 12 {
		t.Fatalf("there are %d conversations", len(all))
	}
	for about, messages := range all {
		req := enginetest.Greedy(messages...)
		req.Logprobs, req.TopLogprobs = true, 2
		a, b := enginetest.Ask(t.Context(), t, ours, req), enginetest.Ask(t.Context(), t, theirs, req)
		if a.Err != nil || b.Err != nil {
			t.Fatalf("%s: %v, %v", about, a.Err, b.Err)
		}
		if a.Text != b.Text || a.Usage.PromptTokens != b.Usage.PromptTokens || a.Usage.GeneratedTokens != b.Usage.GeneratedTokens || a.Finish != b.Finish {
			t.Errorf("%s: native says %q (%+v), llama-server %q (%+v)", about, a.Text, a.Usage, b.Text, b.Usage)
		}
		if len(a.Logprobs) == 0 || len(a.Logprobs) != len(b.Logprobs) {
			t.Errorf("%s: native tells of %d tokens, llama-server of %d", about, len(a.Logprobs), len(b.Logprobs))
			continue
		}
		for i, l := range a.Logprobs {
			if m := b.Logprobs[i]; l.Text != m.Text || math.Abs(l.Logprob-m.Logprob) > closeEnough {
				t.Errorf("%s: token %d is %+v, in llama-server %+v", about, i, l, m)
			}
		}
	}
}
