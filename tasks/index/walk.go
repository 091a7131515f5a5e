package index

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/images"
)

// found is a file that may have pictures.
type found struct {
	path  string // absolute
	size  int64
	mtime int64 // in nanoseconds
}

// unread is a folder that can't be read, with what lies below.
type unread struct {
	path string
	err  error
}

// walk hands on the files below a root that are meant, in the order of their names. What is
// hidden is left out, links to folders are not followed: they may lead in a circle. A root
// that can't be read is an error; of a folder below it that can't be, told is told.
func walk(ctx context.Context, root Root, told func(unread), do func(found) error) error {
	info, err := os.Stat(root.Path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return do(found{root.Path, info.Size(), info.ModTime().UnixNano()})
	}
	return walkFolder(ctx, root, root.Path, told, do)
}

func walkFolder(ctx context.Context, root Root, dir string, told func(unread), do func(found) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		switch {
		case dir == root.Path:
			return err
		case !errors.Is(err, fs.ErrNotExist): // else it was removed since it was listed
			told(unread{dir, err})
		}
		return nil
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			if err := walkFolder(ctx, root, path, told, do); err != nil {
				return err
			}
		case root.means(path):
			info, err := os.Stat(path)
			if err != nil || !info.Mode().IsRegular() {
				continue // it is gone, or leads to nothing, or to a folder
			}
			if err := do(found{path, info.Size(), info.ModTime().UnixNano()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// means tells by its name whether a file below the root is one that is put into the index.
func (r Root) means(path string) bool {
	switch {
	case strings.EqualFold(filepath.Ext(path), ".pdf"):
		if !r.Options.Documents {
			return false
		}
	case images.IsNamedPicture(path):
	case !r.Options.Moving || !images.MayMove(path):
		return false
	}
	below, err := filepath.Rel(r.Path, path)
	return err == nil && r.Options.wants(below)
}

// readable returns why a root can't be gone through, or nil.
func readable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return errors.New("it is neither a folder nor a file")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if info.IsDir() {
		_, err = f.Readdirnames(1)
	}
	if errors.Is(err, io.EOF) {
		return nil // it is empty
	}
	return err
}
