package config

import (
	"slices"
	"strings"
)

// UnknownVariables returns the names among those of an environment ("NAME=value")
// that look like settings, or like one of the other variables, and are none: a misspelled one
// is silently without effect.
func UnknownVariables(environ []string, others ...string) []string {
	known := append([]string{"VLMCHAT_CONFIG", "VLMCHAT_CACHE_DIR", "VLMCHAT_STATE_DIR"}, others...)
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

// secretWords are what the names of variables end with, or go on with _ or a
// digit after, whose values nobody should see.
var secretWords = []string{"KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS"}

// HoldsSecret reports whether a variable, by its name, holds a key, a password
// or the like.
func HoldsSecret(name string) bool {
	name = strings.ToUpper(name)
	for _, word := range secretWords {
		for rest := name; ; {
			_, after, found := strings.Cut(rest, word)
			if !found {
				break
			}
			if after == "" || after[0] == '_' || '0' <= after[0] && after[0] <= '9' {
				return true
			}
			rest = after
		}
	}
	return false
}
