// Package models knows which files make a model or an encoder, wherever they are: in the data
// directory, in the cache of Hugging Face, in Ollama's store, or built in. It finds those that
// belong together, reads what they say of themselves, refuses what would do harm, and imports
// and removes them. To fetch them is package hub's.
package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub"
)

// Model is a set of files that the native engine can load.
type Model struct {
	Name          string // for people
	Path          string // of the language model
	Projector     string // of the picture encoder; "" for a model that can't see
	EncoderLayers int    // of the picture encoder, 0 if it does not tell
	Demo          bool   // the built-in tiny model
	Ollama        bool   // pulled by Ollama, whose folder is not for other files
	Hub           string // its name at Hugging Face if it is in the hub's cache, else ""

	// What its makers laid down beside the weights, as Ollama's Modelfiles do.
	LoRAs  []string // paths of adapters that are part of it
	System string   // the system message of conversations that have none
	Stop   []string // where answers end unless others are asked for
}

// DemoName is the name of the model built into vlmchat.
const DemoName = "tiny-vlm"

// Find resolves what a person calls a model: nothing or "tiny-vlm" for the demo
// model, the path of a GGUF file or of a folder with one, the name of a folder
// or file in the data directory's models, with OllamaPrefix a model that Ollama
// has pulled, or what was fetched from Hugging Face, by its name there
// ("hf:owner/repo:Q8_0") or that of the curated list ("smolvlm-500m"). The
// projector is looked for beside the model unless it is named.
func Find(name, projector string) (Model, error) {
	if (name == "" || name == DemoName) && projector == "" {
		return demo()
	}
	if name == "" {
		return Model{}, &engine.Error{
			Kind:    engine.ModelNotFound,
			Message: "the projector " + projector + " is named, but not the model that it belongs to",
			Hint:    "name the language model with --model",
		}
	}
	if name, ok := strings.CutPrefix(name, OllamaPrefix); ok {
		return findOllama(ollamaStores(), name, projector)
	}
	if hub.SaysHub(name) {
		return findOnHub(name, projector)
	}
	path, err := locate(name)
	if err != nil {
		return findElsewhere(name, projector, err)
	}
	m, err := fromFile(path, projector)
	if err != nil || projector != "" {
		return m, err
	}
	if m.Projector, err = projectorBeside(path); err != nil {
		return Model{}, err
	}
	if m.Projector == "" {
		return m, nil
	}
	return m, m.checkProjector()
}

// findElsewhere finds a model that no file is called by. missing is the error of that.
func findElsewhere(name, projector string, missing error) (Model, error) {
	if other := asModel(name); other != nil {
		return Model{}, other
	}
	if engine.KindOf(missing) != engine.ModelNotFound {
		return Model{}, missing
	}
	if _, err := FindFetchable(name); err == nil {
		return findOnHub(name, projector)
	}
	return Model{}, missing
}

// locate finds the file of a model.
func locate(name string) (string, error) {
	candidates := []string{name}
	if data, err := config.DataDir(); err == nil && !filepath.IsAbs(name) {
		candidates = append(candidates, filepath.Join(data, "models", name), filepath.Join(data, "models", name+".gguf"))
	}
	for _, path := range candidates {
		fi, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			continue
		}
		if err != nil {
			return "", &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("the model %s can't be read: %v", name, errors.Unwrap(err)), Err: err}
		}
		if !fi.IsDir() {
			return filepath.Abs(path)
		}
		return modelIn(path)
	}
	return "", &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("there is no model %s: no such file, and no model of that name in the data directory", name),
		Hint:    "name a GGUF file with --model, or fetch one of 'vlmchat models list --curated'; without --model the demo model answers",
	}
}

// modelIn finds the one language model of a folder.
func modelIn(dir string) (string, error) {
	files := languageModelsIn(dir)
	switch len(files) {
	case 1:
		return filepath.Abs(files[0])
	case 0:
		return "", &engine.Error{Kind: engine.ModelNotFound, Message: "the folder " + dir + " holds no GGUF model"}
	}
	return "", &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("the folder %s holds several models, such as %s and %s", dir, filepath.Base(files[0]), filepath.Base(files[1])),
		Hint:    "name one of the files with --model",
	}
}

// projectorBeside finds the projector in a model's folder: the only one, or the
// one whose name has most in common with the model's.
func projectorBeside(model string) (string, error) {
	files := ggufIn(filepath.Dir(model))
	files = slices.DeleteFunc(files, func(f string) bool { return !looksLikeProjector(f) || f == model })
	if len(files) <= 1 {
		return strings.Join(files, ""), nil
	}
	stem := func(f string) string {
		name := strings.ToLower(strings.TrimSuffix(filepath.Base(f), ".gguf"))
		return strings.Trim(strings.Replace(name, "mmproj", "", 1), "-_.")
	}
	alike := func(f string) int {
		a, b := stem(f), stem(model)
		n := 0
		for n < min(len(a), len(b)) && a[n] == b[n] {
			n++
		}
		return n
	}
	slices.SortStableFunc(files, func(a, b string) int { return alike(b) - alike(a) })
	if alike(files[0]) == alike(files[1]) {
		return "", &engine.Error{
			Kind:    engine.ModelNotFound,
			Message: fmt.Sprintf("beside %s lie several projectors, such as %s and %s", model, filepath.Base(files[0]), filepath.Base(files[1])),
			Hint:    "name the one that belongs to the model with --mmproj",
		}
	}
	return files[0], nil
}

func looksLikeProjector(path string) bool {
	return strings.Contains(strings.ToLower(filepath.Base(path)), "mmproj")
}

func isProjector(g *GGUF) bool {
	return g.String("general.architecture") == "clip" || g.String("general.type") == "mmproj"
}

// checkProjector makes sure that the projector is one. Whether it fits the
// model, libmtmd finds out and tells.
func (m *Model) checkProjector() error {
	p, err := read(m.Projector, "the projector")
	if err != nil {
		return err
	}
	if !isProjector(p) {
		return &engine.Error{
			Kind:    engine.ModelInvalid,
			Message: m.Projector + " is not a projector (mmproj) but a model of architecture " + p.String("general.architecture"),
			Hint:    "name the projector file that was published with the model with --mmproj",
		}
	}
	if m.Projector, err = filepath.Abs(m.Projector); err != nil {
		return err
	}
	m.EncoderLayers = p.Int("clip.vision.block_count")
	return nil
}

// read reads a file's metadata and turns failures into errors for people.
func read(path, what string) (*GGUF, error) {
	g, err := ReadGGUF(path)
	switch {
	case err == nil:
		return g, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("%s %s does not exist", what, path), Err: err}
	case errors.Is(err, fs.ErrPermission):
		return nil, &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("%s %s can't be read: permission denied", what, path), Err: err}
	}
	return nil, unfit(path, what, err)
}

// ggufIn lists the GGUF files of a folder, links to files among them, by name.
func ggufIn(dir string) []string {
	entries, _ := os.ReadDir(dir) // what can't be read holds none
	var files []string
	for _, entry := range entries {
		if !entry.IsDir() && strings.EqualFold(filepath.Ext(entry.Name()), ".gguf") {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	return files
}
