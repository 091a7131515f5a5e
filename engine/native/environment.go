package native

import (
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/config"
)

// environment is what a worker gets of this process's environment ("NAME=value").
// It loads foreign libraries, reads foreign files and outlives the command, so it
// has no business with secrets: neither with those that are called so, nor with
// those of the names given, nor with passwords in addresses. What drivers read
// stays.
func environment(environ, secrets []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, value, _ := strings.Cut(v, "=")
		_, address, _ := strings.Cut(value, "://")
		secret := config.HoldsSecret(name) || slices.Contains(secrets, name) || strings.Contains(address, "@")
		return secret && len(deviceVariables([]string{v})) == 0
	})
}
