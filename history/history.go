// Package history keeps what a person has sent in the chat, across runs: a private
// file of one line for each message, to which any number of processes may add.
package history

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

const (
	// most is how many messages are kept.
	most = 10_000
	// slack is how many more there may be before the file is written anew.
	slack = most / 10
	// longest is the most bytes that a message may have to be kept. What is longer was
	// hardly typed, and would be read at each start.
	longest = 64 << 10
	// lockTime is how long another process may take to add a line.
	lockTime = 2 * time.Second
)

// File is a history in a file. A line of it is a message as a JSON string, so that
// one of several lines is one line, and what a crash has cut is told from a message.
// It can be used by several goroutines, and the file by several processes, at once.
type File struct {
	path string
	mu   sync.Mutex
	// How many messages the file has, as far as this process knows.
	count int
}

// Open takes the history in a file, which need not exist. Nothing is read yet.
func Open(path string) *File { return &File{path: path} }

// Load returns the messages, the oldest first. Lines that are none, as when a
// process was killed while it wrote one, are left out.
func (f *File) Load() ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	f.count = len(all)
	if err != nil {
		return nil, fmt.Errorf("reading what was sent before: %w", err)
	}
	return all[max(0, len(all)-most):], nil
}

// Append keeps a message, unless it has what looks like a key, is longer than anybody
// writes, or is empty.
func (f *File) Append(message string) error {
	if message == "" || len(message) > longest || hasSecret(message) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.append(message); err != nil {
		return fmt.Errorf("keeping what was sent: %w", err)
	}
	return nil
}

func (f *File) append(message string) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	lock := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), lockTime)
	defer cancel()
	if got, err := lock.TryLockContext(ctx, 10*time.Millisecond); !got {
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("another process holds %s.lock", f.path)
		}
		return err
	}
	defer lock.Close()
	if err := f.add(message); err != nil {
		return err
	}
	if f.count++; f.count < most+slack {
		return nil
	}
	return f.trim()
}

// add writes a line at the end of the file, on a line of its own whatever a process
// that was killed has left there.
func (f *File) add(message string) error {
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	line, err := json.Marshal(message)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := file.Chmod(0o600); err != nil {
			return err
		}
	}
	if size := info.Size(); size > 0 {
		last := make([]byte, 1)
		if _, err := file.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		return err
	}
	return file.Close()
}

// trim leaves the newest messages. The file is replaced whole, so that one who reads
// it or is killed meanwhile has the old or the new one.
func (f *File) trim() error {
	all, err := f.read()
	if err != nil {
		return err
	}
	all = all[max(0, len(all)-most):]
	f.count = len(all)
	next, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(next.Name())
	defer next.Close()
	w := bufio.NewWriter(next)
	for _, message := range all {
		line, err := json.Marshal(message)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	if err := errors.Join(w.Flush(), next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), f.path)
}

// read returns all messages of the file.
func (f *File) read() ([]string, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer file.Close()
	return parse(file)
}

// parse reads the messages of a file.
func parse(r io.Reader) ([]string, error) {
	const escaped = len(`\u001b`) // what a byte of a message may take
	lines := bufio.NewReaderSize(r, escaped*longest+len(`""`+"\n"))
	var all []string
	for {
		line, err := lines.ReadSlice('\n')
		tooLong := false
		for ; errors.Is(err, bufio.ErrBufferFull); tooLong = true {
			_, err = lines.ReadSlice('\n')
		}
		var message string
		if !tooLong && json.Unmarshal(line, &message) == nil && message != "" {
			all = append(all, message)
		}
		if errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return all, err
		}
	}
}
