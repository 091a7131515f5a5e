package config

import (
	"strings"

	"github.com/vlmchat/vlmchat/spelling"
)

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
