package native

import (
	"strings"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// logRing remembers the last errors of llama.cpp, to explain a failed load.
type logRing struct {
	lines []string
	all   func(text string) // sees every line, if it is set
}

// add takes a line of llama.cpp's log. What is fatal goes to the worker's own
// log at once, as the process is about to end.
func (l *logRing) add(level llamacpp.Level, text string) {
	text = strings.TrimSpace(text)
	if l.all != nil {
		l.all(text)
	}
	if level == llamacpp.Fatal {
		writeFatal(text)
		return
	}
	if level != llamacpp.Error || text == "" {
		return
	}
	if len(l.lines) == 4 {
		l.lines = l.lines[1:]
	}
	l.lines = append(l.lines, text)
}

// clear forgets everything.
func (l *logRing) clear() { l.lines = nil }

// errors returns what was remembered as one line.
func (l *logRing) errors() string { return strings.Join(l.lines, "; ") }
