package history

import (
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

var (
	// Keys as the services give them out begin so. Without the sign behind the letters
	// "skateboarding-in-rome.jpg" would be one.
	looksAsKey = lazyregexp.New(`\b(?:(?:sk|pk|rk|hf|gsk|ghp|gho|ghs|github_pat|glpat|xai|xox[abps]|ya29|nvapi|r8|pplx|tgp)[-_.]|AIza|AKIA)[A-Za-z0-9][-\w.]{14,}`)
	// What a command is given for a key is one, whatever it looks like.
	namesKey = lazyregexp.New(`(?i)(?:\b|[-_])(?:api[-_ ]?key|token|secret|password|passwd|passphrase|bearer|authorization)["']?[\s=:]+\S{6,}`)
)

// hasSecret tells whether a message has what nobody should find in a file: what looks
// like a service's key, or a command that names one.
func hasSecret(message string) bool {
	return looksAsKey().MatchString(message) || strings.HasPrefix(message, "/") && namesKey().MatchString(message)
}
