package runtimes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/engine"
)

// choiceFile remembers what 'vlmchat runtime use' chose.
const choiceFile = "choice.json"

// forgetHint is what to do with a choice that can't be followed.
const forgetHint = "choose another with 'vlmchat runtime use', or forget the choice with 'vlmchat runtime use auto'"

// choice is what a person chose: an installed runtime by the name of its
// folder, so that the data directory may move, or any other by its path.
type choice struct {
	Installed string `json:"installed,omitempty"`
	Path      string `json:"path,omitempty"`
}

func (c choice) made() bool { return c != choice{} }

// dir is the folder that is chosen.
func (c choice) dir(root string) string {
	if c.Installed != "" {
		return filepath.Join(root, c.Installed)
	}
	return c.Path
}

// readChoice returns an empty choice if there is none.
func readChoice(root string) (choice, error) {
	path := filepath.Join(root, choiceFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return choice{}, nil
	}
	var c choice
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err == nil && c.Installed != "" && (c.Installed != filepath.Base(c.Installed) || !filepath.IsLocal(c.Installed)) {
		err = fmt.Errorf("%q is no name of a runtime", c.Installed)
	}
	if err != nil {
		return choice{}, &engine.Error{
			Kind:    engine.RuntimeMissing,
			Message: fmt.Sprintf("cannot read which llama.cpp runtime was chosen: %s: %v", path, withoutPath(err)),
			Hint:    forgetHint,
			Err:     err,
		}
	}
	return c, nil
}

// Remember makes r the runtime that Use returns where none is named, until
// another is chosen.
func Remember(r Runtime) error {
	root, err := Dir()
	if err != nil {
		return err
	}
	return remember(root, r)
}

func remember(root string, r Runtime) error {
	c := choice{Path: r.Dir}
	if r.Source == Installed {
		c = choice{Installed: filepath.Base(r.Dir)}
	}
	err := os.MkdirAll(root, 0o700)
	if err == nil {
		err = writeJSON(filepath.Join(root, choiceFile), c)
	}
	if err != nil {
		return fmt.Errorf("cannot remember the choice of a runtime: %w", err)
	}
	return nil
}

// Forget takes a choice back, also one that can't be read. That there is none is
// no error.
func Forget() error {
	root, err := Dir()
	if err != nil {
		return err
	}
	return forget(root)
}

func forget(root string) error {
	err := os.Remove(filepath.Join(root, choiceFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot forget the choice of a runtime: %w", err)
	}
	return nil
}
