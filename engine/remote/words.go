package remote

import "github.com/vlmchat/vlmchat/lazyregexp"

// Words recognises, in what a server says, words that a regular expression
// describes. Most processes never meet an error.
func Words(expression string) func(said string) bool {
	compiled := lazyregexp.New(expression)
	return func(said string) bool { return compiled().MatchString(said) }
}
