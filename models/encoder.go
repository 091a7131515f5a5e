package models

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub"
	"github.com/vlmchat/vlmchat/spelling"
)

// Encoder is a set of files that turn pictures and texts into vectors of one space: the
// checkpoint of a dual encoder (CLIP, SigLIP), or an embedding model in GGUF.
type Encoder struct {
	Name   string // for people
	Folder string // of a checkpoint; "" for a GGUF model
	Model  Model  // the GGUF model
	Demo   bool   // the built-in one
}

// DemoEncoderName is the name of the encoder built into vlmchat.
const DemoEncoderName = "tiny-clip"

// FindEncoder resolves what a person calls an encoder: nothing or "tiny-clip" for the demo
// encoder, the folder of a checkpoint, its name in the data directory's models, its name at
// Hugging Face if it is in the cache of that (see package hub), or what Find takes for an
// embedding model in GGUF.
func FindEncoder(name string) (Encoder, error) {
	if name == "" || name == DemoEncoderName {
		return demoEncoder()
	}
	if repo, ok := strings.CutPrefix(name, hub.Prefix); ok {
		if folder, ok := hub.Snapshot(repo, isCheckpoint); ok {
			return Encoder{Name: name, Folder: folder}, checkCheckpoint(folder)
		}
	}
	if folder, ok := checkpointFolder(name); ok {
		folder, err := filepath.Abs(folder)
		if err != nil {
			return Encoder{}, err
		}
		return Encoder{Name: name, Folder: folder}, checkCheckpoint(folder)
	}
	if err := checkNotPickled(name); err != nil {
		return Encoder{}, err
	}
	m, err := Find(name, "")
	if engine.KindOf(err) == engine.ModelNotFound && !strings.HasPrefix(name, OllamaPrefix) {
		if _, statErr := os.Stat(name); statErr != nil {
			return Encoder{}, noEncoder(name)
		}
	}
	if fi, statErr := os.Stat(name); err != nil && statErr == nil && fi.IsDir() && len(languageModelsIn(name)) == 0 {
		return Encoder{}, &engine.Error{
			Kind:    engine.ModelNotFound,
			Message: fmt.Sprintf("the folder %s holds no encoder: neither the config.json of a checkpoint nor a GGUF model", name),
			Hint:    "a CLIP or SigLIP checkpoint is a folder with config.json, model.safetensors, preprocessor_config.json and tokenizer.json",
		}
	}
	if err == nil && m.Projector == "" {
		err = &engine.Error{
			Kind:    engine.NotVision,
			Message: fmt.Sprintf("%s can't see: an encoder turns pictures into vectors, and this model has no projector beside it", m.Name),
			Hint:    "name the folder of a CLIP or SigLIP checkpoint with --encoder, or put the model's mmproj file into its folder",
		}
	}
	return Encoder{Name: m.Name, Model: m, Demo: m.Demo}, err
}

// checkpointFolder finds the folder with the config.json of a checkpoint that a person
// means, by the folder, one of its files, or a name.
func checkpointFolder(name string) (string, bool) {
	candidates := []string{name}
	switch filepath.Ext(name) {
	case ".safetensors", ".json":
		candidates = append(candidates, filepath.Dir(name))
	}
	if data, err := config.DataDir(); err == nil && !filepath.IsAbs(name) {
		candidates = append(candidates, filepath.Join(data, "models", name))
	}
	for _, c := range candidates {
		if isCheckpoint(c) {
			return c, true
		}
		if folder, ok := hub.SnapshotIn(c, isCheckpoint); ok {
			return folder, true
		}
	}
	return hub.Snapshot(name, isCheckpoint)
}

// isCheckpoint reports whether a folder holds a model as transformers writes it.
func isCheckpoint(dir string) bool {
	fi, err := os.Stat(filepath.Join(dir, "config.json"))
	return err == nil && fi.Mode().IsRegular()
}

// EncoderTypes are the model types of encoders that can be used, as a config.json names them.
var EncoderTypes = hub.EncoderTypes

// modelType is what the config.json of a checkpoint says that the model is.
func modelType(dir string) string {
	f, err := os.Open(filepath.Join(dir, "config.json"))
	if err != nil {
		return ""
	}
	defer f.Close()
	var c struct {
		Type string `json:"model_type"`
	}
	if json.NewDecoder(io.LimitReader(f, 1<<20)).Decode(&c) != nil {
		return ""
	}
	return c.Type
}

// checkCheckpoint looks whether a checkpoint has the files that an encoder needs; what is
// in them, whoever opens it looks at.
func checkCheckpoint(dir string) error {
	kind := modelType(dir)
	has := func(pattern string) bool {
		found, _ := filepath.Glob(filepath.Join(escapeGlob(dir), pattern))
		return len(found) > 0
	}
	switch {
	case kind != "" && !slices.Contains(EncoderTypes, kind):
		return &engine.Error{
			Kind:    engine.ModelInvalid,
			Message: fmt.Sprintf("%s is a model of the type %q, and no encoder that can be used: %s are", dir, kind, strings.Join(EncoderTypes, " and ")),
			Hint:    "name the folder of a CLIP or SigLIP checkpoint with --encoder; chat models are named with --model, as GGUF files",
		}
	case !has("*.safetensors") && !has("*.safetensors.index.json") && !has("*.bin") && !has("*.pt") && (has("*.onnx") || has("onnx/*.onnx")):
		return &engine.Error{
			Kind:    engine.ModelInvalid,
			Message: dir + " has the weights for ONNX only, which vlmchat can't compute",
			Hint:    "get model.safetensors of the same model, or of the one that it was made of",
		}
	case has("*.safetensors") && !has("tokenizer.json") && (!has("vocab.json") || !has("merges.txt")):
		what := "a tokenizer.json, or vocab.json and merges.txt, as the model was published with"
		if has("spiece.model") {
			what = "a tokenizer.json: its spiece.model alone can't be read"
		}
		return &engine.Error{
			Kind:    engine.ModelInvalid,
			Message: fmt.Sprintf("the encoder %s has no tokenizer, so it can't read texts: it needs %s", dir, what),
			Hint:    "get the missing file from where the model is from",
		}
	}
	return nil
}

// checkNotPickled refuses a file of weights that runs code when it is read.
func checkNotPickled(name string) error {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".bin", ".pt", ".pth", ".ckpt", ".pkl":
	default:
		return nil
	}
	if fi, err := os.Stat(name); err != nil || fi.IsDir() {
		return nil
	}
	return &engine.Error{
		Kind:    engine.ModelInvalid,
		Message: name + " is pickled: loading it would run code of whoever made it, so it is not read",
		Hint:    "get the model's model.safetensors, or convert it: in Python, load it with transformers in a place that you can lose, and save_pretrained it",
	}
}

// noEncoder is the error about a name that nothing has.
func noEncoder(name string) error {
	names := EncoderNames()
	e := &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("there is no encoder %s: no such folder or file, none of that name in the data directory, and none in the cache of Hugging Face", name),
		Hint:    "there are: " + strings.Join(names, ", "),
	}
	if near := spelling.Nearest(name, names, 1+len(name)/4); near != "" {
		e.Hint = "you may mean " + near
	} else if hub.IsRepo(name) {
		e.Hint = fmt.Sprintf("fetch it with 'vlmchat models pull hf:%s', or get its files from https://huggingface.co/%s and name their folder", name, name)
	}
	return e
}

// EncoderNames are the names of the encoders that are here: the demo one, the checkpoints in
// the data directory's models and those in the cache of Hugging Face.
func EncoderNames() []string {
	names := []string{DemoEncoderName}
	if data, err := config.DataDir(); err == nil {
		dir := filepath.Join(data, "models")
		entries, _ := os.ReadDir(dir) // what can't be read holds none
		for _, entry := range entries {
			folder := filepath.Join(dir, entry.Name())
			if slices.Contains(EncoderTypes, modelType(folder)) && !isDemoFolder(entry.Name()) {
				names = append(names, entry.Name())
			}
		}
	}
	for _, repo := range hub.Repositories() {
		if folder, ok := hub.Snapshot(repo, isCheckpoint); ok && slices.Contains(EncoderTypes, modelType(folder)) {
			names = append(names, repo)
		}
	}
	return names
}

// ListedEncoder is an encoder that is here.
type ListedEncoder struct {
	Name    string // what FindEncoder takes
	Encoder Encoder
	Problem error // why it can't be used; nil if nothing is seen to speak against it
}

// ListEncoders returns the encoders that can be named without a path and are not chat
// models as well.
func ListEncoders() []ListedEncoder {
	var all []ListedEncoder
	for _, name := range EncoderNames() {
		e, err := FindEncoder(name)
		all = append(all, ListedEncoder{name, e, err})
	}
	return all
}

// asModel is the error about an encoder, or another checkpoint of transformers, that is named
// as a chat model; nil if there is none of that name.
func asModel(name string) error {
	folder, ok := checkpointFolder(name)
	if name == DemoEncoderName {
		folder, ok = name, true
	}
	switch {
	case !ok:
		return nil
	case name == DemoEncoderName || slices.Contains(EncoderTypes, modelType(folder)):
		return &engine.Error{
			Kind:    engine.ModelInvalid,
			Message: name + " is an encoder of pictures and texts, which can't chat",
			Hint:    "name it with --encoder, for 'vlmchat classify', 'vlmchat index' and 'vlmchat search'",
		}
	}
	return &engine.Error{
		Kind:    engine.ModelInvalid,
		Message: fmt.Sprintf("the folder %s holds a model as transformers writes it (%s), and the native engine runs GGUF files", folder, modelType(folder)),
		Hint:    "get the model in GGUF format, with its mmproj file",
	}
}

func escapeGlob(dir string) string {
	if os.PathSeparator == '\\' {
		return dir // where patterns have no escapes
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}
