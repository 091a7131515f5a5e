package models

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// ollamaStore is a folder in which an Ollama server keeps its models: manifests
// by name, and blobs by digest.
type ollamaStore struct {
	dir   string
	files fs.FS // that folder
}

// ollamaStores returns the stores that may be here, whether they are or not:
// the one that OLLAMA_MODELS names, or else this user's and those of a server
// that the system runs.
func ollamaStores() []ollamaStore {
	var dirs []string
	// Ollama itself takes the value without spaces and quotes around it.
	if named := strings.Trim(strings.TrimSpace(os.Getenv("OLLAMA_MODELS")), `"'`); named != "" {
		dirs = append(dirs, named)
	} else {
		if home, err := os.UserHomeDir(); err == nil {
			dirs = append(dirs, filepath.Join(home, ".ollama", "models"))
		}
		if runtime.GOOS == "linux" {
			dirs = append(dirs, systemOllamaStores...)
		}
	}
	var stores []ollamaStore
	for _, dir := range dirs {
		if abs, err := filepath.Abs(dir); err == nil {
			stores = append(stores, ollamaStore{abs, os.DirFS(abs)})
		}
	}
	return stores
}

// systemOllamaStores are where Ollama's installer, and then distributions, put
// the models of the service.
var systemOllamaStores = []string{
	"/usr/share/ollama/.ollama/models",
	"/var/lib/ollama/.ollama/models",
	"/var/lib/ollama/models",
	"/var/lib/ollama",
}

// names returns the names of the models, in alphabetical order; none if there
// is no store.
func (s ollamaStore) names() ([]ollamaName, error) {
	const manifests = "manifests"
	_, err := fs.ReadDir(s.files, manifests)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("the store %s of Ollama's can't be read by you: it belongs to another user", s.dir)
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("the store %s of Ollama's can't be read: %w", s.dir, err)
	}
	found, err := fs.Glob(s.files, manifests+"/*/*/*/*")
	if err != nil {
		return nil, err
	}
	var names []ollamaName
	for _, file := range found {
		if n, ok := ollamaNameOf(strings.TrimPrefix(file, manifests+"/")); ok {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b ollamaName) int { return strings.Compare(a.String(), b.String()) })
	return names, nil
}

// manifest reads the manifest of a model.
func (s ollamaStore) manifest(n ollamaName) (ollamaManifest, error) {
	b, err := s.read(path.Join("manifests", n.path()), maxManifest)
	if err != nil {
		return ollamaManifest{}, fmt.Errorf("its manifest can't be read: %w", err)
	}
	return parseOllamaManifest(b)
}

// blob returns the path of a layer's file, of which it makes sure that it is
// there and as large as it has to be. To compare gigabytes with their digest
// each time would take longer than to load them; the headers of model files are
// checked before they are loaded.
func (s ollamaStore) blob(l ollamaLayer) (string, error) {
	fi, err := fs.Stat(s.files, path.Join("blobs", l.blob()))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("its %s, the blob %s, is missing", l.kind(), l.blob())
	case err != nil:
		return "", fmt.Errorf("its %s can't be read: %w", l.kind(), err)
	case !fi.Mode().IsRegular():
		return "", fmt.Errorf("its %s, the blob %s, is not a file", l.kind(), l.blob())
	case fi.Size() != l.Size:
		return "", fmt.Errorf("its %s, the blob %s, has %d bytes, and %d are expected", l.kind(), l.blob(), fi.Size(), l.Size)
	}
	return filepath.Join(s.dir, "blobs", l.blob()), nil
}

// text reads a layer that is a text of at most so many bytes.
func (s ollamaStore) text(l ollamaLayer, most int64) ([]byte, error) {
	if _, err := s.blob(l); err != nil {
		return nil, err
	}
	b, err := s.read(path.Join("blobs", l.blob()), most)
	if err != nil {
		return nil, fmt.Errorf("its %s can't be read: %w", l.kind(), err)
	}
	return b, nil
}

func (s ollamaStore) read(name string, most int64) ([]byte, error) {
	// Opening a pipe could wait for ever.
	if fi, err := fs.Stat(s.files, name); err != nil {
		return nil, err
	} else if !fi.Mode().IsRegular() {
		return nil, errors.New("it is not a file")
	}
	f, err := s.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("it is larger than %d bytes", most)
	}
	return b, err
}
