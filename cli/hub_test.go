package cli

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vlmchat/vlmchat/models/catalogue"
	"github.com/vlmchat/vlmchat/models/hub"
	"github.com/vlmchat/vlmchat/models/hub/hubtest"
	"github.com/vlmchat/vlmchat/testdata/tinyclip"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// testHub is a hub on which the models of the curated list are tiny-vlm under their names, and
// openai/clip-vit-base-patch32 is tiny-clip. It serves all tests.
var testHub = sync.OnceValue(func() *hubtest.Server {
	s := hubtest.Start()
	for _, m := range catalogue.All() {
		n, err := hub.ParseName(m.Hub)
		if err != nil {
			panic(err)
		}
		s.Add(n.Repo, hubtest.Files{
			"README.md": "# A model\n", m.Name + "-" + n.Variant + ".gguf": string(tinyvlm.Model), m.Name + "-F16.gguf": string(tinyvlm.Model) + strings.Repeat("\x00", 32),
			m.Projector: string(tinyvlm.Projector),
		})
	}
	clip := hubtest.Files{"pytorch_model.bin": "pickled"}
	entries, err := tinyclip.Files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		b, err := tinyclip.Files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		clip[e.Name()] = string(b)
	}
	s.Add("openai/clip-vit-base-patch32", clip)
	s.Add("me/blind-GGUF", hubtest.Files{"blind-Q8_0.gguf": string(tinyvlm.Model)})
	s.Add("me/weights", hubtest.Files{"model.safetensors": "x", "config.json": `{"model_type":"llava"}`})
	s.Add("me/gated-GGUF", hubtest.Files{"gated-Q8_0.gguf": string(tinyvlm.Model)})
	s.Gate("me/gated-GGUF")
	return s
})

// hubEnv are the variables of a shell that has that hub and an empty cache of it.
func hubEnv(t *testing.T, dir string) []string {
	t.Helper()
	return []string{"HF_ENDPOINT=" + testHub().URL, "HF_HOME=" + filepath.Join(dir, "hf"), "HF_HUB_CACHE=", "HUGGINGFACE_HUB_CACHE=", "HF_TOKEN=", "HF_HUB_OFFLINE="}
}

// writeModel puts tiny-vlm's files into a folder by names.
func writeModel(t *testing.T, dir, model, projector string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{model: tinyvlm.Model, projector: tinyvlm.Projector} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// flipBit changes a bit in a file that a pattern names, as a disk may: flipbit PATTERN
func flipBit(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	f, err := os.OpenFile(found[0], os.O_RDWR, 0)
	ts.Check(err)
	defer f.Close()
	const where = 2_000_000 // among the weights
	one := make([]byte, 1)
	_, err = f.ReadAt(one, where)
	ts.Check(err)
	_, err = f.WriteAt([]byte{one[0] ^ 1}, where)
	ts.Check(err)
}
