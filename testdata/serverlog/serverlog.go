// Package serverlog keeps what the servers of tests write, for the log of a test
// that fails.
package serverlog

import (
	"bytes"
	"sync"
)

// most is how much is kept: of a server that writes more, the end.
const most = 64 << 10

// Log is a server's standard output and error. The zero value is empty.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Write(p)
	if over := l.b.Len() - most; over > 0 {
		l.b.Next(over)
	}
	return len(p), nil
}

// String is what is kept.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
