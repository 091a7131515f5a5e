package llamacpp

import (
	"strings"
	"sync"

	"github.com/ebitengine/purego"
)

// Level is the importance of a log line.
type Level int32

// The levels of ggml_log_level.
const (
	Debug Level = 1
	Info  Level = 2
	Warn  Level = 3
	Error Level = 4
	// Fatal is the reason for which the library is about to end the process.
	Fatal Level = 100

	continued Level = 5 // the text goes on with the line before
)

// routeLogs sends the libraries' log to log, line by line, without the newline.
// One line is handed over at a time, except for a Fatal one, which waits for
// nobody.
func (l *Library) routeLogs(log func(Level, string)) {
	// Lines come in pieces, and from any thread: prompts are tokenized side by
	// side while a picture is encoded and a batch computed.
	var mu sync.Mutex
	var level Level
	var line strings.Builder
	callback := purego.NewCallback(func(lvl uintptr, text uintptr, _ uintptr) uintptr {
		mu.Lock()
		defer mu.Unlock()
		if got := Level(int32(lvl)); got != continued {
			level = got
		}
		line.WriteString(goString(text))
		if s := line.String(); strings.HasSuffix(s, "\n") {
			line.Reset()
			log(level, strings.TrimRight(s, "\n"))
		}
		return 0
	})
	l.base.LogSet.call(callback, 0)
	l.llama.LogSet.call(callback, 0)
	if l.mtmd.LogSet != 0 {
		l.mtmd.LogSet.call(callback, 0)
	}
	if l.base.SetAbortCallback != 0 {
		l.base.SetAbortCallback.call(purego.NewCallback(func(message uintptr) uintptr {
			log(Fatal, goString(message))
			return 0
		}))
	}
}
