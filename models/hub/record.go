package hub

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// A file that comes by several connections has holes until it is whole, which its size does
// not tell. So beside it lies a record: a line of JSON about the file, and a line for each
// piece that has been written, "start length". A process that is killed loses the pieces of
// the last moment; a line that it did not finish is not read.

const (
	recordFormat  = "vlmchat-partial"
	recordVersion = 1
)

// partial is what a record says of its file.
type partial struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Name    string `json:"name"` // as it was pulled
	Commit  string `json:"commit"`
	Path    string `json:"path"` // in the repository
	Size    int64  `json:"size"`
	ETag    string `json:"etag"`

	have spans
}

// readRecord reads a record. What is damaged is an error: then nothing of the file counts.
func readRecord(r io.Reader) (partial, error) {
	const longest = 64 << 20
	in := bufio.NewReader(io.LimitReader(r, longest))
	head, err := in.ReadSlice('\n')
	if err != nil {
		return partial{}, fmt.Errorf("it has no first line")
	}
	var p partial
	if err := json.Unmarshal(head, &p); err != nil || p.Format != recordFormat || p.Version != recordVersion {
		return partial{}, fmt.Errorf("it is no record of this version")
	}
	if !isHash(p.ETag) || p.Size < 0 || !isSafePath(p.Path) {
		return partial{}, fmt.Errorf("it names no file")
	}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil { // the end, or a line that was not finished
			return p, nil
		}
		piece, ok := parsePiece(string(bytes.TrimSuffix(line, []byte("\n"))))
		if !ok || piece.end > p.Size {
			return partial{}, fmt.Errorf("it has a piece that is none")
		}
		p.have = p.have.add(piece)
	}
}

func parsePiece(line string) (span, bool) {
	from, length, ok := strings.Cut(line, " ")
	start, err1 := strconv.ParseUint(from, 10, 62)
	n, err2 := strconv.ParseUint(length, 10, 62)
	return span{int64(start), int64(start + n)}, ok && err1 == nil && err2 == nil
}

// loadRecord reads the record at a path, if there is one of that file.
func loadRecord(path, etag string, size int64) (partial, bool) {
	f, err := os.Open(path)
	if err != nil {
		return partial{}, false
	}
	defer f.Close()
	p, err := readRecord(f)
	return p, err == nil && p.ETag == etag && p.Size == size
}

// recorder writes a record.
type recorder struct{ f *os.File }

// newRecorder writes what is known at once, in as few lines as can be, and returns what
// writes the rest.
func newRecorder(path string, p partial) (*recorder, error) {
	p.Format, p.Version = recordFormat, recordVersion
	var text bytes.Buffer
	if err := json.NewEncoder(&text).Encode(p); err != nil {
		return nil, err
	}
	for _, piece := range p.have {
		fmt.Fprintf(&text, "%d %d\n", piece.start, piece.size())
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, text.Bytes(), 0o666); err != nil {
		return nil, err
	}
	if err := os.Rename(fresh, path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	return &recorder{f}, nil
}

// add notes a piece, which has been written.
func (r *recorder) add(p span) error {
	_, err := fmt.Fprintf(r.f, "%d %d\n", p.start, p.size())
	return err
}

func (r *recorder) close() error { return r.f.Close() }
