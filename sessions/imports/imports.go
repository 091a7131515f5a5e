// Package imports reads conversations from files: those that vlmchat has exported, messages
// as OpenAI's API takes them, and the histories of other programs, which are databases.
//
// What is in a file is data and nothing else: no address in it is fetched, no program's
// database is changed, and a conversation that can't be read is told of and passed over.
package imports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// Reader reads files of conversations.
type Reader struct {
	// Look makes out which picture some bytes are.
	Look func(ctx context.Context, source string, data []byte) (*sessions.Picture, error)
	// Pixels says whether the pixels of a PNG have this digest, as ReadJSON asks it.
	Pixels func(name string, png []byte) error
}

// Each takes a conversation, or the error, a *Broken, that kept one from being read. What it
// returns ends the reading.
type Each func(c *sessions.Conversation, err error) error

// Broken is a conversation that can't be read.
type Broken struct {
	Name string // as the program calls it
	Err  error
}

func (b *Broken) Error() string { return fmt.Sprintf("%q can't be read: %v", b.Name, b.Err) }

// Unwrap returns the cause.
func (b *Broken) Unwrap() error { return b.Err }

// mostBytes is how large a document may be, with its pictures.
const mostBytes = 1 << 30

// databaseMark is what files of SQLite begin with.
const databaseMark = "SQLite format 3\x00"

// File reads the conversations of a file, which is recognised by its contents, and returns
// the name of the program that wrote it.
func (r *Reader) File(ctx context.Context, path string, each Each) (program string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", failure(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return "", failure(path, err)
	case info.IsDir():
		return "", &sessions.Error{Doing: "importing " + path, Detail: "it is a folder; name the files in it"}
	}
	mark := make([]byte, len(databaseMark))
	n, _ := io.ReadFull(f, mark) // what can't be read is told of below
	mark = mark[:n]
	if info.Mode().IsRegular() && string(mark) == databaseMark {
		return r.database(ctx, path, info.ModTime(), each)
	}
	return r.Document(ctx, path, io.MultiReader(bytes.NewReader(mark), f), info.ModTime(), each)
}

// Document reads the conversations of a JSON document. Those that don't say when they were
// had were at that time.
func (r *Reader) Document(ctx context.Context, name string, in io.Reader, at time.Time, each Each) (program string, err error) {
	data, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark
	switch {
	case err != nil:
		return "", failure(name, err)
	case len(data) > mostBytes:
		return "", &sessions.Error{Doing: "importing " + name, Detail: fmt.Sprintf("it is larger than %d MiB", mostBytes>>20)}
	case bytes.HasPrefix(data, []byte(databaseMark)):
		return "", &sessions.Error{Doing: "importing " + name, Detail: "it is a database, which has to be named as a file"}
	case sessions.IsJSON(data):
		c, err := sessions.ReadJSON(data, r.Pixels)
		if err != nil {
			return "", failure(name, err)
		}
		return "vlmchat", each(c, nil)
	}
	return "openai", r.openAI(ctx, name, data, at, each)
}

// failure says of what something went wrong.
func failure(name string, err error) error {
	detail := err.Error()
	if known, ok := errors.AsType[*sessions.Error](err); ok {
		detail = known.Detail
	} else if errors.Is(err, fs.ErrNotExist) {
		detail = "there is no such file"
	} else if path, ok := errors.AsType[*fs.PathError](err); ok {
		detail = path.Err.Error()
	}
	return &sessions.Error{Doing: "importing " + name, Detail: detail, Err: err}
}
