package models

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// put writes files below a folder.
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

const clipConfig = `{"model_type":"clip"}`

func TestFindEncoder(t *testing.T) {
	data, hub, here := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("VLMCHAT_DATA_DIR", data)
	t.Setenv("HF_HUB_CACHE", hub)
	t.Chdir(here)
	whole := func(dir string, config string) map[string]string {
		return map[string]string{dir + "config.json": config, dir + "model.safetensors": "x", dir + "tokenizer.json": "{}"}
	}
	put(t, here, whole("clip/", clipConfig))
	put(t, here, whole("odd [name]*/", clipConfig))
	put(t, here, whole("llava/", `{"model_type":"llava"}`))
	put(t, here, map[string]string{"onnx/config.json": clipConfig, "onnx/onnx/model.onnx": "x"})
	put(t, here, map[string]string{"mute/config.json": clipConfig, "mute/model.safetensors": "x"})
	put(t, here, map[string]string{"piece/config.json": `{"model_type":"siglip"}`, "piece/model.safetensors": "x", "piece/spiece.model": "x"})
	put(t, here, map[string]string{"old/pytorch_model.bin": "x", "embedder/e.gguf": string(tinyvlm.Model), "embedder/mmproj-e.gguf": string(tinyvlm.Projector), "blind.gguf": string(tinyvlm.Model)})
	put(t, data, whole("models/mine/", `{"model_type":"siglip"}`))
	put(t, data, whole("models/tiny-clip-0123456789abcdef/", clipConfig))
	put(t, hub, whole("models--openai--clip-vit-base-patch32/snapshots/aaaa/", `{"model_type":"bert"}`))
	put(t, hub, whole("models--openai--clip-vit-base-patch32/snapshots/bbbb/", clipConfig))
	put(t, hub, map[string]string{"models--openai--clip-vit-base-patch32/refs/main": "bbbb\n"})
	put(t, hub, whole("models--google--siglip-base/snapshots/cccc/", `{"model_type":"siglip"}`))
	put(t, hub, whole("models--google--bert/snapshots/cccc/", `{"model_type":"bert"}`))
	snapshots := filepath.Join(hub, "models--openai--clip-vit-base-patch32", "snapshots")
	for name, want := range map[string]string{
		"clip": filepath.Join(here, "clip"), "./clip/": filepath.Join(here, "clip"), filepath.Join(here, "clip"): filepath.Join(here, "clip"),
		"clip/model.safetensors": filepath.Join(here, "clip"), "clip/config.json": filepath.Join(here, "clip"), "odd [name]*": filepath.Join(here, "odd [name]*"),
		"mine": filepath.Join(data, "models", "mine"), "openai/clip-vit-base-patch32": filepath.Join(snapshots, "bbbb"),
		filepath.Dir(snapshots): filepath.Join(snapshots, "bbbb"), "google/siglip-base": filepath.Join(hub, "models--google--siglip-base", "snapshots", "cccc"),
		"embedder": "", "": "", DemoEncoderName: "",
	} {
		e, err := FindEncoder(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		have, _ := filepath.EvalSymlinks(e.Folder)
		expected, _ := filepath.EvalSymlinks(want)
		if want != "" && have != expected || e.Folder == "" && e.Model.Path == "" || e.Name == "" {
			t.Errorf("%s is found as %+v, not in %s", name, e, want)
		}
	}
	for name, want := range map[string]string{
		"llava": `the type "llava"`, "google/bert": `the type "bert"`, "onnx": "ONNX", "mute": "no tokenizer", "piece": "spiece.model",
		"old/pytorch_model.bin": "pickled", "blind.gguf": "can't see", "nothing": "no encoder nothing", "openai/nothing-there": "models pull hf:openai/nothing-there",
		"mime": "you may mean mine", "old": "holds no encoder",
	} {
		_, err := FindEncoder(name)
		var e *engine.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message+" "+e.Hint, want) {
			t.Errorf("%s: %v, which should say %q", name, err, want)
		}
	}
	names := EncoderNames()
	if want := []string{DemoEncoderName, "mine", "google/siglip-base", "openai/clip-vit-base-patch32"}; !slices.Equal(names, want) {
		t.Errorf("the encoders are %q, not %q", names, want)
	}
	for name, want := range map[string]string{"clip": "--encoder", "mine": "--encoder", "openai/clip-vit-base-patch32": "--encoder", DemoEncoderName: "--encoder", "llava": "GGUF"} {
		_, err := Find(name, "")
		var e *engine.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message+" "+e.Hint, want) {
			t.Errorf("as a chat model %s gives %v, which should say %s", name, err, want)
		}
	}
}
