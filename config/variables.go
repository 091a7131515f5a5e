package config

import (
	"slices"
	"strings"
)

// UnknownVariables returns the names among those of an environment ("NAME=value")
// that look like settings and are none: a misspelled one is silently without
// effect.
func UnknownVariables(environ []string) []string {
	known := []string{"VLMCHAT_CONFIG", "VLMCHAT_DATA_DIR", "VLMCHAT_CACHE_DIR"}
	for _, s := range Settings {
		known = append(known, s.Variable())
	}
	var unknown []string
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "VLMCHAT_") && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}
