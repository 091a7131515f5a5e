package models

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// demo unpacks the demo model, once: llama.cpp loads models from files.
func demo() (Model, error) {
	data, err := config.DataDir()
	if err != nil {
		return Model{}, err
	}
	dir := filepath.Join(data, "models", DemoName+"-"+tinyvlm.Digest)
	m := Model{Name: DemoName, EncoderLayers: tinyvlm.EncoderLayers, Demo: true}
	for _, f := range []struct {
		name    string
		content []byte
		path    *string
	}{
		{"tiny-vlm.gguf", tinyvlm.Model, &m.Path},
		{"tiny-vlm-mmproj.gguf", tinyvlm.Projector, &m.Projector},
	} {
		*f.path = filepath.Join(dir, f.name)
		if err := unpack(*f.path, f.content); err != nil {
			return Model{}, &engine.Error{Kind: engine.ModelInvalid, Message: fmt.Sprintf("unpacking the demo model: %v", err), Err: err}
		}
	}
	return m, nil
}

// unpack writes a file, whole or not at all, unless it is there. A file of the
// right size is the right one: its folder is named by its digest.
func unpack(path string, content []byte) error {
	if have, err := os.Stat(path); err == nil && have.Size() == int64(len(content)) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".unpack-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
