package models

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/vlmchat/vlmchat/engine"
)

// CheckFiles makes sure, from their headers, that llama.cpp can be given a model
// and its projector ("" for none): that neither is damaged or made to do harm,
// and that they belong together. It is called by the process that is about to
// load them, and costs milliseconds.
func CheckFiles(model, projector string) error {
	m, err := check(model, "the model")
	if err != nil {
		return err
	}
	if err := checkParts(m, model); err != nil {
		return err
	}
	if projector == "" {
		return nil
	}
	p, err := check(projector, "the projector")
	if err != nil {
		return err
	}
	gives, takes := p.outputWidth(), m.Int(m.String("general.architecture")+".embedding_length")
	if gives != 0 && takes != 0 && gives != uint64(takes) {
		return &engine.Error{
			Kind: engine.ModelInvalid,
			Message: fmt.Sprintf("the projector %s doesn't belong to the model %s: their widths mismatch, it gives %d numbers for each part of a picture and the model takes %d",
				projector, filepath.Base(model), gives, takes),
			Hint: "name the projector file that was published with the model with --mmproj",
		}
	}
	return nil
}

// check reads and checks one file.
func check(path, what string) (*GGUF, error) {
	g, err := read(path, what)
	if err != nil {
		return nil, err
	}
	if err := g.Check(); err != nil {
		return nil, unfit(path, what, err)
	}
	return g, nil
}

// checkParts checks the other files of a model that is split in several.
func checkParts(g *GGUF, path string) error {
	for i, part := range otherParts(g, path) {
		if _, err := check(part, "the part "+strconv.Itoa(i+2)+" of the model"); err != nil {
			return err
		}
	}
	return nil
}

// unfit is the error for a file that llama.cpp must not see.
func unfit(path, what string, err error) *engine.Error {
	e := &engine.Error{
		Kind:    engine.ModelInvalid,
		Message: fmt.Sprintf("%s %s can't be used: %v", what, path, err),
		Hint:    "the file is damaged, or made to do harm: download it again, from somebody you trust",
		Err:     err,
	}
	if errors.Is(err, ErrNotGGUF) {
		e.Hint = "the native engine runs models in GGUF format"
	}
	return e
}
