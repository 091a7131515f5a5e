package models

import (
	"context"
	"os"

	"github.com/vlmchat/vlmchat/engine"
)

// Verified is what came of reading one of a model's files to its end.
type Verified struct {
	File
	SHA256   string // of what was read; "" if it could not be
	Expected string // the digest by which a store calls the file; "" where none does
	Problem  error  // nil if nothing speaks against it
}

// Verify checks the headers of a model's files, and that they belong together, and then reads
// all of each and compares it with the digest by which the cache of Hugging Face or Ollama's
// store calls it. What is wrong with a file is in its Problem; the error is about the files
// together, or that ctx ended. read is told how far it is.
func (m Model) Verify(ctx context.Context, read func(engine.PullProgress)) ([]Verified, error) {
	paths := m.files()
	progress := engine.PullProgress{Status: "reading " + m.Name}
	for _, path := range paths {
		if fi, err := os.Stat(path); err == nil {
			progress.Total += fi.Size()
		}
	}
	var all []Verified
	for _, path := range paths {
		v := Verified{File: File{Path: path}, Expected: storedDigest(path)}
		v.SHA256, v.Problem = hashFile(path, func(n int) error {
			v.Size += int64(n)
			progress.Done += int64(n)
			read(progress)
			return ctx.Err()
		})
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if v.Problem == nil && v.Expected != "" && v.Expected != v.SHA256 {
			v.Problem = &engine.Error{
				Kind:    engine.ModelInvalid,
				Message: "it is damaged: its content is not what was fetched",
				Hint:    "remove the model with 'vlmchat models rm', or what fetched it, and fetch it again; if it happens again, check the disk and the memory",
			}
		}
		all = append(all, v)
	}
	return all, CheckFiles(m.Path, m.Projector)
}

// files names all files of a model as far as they can be told: its parts, the projector and
// the adapters that are part of it.
func (m Model) files() []string {
	files := append([]string{m.Path}, partsByName(m.Path)...)
	if m.Projector != "" {
		files = append(files, m.Projector)
	}
	return append(files, m.LoRAs...)
}
