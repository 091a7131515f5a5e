package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Begin writes the configuration file, with some settings by their names; those without
// a text are left out. A file that is there is its owner's: it is not changed, and the
// error says what to write into it.
func Begin(settings [][2]string) (path string, err error) {
	path, err = File()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, setting := range settings {
		i := slices.IndexFunc(Settings, func(s Setting) bool { return s.Name == setting[0] })
		if i < 0 || setting[1] == "" {
			continue
		}
		line, err := toml.Marshal(map[string]string{Settings[i].fileKey(): setting[1]})
		if err != nil {
			return "", err
		}
		text.Write(line)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("the configuration %s can't be written: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("the configuration %s is there and stays as it is; write this into it:\n%s", path, text.String())
	}
	if err != nil {
		return "", fmt.Errorf("the configuration %s can't be written: %w", path, err)
	}
	_, err = f.WriteString(text.String())
	return path, errors.Join(err, f.Close())
}
