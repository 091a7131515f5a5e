// Package lazyregexp puts off compiling regular expressions until they are used:
// each takes as long as a good part of a process's start, and most commands, the
// worker first of all, use few of them.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that compiles the expression at its first call. It
// panics there if the expression is not valid.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
