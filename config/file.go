package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// file is what the configuration file holds.
type file struct {
	path     string
	values   map[string]string // settings at the top level, by name
	profiles map[string]map[string]string
	keys     map[string][]string
}

// userFile reads the user's.
func userFile() (file, error) {
	path, err := File()
	if err != nil {
		return file{}, fmt.Errorf("%w; set VLMCHAT_CONFIG to the path of a file, which need not exist", err)
	}
	return readFile(path)
}

// readFile reads a TOML file. One that does not exist is empty.
func readFile(path string) (file, error) {
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file{path: path, profiles: map[string]map[string]string{}}, fmt.Errorf("reading the configuration: %w", err)
	}
	return parseFile(path, b)
}

// parseFile reads the text of a TOML file.
func parseFile(path string, b []byte) (f file, err error) {
	f = file{path: path, profiles: map[string]map[string]string{}}
	var raw map[string]any
	if err := toml.Unmarshal(withoutMark(b), &raw); err != nil {
		var where *toml.DecodeError
		if errors.As(err, &where) {
			line, _ := where.Position()
			path = fmt.Sprintf("%s, line %d", path, line)
		}
		return f, fmt.Errorf("the configuration %s: %w", path, err)
	}
	profiles, ok := raw[profilesKey].(map[string]any)
	if !ok && raw[profilesKey] != nil {
		return f, fmt.Errorf("the configuration %s: %s is not a table: a profile is [profiles.NAME]", path, profilesKey)
	}
	delete(raw, profilesKey)
	if raw[keysKey] != nil {
		if f.keys, err = keysIn(raw[keysKey]); err != nil {
			return f, fmt.Errorf("the configuration %s: %w", path, err)
		}
		delete(raw, keysKey)
	}
	if f.values, err = settingsIn(raw); err != nil {
		return f, fmt.Errorf("the configuration %s: %w", path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		if f.profiles[name], err = profileIn(profiles[name]); err != nil {
			return f, fmt.Errorf("the configuration %s: %w", f.origin(name), err)
		}
	}
	return f, nil
}

// mark is with what editors on Windows begin a text in UTF-8.
var mark = []byte("\ufeff")

func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, mark) }

// settingsIn returns the settings of a table, by name.
func settingsIn(table map[string]any) (map[string]string, error) {
	values := map[string]string{}
	for _, s := range Settings {
		v, ok := table[s.fileKey()]
		if !ok {
			continue
		}
		delete(table, s.fileKey())
		text, ok := s.fileText(v)
		if !ok {
			return nil, fmt.Errorf("%s must be a text or %s", s.fileKey(), s.orElse())
		}
		values[s.Name] = text
	}
	if len(table) > 0 {
		return nil, fmt.Errorf("there is no setting %q", strings.Join(slices.Sorted(maps.Keys(table)), ", "))
	}
	return values, nil
}

// fileText is the value of the setting's key in the file, if it can have it.
func (s Setting) fileText(v any) (string, bool) {
	switch v := v.(type) {
	case string, int64, float64, bool:
		return fmt.Sprint(v), true
	case []any:
		return joinTexts(v, s.List())
	}
	return "", false
}
