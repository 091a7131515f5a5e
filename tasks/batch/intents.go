package batch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Intents is a file beside an output that knows what a run has begun to write beside
// pictures. A run that is killed between a picture's text and its record asks again, and may
// have another answer: by this the text is known to be its own.
type Intents struct {
	path  string
	file  *os.File
	known map[key]key // what was written, by where
}

// OpenIntents opens the file beside the output of a path.
func OpenIntents(output string) (*Intents, error) {
	i := &Intents{path: output + ".sidecars", known: map[key]key{}}
	f, err := os.OpenFile(i.path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("the file that knows what is written beside pictures can't be opened: %w", err)
	}
	i.file = f
	data, err := io.ReadAll(f)
	const size = 2 * len(key{})
	whole := len(data) - len(data)%size // a killed run leaves half an entry at most
	for at := 0; at < whole; at += size {
		i.known[key(data[at:at+size/2])] = key(data[at+size/2 : at+size])
	}
	if err == nil {
		_, err = f.Seek(int64(whole), io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("the file that knows what is written beside pictures can't be read: %w", err)
	}
	return i, nil
}

// has tells whether a text in a file was written by an earlier run that left no record.
func (i *Intents) has(path, said string) bool {
	if i == nil {
		return false
	}
	k, ok := i.known[keyOf(path)]
	return ok && k == keyOf(said)
}

// add notes what is about to be written.
func (i *Intents) add(path, text string) error {
	if i == nil {
		return nil
	}
	where, what := keyOf(path), keyOf(text)
	_, err := i.file.Write(append(where[:], what[:]...))
	return err
}

// Close ends the use of the file. Once all that was begun has its record nobody needs it.
func (i *Intents) Close(whole bool) error {
	i.file.Close()
	if !whole {
		return nil
	}
	if err := os.Remove(i.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
