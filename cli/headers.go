package cli

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/vlmchat/vlmchat/config"
)

// headers reads the headers that are for a server. They are secret as a key is:
// an error has their names and not what they say.
func (a *app) headers(s server) (http.Header, error) {
	own, _ := a.meant(s, config.Header)
	if own == nil {
		return nil, nil
	}
	lines, err := own.List(config.Header)
	if err != nil {
		return nil, err
	}
	headers := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !isHeader(line) {
			return nil, own.Reject(config.Header, "a header such as 'X-Title: my pictures'")
		}
		if value, err = expand(value, os.LookupEnv); err != nil {
			return nil, usagef("the header %s (from %s): %w", name, own[config.Header].Origin, err)
		}
		value = strings.TrimSpace(value)
		if strings.ContainsFunc(value, unicode.IsControl) {
			return nil, usagef("the header %s (from %s) has characters that no header has", name, own[config.Header].Origin)
		}
		headers.Add(name, value)
		if !slices.Contains(publicHeaders, http.CanonicalHeaderKey(name)) {
			a.secrets.add(value)
		}
	}
	return headers, nil
}

// publicHeaders say nothing that would have to be hidden in a server's words.
var publicHeaders = []string{
	"Accept", "Accept-Language", "Anthropic-Beta", "Anthropic-Version", "Http-Referer", "Openai-Beta", "Referer", "User-Agent", "X-Title",
}

// isHeader reports whether a line is a header.
func isHeader(line string) bool {
	name, _, found := strings.Cut(line, ":")
	return found && headerName(strings.TrimSpace(name))
}

// headerName reports whether a text is a header's name (RFC 9110, 5.1).
func headerName(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// expand puts the values of variables in place of $NAME and ${NAME}; $$ is a
// dollar. A variable that is not there is an error, as nothing in its place would
// be a puzzle for whoever reads the server's answer.
func expand(text string, lookup func(name string) (string, bool)) (string, error) {
	var missing error
	expanded := os.Expand(text, func(name string) string {
		if name == "$" {
			return "$"
		}
		value, there := lookup(name)
		switch {
		case !variableName(name):
			missing = fmt.Errorf("$ begins the name of a variable, $NAME or ${NAME}; $$ is a dollar")
		case !there:
			missing = fmt.Errorf("the variable %s is not set", name)
		}
		return value
	})
	return expanded, missing
}
