package remote

import (
	"regexp"
	"sync"
)

// Words recognises, in what a server says, words that a regular expression
// describes. It is compiled when something is to be recognised for the first
// time: with counted repetitions that takes longer than anything else at the
// start of a process, and most processes never meet an error.
func Words(expression string) func(said string) bool {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	return func(said string) bool { return compiled().MatchString(said) }
}
