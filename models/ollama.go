package models

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// OllamaPrefix begins what a person calls a model that Ollama has pulled:
// ollama:llava, ollama:llava:7b, ollama:namespace/model:tag or
// ollama:host/namespace/model:tag.
const OllamaPrefix = "ollama:"

// mostNamed is how many models an error names.
const mostNamed = 20

// inOllama is a model in one of the stores.
type inOllama struct {
	name  ollamaName
	store ollamaStore
}

// allInOllama returns the models of all stores, those of the first ones where
// several have a name. The error tells of stores that can't be read; what the
// others have is returned all the same.
func allInOllama(stores []ollamaStore) ([]inOllama, error) {
	var all []inOllama
	var errs []error
	known := map[ollamaName]bool{}
	for _, s := range stores {
		names, err := s.names()
		if err != nil {
			errs = append(errs, err)
		}
		for _, n := range names {
			if !known[n] {
				known[n] = true
				all = append(all, inOllama{n, s})
			}
		}
	}
	return all, errors.Join(errs...)
}

// findOllama finds a model that Ollama has pulled. The projector is the store's
// unless one is named.
func findOllama(stores []ollamaStore, name, projector string) (Model, error) {
	all, unread := allInOllama(stores)
	if name == "" {
		return Model{}, notInOllama("no model of Ollama's is named", stores, all, unread)
	}
	wanted, err := parseOllamaName(name)
	if err != nil {
		return Model{}, notInOllama(fmt.Sprintf("%s is no name of a model of Ollama's: %v", shown(name), err), stores, all, unread)
	}
	var found *inOllama
	for i := range all {
		if all[i].name == wanted {
			found = &all[i]
			break
		}
		if found == nil && all[i].name.is(wanted) {
			found = &all[i]
		}
	}
	if found == nil {
		return Model{}, notInOllama(fmt.Sprintf("Ollama has no model %s here", wanted), stores, all, unread)
	}
	return found.model(projector)
}

// notInOllama is the error for a model that is in no store.
func notInOllama(message string, stores []ollamaStore, all []inOllama, unread error) *engine.Error {
	e := &engine.Error{Kind: engine.ModelNotFound, Message: message}
	var names []string
	for _, m := range all {
		names = append(names, m.name.String())
	}
	switch n := len(names); {
	case n > mostNamed:
		e.Hint = fmt.Sprintf("it has %s and %d more ('vlmchat models list' shows them): name one with --model ollama:NAME", strings.Join(names[:mostNamed], ", "), n-mostNamed)
	case n > 0:
		e.Hint = fmt.Sprintf("it has %s: name one with --model ollama:NAME", strings.Join(names, ", "))
	case unread == nil:
		var dirs []string
		for _, s := range stores {
			dirs = append(dirs, s.dir)
		}
		e.Hint = fmt.Sprintf("there are no models in %s: pull one with 'ollama pull NAME', or name Ollama's folder of models with OLLAMA_MODELS", strings.Join(dirs, ", "))
	}
	if unread != nil {
		e.Message += "; " + strings.ReplaceAll(unread.Error(), "\n", "; ")
		e.Err = unread
		e.Hint = strings.TrimPrefix(e.Hint+"; ", "; ") + "the models of a server that runs as another user are asked with --backend ollama --model NAME"
	}
	return e
}

// model returns the model with what its Modelfile says that vlmchat heeds.
func (o inOllama) model(projector string) (Model, error) {
	m, err := o.parts(projector)
	if err != nil {
		return Model{}, o.unusable(err)
	}
	g, err := read(m.Path, "the model")
	if err != nil {
		return Model{}, o.unusable(err)
	}
	switch {
	case isProjector(g):
		return Model{}, o.unusable(errors.New("it is a projector without its language model"))
	case m.Projector != "":
		if err := m.checkProjector(); err != nil {
			return Model{}, o.unusable(err)
		}
	case holdsEncoder(g):
		return Model{}, o.unusable(errors.New("it has its projector in the same file, as only Ollama's own engine can load it; llama.cpp wants two"))
	}
	return m, nil
}

// parts collects the files of a model.
func (o inOllama) parts(projector string) (Model, error) {
	m := Model{Name: o.name.String(), Projector: projector, Ollama: true}
	manifest, err := o.store.manifest(o.name)
	if err != nil {
		return m, err
	}
	weights, projectors, tensors := 0, 0, 0
	for _, l := range manifest.Layers {
		switch l.kind() {
		case "model":
			weights++
			m.Path, err = o.store.blob(l)
		case "projector":
			if projectors++; projector == "" {
				m.Projector, err = o.store.blob(l)
			}
		case "adapter":
			var adapter string
			adapter, err = o.store.blob(l)
			m.LoRAs = append(m.LoRAs, adapter)
		case "system":
			var text []byte
			text, err = o.store.text(l, maxSystem)
			m.System = string(text)
		case "params":
			var text []byte
			if text, err = o.store.text(l, maxParams); err == nil {
				m.Stop, err = parseOllamaStops(text)
			}
		case "tensor":
			tensors++
		}
		if err != nil {
			return m, err
		}
	}
	switch {
	case tensors > 0:
		return m, errors.New("its weights are single tensors, as only Ollama's own engine can load them; llama.cpp wants GGUF files")
	case weights == 0:
		return m, errors.New("it has no weights here: such a model runs on other computers")
	case weights > 1:
		return m, fmt.Errorf("its weights are in %d files, and one is expected", weights)
	case projectors > 1 && projector == "":
		return m, fmt.Errorf("it has %d projectors, and one is expected", projectors)
	}
	return m, nil
}

// unusable is the error for a model of a store that the native engine can't run.
func (o inOllama) unusable(err error) *engine.Error {
	return &engine.Error{
		Kind:    engine.ModelInvalid,
		Message: fmt.Sprintf("Ollama's model %s can't be run natively: %v", o.name, err),
		Hint:    fmt.Sprintf("ask Ollama itself with --backend ollama --model %s; if it can't either, 'ollama pull %s' mends it", o.name, o.name),
		Err:     err,
	}
}

// holdsEncoder reports whether a language model's file has an encoder for
// pictures in it, in Ollama's own form.
func holdsEncoder(g *GGUF) bool {
	_, ok := g.Values[g.String("general.architecture")+".vision.block_count"]
	return ok
}
