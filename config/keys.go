package config

import (
	"fmt"
	"maps"
	"slices"
)

// keysKey is the table of the configuration file that binds keys.
const keysKey = "keys"

// Keys is what the configuration file says of keys: which do what, by the names of what
// is done. What names and keys there are is the chat's business.
type Keys struct {
	File  string // the file's path
	Bound map[string][]string
}

// BoundKeys reads the keys that the configuration file binds.
func BoundKeys() (Keys, error) {
	f, err := userFile()
	return Keys{f.path, f.keys}, err
}

// Reject says that the file binds keys in a way that can't be.
func (k Keys) Reject(why error) error {
	return fmt.Errorf("the configuration %s, [%s]: %w", k.File, keysKey, why)
}

// keysIn returns the keys of a table: each a text or a list of texts, an empty text for
// none.
func keysIn(v any) (map[string][]string, error) {
	table, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf(`%s is not a table: it is [keys], and a line in it send = "ctrl+enter"`, keysKey)
	}
	bound := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		switch v := table[name].(type) {
		case string:
			bound[name] = []string{v}
			if v == "" {
				bound[name] = nil
			}
		case []any:
			bound[name] = nil
			for _, one := range v {
				text, ok := one.(string)
				if !ok {
					return nil, fmt.Errorf("[%s]: %s has to be a text or a list of texts", keysKey, name)
				}
				bound[name] = append(bound[name], text)
			}
		default:
			return nil, fmt.Errorf("[%s]: %s has to be a text or a list of texts", keysKey, name)
		}
	}
	return bound, nil
}
