package models

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/catalogue"
	"github.com/vlmchat/vlmchat/models/hub"
)

// Fetchable is a model that can be fetched from Hugging Face.
type Fetchable struct {
	Written   string // as a person names it
	Hub       hub.Name
	Projector string           // the file that is to be its projector; "" chooses
	Listed    *catalogue.Model // if it is of the curated list
}

// FindFetchable tells which model of Hugging Face's hub is meant by a name: one of the
// curated list, or owner/repository as hub.ParseName takes it. Nobody is asked.
func FindFetchable(name string) (Fetchable, error) {
	f := Fetchable{Written: name}
	if m, ok := catalogue.Find(name); ok {
		f.Written, f.Projector, f.Listed = m.Name, m.Projector, &m
		name = m.Hub
	}
	var err error
	f.Hub, err = hub.ParseName(name)
	if err == nil && f.Listed == nil && !hub.SaysHub(name) && strings.EqualFold(filepath.Ext(f.Hub.Repo), ".gguf") {
		err = &engine.Error{Kind: engine.ModelNotFound, Message: name + " is a file's name, and no repository's", Hint: "a repository is owner/name"}
	}
	return f, err
}

// findOnHub finds a model that is called by its name at Hugging Face, or by that of the
// curated list, in the hub's cache.
func findOnHub(name, projector string) (Model, error) {
	f, err := FindFetchable(name)
	if err != nil {
		return Model{}, err
	}
	return findCached(f, projector)
}

func findCached(f Fetchable, projector string) (Model, error) {
	c, err := hub.FindCached(f.Hub)
	if err != nil {
		return Model{}, notCached(f, err)
	}
	if projector == "" {
		projector = c.Projector
	}
	m, err := fromFile(c.Model, projector)
	m.Hub = c.Name.String()
	return m, err
}

// notCached tells of a model that is not in the cache in the words in which it was asked for.
func notCached(f Fetchable, err error) error {
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.ModelNotFound {
		return err
	}
	switch {
	case f.Listed != nil:
		return &engine.Error{
			Kind:    e.Kind,
			Message: fmt.Sprintf("%s is not here yet: %s", f.Listed.Name, e.Message),
			Hint:    fmt.Sprintf("fetch it with 'vlmchat models pull %s' (%s)", f.Listed.Name, gigabytes(f.Listed.Size())),
			Err:     err,
		}
	case !hub.SaysHub(f.Written):
		return &engine.Error{
			Kind:    e.Kind,
			Message: fmt.Sprintf("there is no model %s: no such file, none of that name in the data directory, and %s", f.Written, e.Message),
			Hint:    e.Hint,
			Err:     err,
		}
	}
	return err
}

// gigabytes is a size for people.
func gigabytes(n int64) string {
	if n < 1e9 {
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// listCached are the models in the hub's cache.
func listCached() ([]Listed, error) {
	cached, err := hub.ListCached()
	var all []Listed
	for _, c := range cached {
		l := Listed{Name: c.Name.String()}
		switch {
		case c.Incomplete && c.Size == 0:
			continue // it was refused before anything came
		case c.Incomplete:
			l.Problem = &engine.Error{
				Kind:    engine.ModelNotFound,
				Message: "not all of it has come yet",
				Hint:    fmt.Sprintf("'vlmchat models pull %s' goes on with it", c.Name),
			}
		default:
			l.Model, l.Problem = fromFile(c.Model, c.Projector)
			l.Model.Hub = l.Name
		}
		all = append(all, l)
	}
	return all, err
}

// fromFile is the model of a file and a projector, "" for none.
func fromFile(path, projector string) (Model, error) {
	m := Model{Path: path, Projector: projector}
	g, err := read(path, "the model")
	if err != nil {
		return Model{}, err
	}
	if isProjector(g) {
		return Model{}, &engine.Error{
			Kind:    engine.ModelInvalid,
			Message: path + " is a projector (mmproj), not a language model",
			Hint:    "name the language model with --model and this file with --mmproj",
		}
	}
	if m.Name = g.String("general.name"); m.Name == "" {
		m.Name = strings.TrimSuffix(filepath.Base(path), ".gguf")
	}
	if m.Projector == "" {
		return m, nil
	}
	return m, m.checkProjector()
}
