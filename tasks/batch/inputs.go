package batch

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/images"
)

// Inputs are what a person named: folders, patterns, pictures, documents, web addresses,
// files of jobs, "-" for standard input.
type Inputs struct {
	Names []string
	Stdin string // the file that has what came on standard input, which is read more than once
	Null  bool   // standard input has paths with a NUL behind each, as of find -print0
	// Frames says that frames are taken of videos and animations, which are pictures then.
	Frames bool
	// Output is the file that is written, "" for none: its lines can't be jobs.
	Output string
	// Split names the pictures of a file that may have several.
	Split func(ctx context.Context, path string) ([]string, error)

	// These count, once All has come to its end, what it has left out.
	LeftOut  int // files in folders that are no pictures
	Failed   int // records of an earlier output that have no answer
	Unwanted int // items of which the expression of Choose does not hold

	where   *Where
	members Members // that All learns, and yields nothing
}

// longestLine is as much of a line of jobs as is read: pictures as data URLs included.
const longestLine = 512 << 20

// Unusable says what of the input can't be used.
type Unusable struct {
	Place string // a file, or a line of one
	Err   error
}

func (e *Unusable) Error() string { return e.Place + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Unusable) Unwrap() error { return e.Err }

// All lists the items, in the order of the names, and in folders in that of their files'
// names. It reads along, and keeps nothing.
func (in *Inputs) All(ctx context.Context) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		in.LeftOut, in.Failed, in.Unwanted = 0, 0, 0
		w := walker{in: in, ctx: ctx, yield: yield}
		for _, name := range in.Names {
			if !w.named(name) {
				return
			}
		}
	}
}

// walker hands on items. Its methods report false when no more are wanted.
type walker struct {
	in    *Inputs
	ctx   context.Context
	yield func(Item, error) bool
}

func (w *walker) fail(err error) bool {
	w.yield(Item{}, err)
	return false
}

func (w *walker) named(name string) bool {
	if err := w.ctx.Err(); err != nil {
		return w.fail(err)
	}
	switch {
	case name == "-":
		return w.stdin()
	case images.IsURL(name):
		return w.item(name, name, name)
	}
	for _, path := range images.Paths(name) {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			continue
		case info.IsDir():
			return w.folder(path, folderName(path))
		case hasJobs(path):
			return w.jobs(path, path, filepath.Dir(path))
		}
		return w.file(path, idOf(path), name)
	}
	if images.IsPattern(name) {
		if files, err := images.Glob(w.ctx, name); err != nil {
			return w.fail(&Unusable{name, err})
		} else if len(files) > 0 {
			return w.matches(name, files)
		}
	}
	// What is chosen of a document, or nothing: Names tells which.
	names, err := w.in.Split(w.ctx, name)
	if err != nil {
		return w.fail(err)
	}
	return w.items(names, name)
}

// hasJobs tells by its name whether a file has jobs.
func hasJobs(path string) bool {
	return slices.Contains([]string{".jsonl", ".ndjson"}, strings.ToLower(filepath.Ext(path)))
}

// matches lists what is in the files that match a pattern. One that leaves open how their names
// end, photos/*, means the pictures among them, and not the texts that a batch has put beside
// these, or its output.
func (w *walker) matches(pattern string, files []string) bool {
	kind := filepath.Ext(pattern)
	open := kind == "" || strings.ContainsAny(kind, "*?[")
	for _, path := range files {
		switch {
		case open && !w.isPicture(path):
			w.in.LeftOut++
		case hasJobs(path):
			if !w.jobs(path, path, filepath.Dir(path)) {
				return false
			}
		case !w.file(path, idOf(path), path):
			return false
		}
	}
	return true
}

// idOf is what a path is called: the same on all systems.
func idOf(path string) string { return filepath.ToSlash(filepath.Clean(path)) }

// asText is an ID as a record can have it, so that it is found again: names of files may have
// bytes that are no text (UTF-8), which become \xff.
func asText(id string) string {
	if utf8.ValidString(id) {
		return id
	}
	var b strings.Builder
	for len(id) > 0 {
		r, size := utf8.DecodeRuneInString(id)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, id[0])
		} else {
			b.WriteString(id[:size])
		}
		id = id[size:]
	}
	return b.String()
}

// folderName is what the paths in a folder begin with: its name, so that it may lie
// anywhere; nothing for the one in which one is.
func folderName(path string) string {
	if filepath.Clean(path) == "." {
		return ""
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	if path = filepath.Base(path); path == string(filepath.Separator) {
		return ""
	}
	return path
}

// folder lists the pictures in a folder and in those below. What is hidden is left out,
// links to folders are not followed: they may lead in a circle.
func (w *walker) folder(dir, name string) bool {
	if err := w.ctx.Err(); err != nil {
		return w.fail(err)
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true // it was removed since it was listed
	}
	if err != nil {
		return w.fail(&Unusable{dir, fmt.Errorf("the folder can't be read: %w", withoutPath(err))})
	}
	for _, e := range entries {
		path, id := filepath.Join(dir, e.Name()), filepath.ToSlash(filepath.Join(name, e.Name()))
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			if !w.folder(path, id) {
				return false
			}
		case !w.isPicture(path) || !isFile(path, e):
			if !w.isSidecar(path) {
				w.in.LeftOut++
			}
		case !w.file(path, id, path):
			return false
		}
	}
	return true
}

// isSidecar tells whether a file is called as one that lies beside a picture: it is no
// picture that somebody may miss.
func (w *walker) isSidecar(path string) bool {
	ext := filepath.Ext(path)
	return (ext == ".txt" || ext == ".xmp") && w.isPicture(strings.TrimSuffix(path, ext))
}

// isFile tells whether an entry is a file, or a link to one.
func isFile(path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func (w *walker) isPicture(path string) bool {
	return images.IsNamedPicture(path) || w.in.Frames && images.MayMove(path)
}

// file lists the pictures in a file. One whose pictures can't be told apart is an item all
// the same: what is wrong with it is found when it is read.
func (w *walker) file(path, id, place string) bool {
	if images.MayHavePages(path) || w.in.Frames && images.MayMove(path) {
		if names, err := w.in.Split(w.ctx, path); err == nil {
			for _, name := range names {
				if !w.item(id+strings.TrimPrefix(name, path), name, place) {
					return false
				}
			}
			return true
		}
		if err := w.ctx.Err(); err != nil {
			return w.fail(err)
		}
	}
	return w.item(id, path, place)
}

// items are pictures whose names are their IDs.
func (w *walker) items(names []string, place string) bool {
	for _, name := range names {
		if !w.item(idOf(name), name, place) {
			return false
		}
	}
	return true
}

func (w *walker) item(id, source, place string) bool {
	if source == "-" {
		source = "." + string(filepath.Separator) + source
	}
	item := Item{ID: asText(id), Images: []string{source}, Place: place}
	wanted, err := w.in.chosen(item, nil)
	if err != nil {
		return w.fail(&Unusable{place, err})
	}
	return !wanted || w.yield(item, nil)
}

// stdin lists what came on standard input: jobs, or paths.
func (w *walker) stdin() bool {
	const name = "standard input"
	f, err := os.Open(w.in.Stdin)
	if err != nil {
		return w.fail(&Unusable{name, err})
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	end := byte(0)
	if !w.in.Null {
		if first, _ := r.Peek(1 << 10); bytes.HasPrefix(bytes.TrimLeft(first, " \t\r\n\ufeff"), []byte("{")) {
			return w.jobs(w.in.Stdin, name, ".")
		}
		end = '\n'
	}
	for number := 1; ; number++ {
		path, err := r.ReadString(end)
		path = strings.TrimSuffix(path, string(end))
		if !w.in.Null {
			path = strings.TrimSuffix(path, "\r")
		}
		place := fmt.Sprintf("%s, line %d", name, number)
		switch {
		case path == "":
		case images.IsURL(path):
			if !w.item(path, path, place) {
				return false
			}
		default:
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				return w.fail(&Unusable{place, fmt.Errorf("%q is a folder; its pictures are meant, or the folder itself as an argument", path)})
			}
			if !w.file(path, idOf(path), place) {
				return false
			}
		}
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return w.fail(&Unusable{name, err})
		}
		if err := w.ctx.Err(); err != nil {
			return w.fail(err)
		}
	}
}

// jobs lists the jobs in a file.
func (w *walker) jobs(file, name, folder string) bool {
	f, err := os.Open(file)
	if err != nil {
		return w.fail(&Unusable{name, fmt.Errorf("it can't be read: %w", withoutPath(err))})
	}
	defer f.Close()
	if w.in.isOutput(f) {
		return w.fail(&Unusable{name, errors.New("this is an input and the output: choose another output with -o")})
	}
	r := bufio.NewReaderSize(f, 1<<16)
	for number := 1; ; number++ {
		line, err := lineOf(r, longestLine)
		ended := errors.Is(err, io.EOF)
		place := fmt.Sprintf("%s, line %d", name, number)
		if err != nil && !ended {
			return w.fail(&Unusable{place, err})
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			item, err := parseJob(line, folder)
			if err != nil {
				return w.fail(&Unusable{place, err})
			}
			item.Place = place
			if item.ID == "" {
				item.ID = asText(unnamed(item, name, number))
			}
			wanted, err := w.in.chosen(item, line)
			if err != nil {
				return w.fail(&Unusable{place, err})
			}
			if wanted && !w.yield(item, nil) {
				return false
			}
		}
		if ended {
			return true
		}
		if err := w.ctx.Err(); err != nil {
			return w.fail(err)
		}
	}
}

func (in *Inputs) isOutput(f *os.File) bool {
	input, err1 := f.Stat()
	output, err2 := os.Stat(in.Output)
	return err1 == nil && err2 == nil && os.SameFile(input, output)
}

// unnamed is the ID of a job that has none: its picture's, or else its line.
func unnamed(item Item, name string, number int) string {
	if len(item.Images) > 0 && !strings.HasPrefix(item.Images[0], "data:") {
		return filepath.ToSlash(item.Images[0])
	}
	return fmt.Sprintf("%s:%d", filepath.Base(name), number)
}

// lineOf reads a line without its end, of so many bytes at most.
func lineOf(r *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > most {
			return nil, fmt.Errorf("this line is longer than %d MiB", most>>20)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// withoutPath is an operating system's error without the path, which the message has.
func withoutPath(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return l.Err
	}
	return err
}
