package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/index"
)

// defaultIndex is the name of the index that is meant where none is named.
const defaultIndex = "default"

// indexFlag declares --index.
func indexFlag(f *pflag.FlagSet, name *string) {
	f.StringVar(name, "index", defaultIndex, "the index that is meant: a name, of one in the data directory, or a folder, as ./shared")
}

// indexesDir is where indexes are that have a name.
func indexesDir() (string, error) {
	data, err := config.DataDir()
	return filepath.Join(data, "indexes"), err
}

// indexDir is the folder of an index: a name has no separator.
func indexDir(name string) (string, error) {
	switch {
	case name == "":
		return "", usagef("--index names an index, or a folder")
	case strings.ContainsAny(name, `/`+string(filepath.Separator)):
		return filepath.Abs(name)
	case name == "." || name == "..":
		return "", usagef("--index %s: the folder of an index has nothing else in it, so a new one is named: --index ./NAME", name)
	}
	dir, err := indexesDir()
	return filepath.Join(dir, name), err
}

// openIndex opens an index to be read.
func openIndex(name string) (*index.Index, error) {
	dir, err := indexDir(name)
	if err != nil {
		return nil, err
	}
	x, err := index.Open(dir)
	return x, indexError(err, name)
}

// indexError says what to do about an error of an index.
func indexError(err error, name string) error {
	if err == nil {
		return nil
	}
	option := ""
	if name != defaultIndex {
		option = " --index " + name
	}
	var broken *index.Broken
	var other *index.OtherSpace
	switch {
	case errors.Is(err, index.ErrNone):
		return &engine.Error{Kind: engine.Failed, Message: err.Error(), Hint: fmt.Sprintf("vlmchat index%s FOLDER makes one of the pictures in a folder", option), Err: err}
	case errors.As(err, &broken):
		return &engine.Error{Kind: engine.Failed, Message: err.Error(), Hint: fmt.Sprintf("vlmchat index%s makes it anew from the pictures", option), Err: err}
	case errors.As(err, &other) && other.Updated():
		return &engine.Error{Kind: engine.Failed, Message: err.Error(), Hint: fmt.Sprintf("vlmchat index --rebuild%s makes it anew from the pictures", option), Err: err}
	case errors.As(err, &other):
		return &engine.Error{Kind: engine.Failed, Message: err.Error(), Hint: fmt.Sprintf("vlmchat index --rebuild%s makes the index anew with another model; without --encoder the index's own is used", option), Err: err}
	}
	return err
}

// encoderOf has an encoder opened as an index was made with it, unless another one is asked for
// by a flag or a variable.
func (a *app) encoderOf(s index.State) {
	if s.Empty() || a.config[config.Encoder].Place >= config.InVariable {
		return
	}
	a.config.Choose(config.Encoder, s.Encoder, "the index")
}

// encoderSetting is the setting of the encoder as it holds everywhere.
func (a *app) encoderSetting() string {
	name := a.config.String(config.Encoder)
	if _, err := os.Stat(name); err == nil {
		if whole, err := filepath.Abs(name); err == nil {
			return whole
		}
	}
	return name
}
