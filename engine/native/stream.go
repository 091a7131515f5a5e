package native

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// beatInterval is how often an answer that has nothing to tell says that the
// worker lives.
const beatInterval = time.Second

// lineWriter sends lines as they come.
type lineWriter struct {
	mu      sync.Mutex
	encoder *json.Encoder
	control *http.ResponseController
	said    bool // something, since the last beat was due
}

func newLineWriter(w http.ResponseWriter) *lineWriter {
	w.Header().Set("Content-Type", "application/x-ndjson")
	return &lineWriter{encoder: json.NewEncoder(w), control: http.NewResponseController(w)}
}

// write sends one line. That the client went away shows in the request's context.
func (l *lineWriter) write(v line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.send(v)
}

func (l *lineWriter) send(v line) {
	l.said = true
	err := l.encoder.Encode(v)
	if bad, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		// It would be missed without a word.
		err = l.encoder.Encode(line{Error: &engine.Error{Kind: engine.Failed, Message: "the model computed a number that is none: " + bad.Str}})
	}
	if err == nil {
		_ = l.control.Flush()
	}
}

// beat sends beats when nothing else was sent for a while, until the function
// that it returns has been called.
func (l *lineWriter) beat(interval time.Duration) (stop func()) {
	done := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-done:
				return
			}
			l.mu.Lock()
			if !l.said {
				l.send(line{Beat: true})
			}
			l.said = false
			l.mu.Unlock()
		}
	})
	return func() {
		close(done)
		beating.Wait()
	}
}
