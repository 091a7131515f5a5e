package prompts

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

//go:embed builtin/*.md
var builtin embed.FS

// Library is the templates that there are.
type Library struct {
	Templates []*Template // by name
	// Problems are of files that are none, each with its name: *Error, or why a file
	// can't be read. The others are there nevertheless.
	Problems []error
}

// BuiltIn returns the templates that vlmchat brings along.
var BuiltIn = sync.OnceValue(func() []*Template {
	files, err := fs.Glob(builtin, "builtin/*.md")
	var all []*Template
	for _, file := range files {
		var data []byte
		var t *Template
		if data, err = builtin.ReadFile(file); err == nil {
			t, err = Parse(path.Base(file), data)
		}
		if err != nil {
			break
		}
		all = append(all, t)
	}
	if err != nil {
		panic(err) // the tests read them all
	}
	return all
})

// Load returns the templates that are built in and those of a folder, *.md. Of two with
// the same name it is the folder's. A folder that does not exist has none.
func Load(dir string) *Library {
	l := &Library{Templates: slices.Clone(BuiltIn())}
	files, err := Files(dir)
	if err != nil {
		l.Problems = append(l.Problems, err)
	}
	for _, file := range files {
		t, err := read(file)
		if err != nil {
			l.Problems = append(l.Problems, err)
			continue
		}
		t.File = file
		l.Templates = slices.DeleteFunc(l.Templates, func(other *Template) bool { return other.Name == t.Name })
		if !t.Hidden {
			l.Templates = append(l.Templates, t)
		}
	}
	slices.SortFunc(l.Templates, func(a, b *Template) int { return strings.Compare(a.Name, b.Name) })
	return l
}

// Files are the templates of a folder, *.md, that can be read or not.
func Files(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder of your prompts can't be read: %w", err)
	}
	var files []string
	for _, e := range entries {
		if strings.EqualFold(filepath.Ext(e.Name()), ".md") && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

// read reads a template's file.
func read(file string) (*Template, error) {
	data, err := Read(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, data)
}

// Read returns what a template's file has, and no more of it than one may have.
func Read(file string) ([]byte, error) {
	info, err := os.Stat(file) // what a name leads to: a device would never end
	if err == nil && !info.Mode().IsRegular() {
		return nil, &Error{File: file, Detail: "this is no file"}
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("a prompt can't be read: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("a prompt can't be read: %w", err)
	}
	return data, nil
}

// Find returns the template of a name, or the only one whose name begins so.
func (l *Library) Find(name string) (*Template, error) {
	var found []*Template
	var names []string
	for _, t := range l.Templates {
		if t.Name == name {
			return t, nil
		}
		if strings.HasPrefix(t.Name, strings.ToLower(name)) {
			found, names = append(found, t), append(names, t.Name)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("there is no prompt %s", name)
	}
	return nil, fmt.Errorf("several prompts begin with %s: %s", name, strings.Join(names, ", "))
}
