package native

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A worker leaves two files for those who can't ask it any more when it has
// ended: its journal, in which it writes itself, and its standard error, in
// which the libraries, their drivers and the Go runtime of a crash write what
// they like.

// journal is this process's journal: a file in a worker that serves, standard
// error in any other.
var journal io.Writer = os.Stderr

// What begins the journal's lines. offloadMark and testamentMark are others.
const (
	fatalMark = "fatal: " // the reason of the end
	pidMark   = "pid: "   // of the worker
	// troubleMark is for what costs nobody an answer.
	troubleMark = "trouble: "
)

// writeFatal leaves the reason of an end.
func writeFatal(reason string) { fmt.Fprintln(journal, fatalMark+reason) }

// writeTrouble notes what went wrong and costs nobody an answer.
func writeTrouble(what string) { fmt.Fprintln(journal, troubleMark+what) }

// openJournal begins a worker's journal. One that can't be written, on a full
// disk, costs the reason of an end and no more.
func openJournal(path string) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	journal = f
	fmt.Fprintf(f, "%s%d\n", pidMark, os.Getpid())
}

// logged returns the lines of the worker's journal that begin with mark,
// without it. A worker that did not come to have one has its standard error.
func (c *connection) logged(mark string) []string {
	b, _ := os.ReadFile(c.logFile)
	var found []string
	for l := range strings.Lines(c.stderr() + "\n" + string(b)) {
		if text, ok := strings.CutPrefix(l, mark); ok {
			found = append(found, strings.TrimSpace(text))
		}
	}
	return found
}

// stderr is the last of what came out of the worker's standard error.
func (c *connection) stderr() string {
	tail, _ := readTail(c.errFile, maxStderr)
	return string(tail)
}

const (
	// maxStderr is what standard error may take of the disk, in bytes, but for
	// what is written between two looks at it.
	maxStderr  = 64 << 10
	keptStderr = 4 << 10 // of its end, when it has grown beyond

	stderrLookBusy = 20 * time.Millisecond
	stderrLookIdle = time.Second
)

// boundStderr keeps the worker's standard error small: a driver that complains
// about every token must not fill the disk. It is a file, not a pipe that this
// process would read, as last words have to survive the process that says them.
func boundStderr(path string, busy func() bool, done <-chan struct{}) {
	for {
		pause := stderrLookIdle
		if busy() {
			pause = stderrLookBusy
		}
		select {
		case <-done:
			return
		case <-time.After(pause):
		}
		if fi, err := os.Stat(path); err != nil || fi.Size() <= maxStderr {
			continue
		}
		tail, _ := readTail(path, keptStderr)
		if os.Truncate(path, 0) == nil { // who appends goes on at the new end
			_, _ = os.Stderr.Write(tail)
		}
	}
}

// readTail reads the last bytes of a file.
func readTail(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, fi.Size()-most)
	return io.ReadAll(io.NewSectionReader(f, from, most))
}

// mostSaid is as much of a line of last words as is told, in bytes.
const mostSaid = 300

// lastWords finds in what a process wrote to its standard error why it ended:
// an exception of C++, what the Go runtime says of a crash, and what a library
// said right before. "" if there is nothing of the kind.
func lastWords(stderr string) string {
	var words []string
	before := ""
	for l := range strings.Lines(stderr) {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "goroutine "):
			return strings.Join(words, "; ")
		case strings.HasPrefix(l, "terminate called"), strings.HasPrefix(l, "what():"),
			strings.HasPrefix(l, "fatal error: "), strings.HasPrefix(l, "panic: "),
			strings.HasPrefix(l, "runtime: ") && len(words) == 0:
			words = append(words, shorten(l, mostSaid))
		case strings.HasPrefix(l, "SIG"):
			if before != "" && len(words) == 0 {
				words = append(words, shorten(before, mostSaid))
			}
			words = append(words, shorten(l, mostSaid))
		}
		if l != "" {
			before = l
		}
	}
	return strings.Join(words, "; ")
}
