package models

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// Removal is what goes with a model of the data directory.
type Removal struct {
	Name  string
	Files []string // whole paths
	Freed int64    // bytes that the disk has then; what is linked elsewhere, too, frees none

	folder string // that goes with them, when nothing is left in it; "" for none
}

// PlanRemoval tells what goes with a model or an encoder of the data directory, named as Find
// takes it there. It removes nothing.
func PlanRemoval(name string) (Removal, error) {
	r := Removal{Name: name}
	dir, err := modelFolder()
	if err != nil {
		return r, err
	}
	if !filepath.IsLocal(name) || strings.HasPrefix(name, ".") {
		return r, notInData(name)
	}
	if isDemoFolder(name) {
		return r, &engine.Error{Kind: engine.BadOption, Message: name + " is a demo, which is unpacked again when it is used", Hint: "nothing is gained by removing it"}
	}
	path := filepath.Join(dir, name)
	fi, err := os.Lstat(path)
	if err != nil {
		path += ".gguf"
		fi, err = os.Lstat(path)
	}
	switch {
	case err != nil:
		return r, notInData(name)
	case fi.Mode()&fs.ModeSymlink != 0: // the person's own, to a place that is not ours
		r.Files = []string{path}
	case !fi.IsDir():
		r.Files = modelOf(path)
		if parent := filepath.Dir(path); parent != dir {
			r.folder = parent
		}
	case isCheckpoint(path) || len(languageModelsIn(path)) != 1:
		r.folder = path
		r.Files, err = filesBelow(path)
	default:
		r.folder = path
		r.Files = modelOf(languageModelsIn(path)[0])
	}
	for _, file := range r.Files {
		if fi, err := os.Lstat(file); err == nil && links(fi) <= 1 {
			r.Freed += fi.Size()
		}
	}
	return r, err
}

func notInData(name string) error {
	return &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("there is no model %s in the data directory", name),
		Hint:    "'vlmchat models list' names what there is; files elsewhere are yours to remove",
	}
}

// modelOf names the files of a model by that of the language model: its parts, and the
// projector beside it unless that is another model's, too.
func modelOf(path string) []string {
	files := append([]string{path}, partsByName(path)...)
	projector, _ := projectorBeside(path) // where it is not clear which it is, it stays
	if projector == "" {
		return files
	}
	for _, other := range languageModelsIn(filepath.Dir(path)) {
		if theirs, _ := projectorBeside(other); other != path && theirs == projector {
			return files
		}
	}
	return append(files, projector)
}

// filesBelow names all files in a folder and those below it.
func filesBelow(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

// Do removes the files, and their folders where nothing else is left in them.
func (r Removal) Do() error {
	for _, file := range r.Files {
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("%s can't be removed: %v", r.Name, err), Err: err}
		}
	}
	if r.folder == "" {
		return nil
	}
	var folders []string
	_ = filepath.WalkDir(r.folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	for _, folder := range slices.Backward(folders) {
		_ = os.Remove(folder) // which it refuses while there is something in it
	}
	return nil
}
