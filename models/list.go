package models

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub"
)

// Listed is a model that is here.
type Listed struct {
	Name    string // what Find takes
	Model   Model  // unless there is a problem
	Problem error  // why it can't be used; nil if nothing is seen to speak against it
}

// List returns the models that can be named without a path: the demo model, those in the data
// directory, those that were fetched from Hugging Face, and those that Ollama has pulled. The
// error tells of places that could not be looked at; what the others hold is returned all the
// same.
func List() ([]Listed, error) {
	return list(ollamaStores())
}

func list(stores []ollamaStore) ([]Listed, error) {
	all := []Listed{listed(DemoName)}
	names, unread := namesInData()
	for _, name := range names {
		all = append(all, listed(name))
	}
	fetched, unreadCache := listCached()
	all = append(all, fetched...)
	pulled, unreadStores := allInOllama(stores)
	for _, o := range pulled {
		l := Listed{Name: OllamaPrefix + o.name.String()}
		l.Model, l.Problem = o.model("")
		all = append(all, l)
	}
	return all, errors.Join(unread, unreadCache, unreadStores)
}

func listed(name string) Listed {
	l := Listed{Name: name}
	l.Model, l.Problem = Find(name, "")
	return l
}

// namesInData names the models in the data directory: files, folders with one
// model, and the files of folders with several.
func namesInData() ([]string, error) {
	data, err := config.DataDir()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(data, "models")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &engine.Error{Kind: engine.Failed, Message: "the models in the data directory can't be listed: " + err.Error(), Err: err}
	}
	names := relative(dir, languageModelsIn(dir))
	for _, entry := range entries {
		folder := filepath.Join(dir, entry.Name())
		if fi, err := os.Stat(folder); err != nil || !fi.IsDir() || isDemoFolder(entry.Name()) || entry.Name()[0] == '.' {
			continue
		}
		switch files := languageModelsIn(folder); len(files) {
		case 0:
		case 1:
			names = append(names, entry.Name())
		default:
			names = append(names, relative(dir, files)...)
		}
	}
	return names, nil
}

// languageModelsIn lists the models of a folder by their files, by name.
func languageModelsIn(dir string) []string {
	var files []string
	for _, f := range ggufIn(dir) {
		if !looksLikeProjector(f) && !isLaterPart(f) {
			files = append(files, f)
		}
	}
	return files
}

func relative(dir string, files []string) []string {
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimPrefix(f, dir+string(filepath.Separator)))
	}
	return names
}

// isDemoFolder reports whether a demo model or encoder was unpacked into a folder of that
// name, by this release of vlmchat or another.
func isDemoFolder(name string) bool {
	for _, demo := range []string{DemoName, DemoEncoderName} {
		if digest, ok := strings.CutPrefix(name, demo+"-"); ok && len(digest) == demoDigits {
			return true
		}
	}
	return false
}

// Names returns what List's models are called, and looks into none of their files.
func Names() []string {
	all := []string{DemoName}
	names, _ := namesInData() // what can't be read has no names
	all = append(all, names...)
	fetched, _ := hub.ListCached()
	for _, c := range fetched {
		all = append(all, c.Name.String())
	}
	pulled, _ := allInOllama(ollamaStores())
	for _, o := range pulled {
		all = append(all, OllamaPrefix+o.name.String())
	}
	return all
}
