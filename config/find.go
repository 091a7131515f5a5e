package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/spelling"
)

// Find returns the setting of a name, which may be written as its flag, or as its key in the
// file.
func Find(name string) (Setting, bool) {
	name = strings.ReplaceAll(strings.TrimPrefix(name, "--"), "_", "-")
	i := slices.IndexFunc(Settings, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return Setting{}, false
	}
	return Settings[i], true
}

// Named is Find for a name that a person wrote: its error says what may be meant.
func Named(name string) (Setting, error) {
	s, ok := Find(name)
	if ok {
		return s, nil
	}
	if near := nearest(name); near != "" {
		return s, fmt.Errorf("there is no setting %q; there is %s", name, near)
	}
	return s, fmt.Errorf("there is no setting %q; 'vlmchat config list' has them", name)
}

// nearest is the setting whose name is most like a misspelled one, "" if none is.
func nearest(name string) string {
	var names []string
	for _, s := range Settings {
		names = append(names, s.Name)
	}
	return NearestOf(strings.TrimLeft(name, "-"), names)
}

// NearestOf is the one of some names that is most like a misspelled one, "" if none is.
func NearestOf(name string, names []string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	return spelling.Nearest(name, names, len(name)/3)
}
