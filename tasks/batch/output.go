package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Output is a file of records, a line each, and by that its own journal: what is in it is
// done. Only whole lines count. A process that is killed leaves half a line at most, which
// the next one cuts off.
type Output struct {
	stream io.Writer // in place of a file: nothing is known of what was written to it

	path  string // of the file itself, where a link leads
	file  *os.File
	lock  *flock.Flock
	size  int64 // of its whole lines
	items map[key]kept

	journal     *Output // that a run in the input's order has left; nil for none
	anew        bool    // what is in it doesn't count
	made        bool    // by this process
	retryErrors bool
	drops       bool // some of items leave it
	synced      time.Time
}

// syncEvery is how much work the end of the machine may cost.
const syncEvery = time.Second

// InUse says that another process writes to an output.
type InUse struct{ Path string }

func (e *InUse) Error() string {
	return fmt.Sprintf("%s is being written by another vlmchat batch: wait for it, or choose another output with -o", e.Path)
}

// NoOutput says that a file is none of a batch's.
type NoOutput struct {
	Path   string
	Line   int
	Detail string
}

func (e *NoOutput) Error() string {
	return fmt.Sprintf("%s, line %d: %s; nothing was written: choose another output with -o, or begin this one anew with --overwrite", e.Path, e.Line, e.Detail)
}

// Differs says that an output has an answer to another question.
type Differs struct {
	Path, ID, What string
}

func (e *Differs) Error() string {
	return fmt.Sprintf("%s has an answer to %s that was asked in another way: %s changed; choose another output with -o, or begin this one anew with --overwrite", e.Path, e.ID, e.What)
}

// OpenOutput opens an output, to go on with what is in it or to begin it, and keeps
// others from it. With retryErrors what failed is asked again, also where it may well
// fail again; with anew, all is: then nothing of the file is read, and Work.Begin empties it.
func OpenOutput(path string, anew, retryErrors bool) (*Output, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	o := &Output{path: path, items: map[key]kept{}, anew: anew, retryErrors: retryErrors, synced: time.Now()}
	var err error
	if o.lock, err = lockBeside(path); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		o.made = true
	}
	if o.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		o.unlock()
		return nil, fmt.Errorf("the output can't be opened: %w", err)
	}
	if !anew {
		err = o.recall()
	}
	if err == nil && !anew {
		o.journal, err = openJournal(path, false)
	}
	if err != nil {
		o.file.Close()
		o.unlock()
		return nil, err
	}
	return o, nil
}

// Stream is an output that is no file, such as a pipe: what is written to it is gone.
func Stream(w io.Writer) *Output { return &Output{stream: w, items: map[key]kept{}} }

// lockName is the file that is locked while an output is written. It can't be the output
// itself, in whose place another is put.
func lockName(path string) string { return path + ".lock" }

func lockBeside(path string) (*flock.Flock, error) {
	for {
		lock := flock.New(lockName(path))
		got, err := lock.TryLock()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("the folder of the output %s does not exist", path)
		case err != nil:
			return nil, fmt.Errorf("the output can't be locked: %w", err)
		case !got:
			return nil, &InUse{path}
		}
		// Who was here before may have removed the file between its opening and its lock.
		held, err1 := lock.Stat()
		there, err2 := os.Stat(lock.Path())
		if err1 == nil && err2 == nil && os.SameFile(held, there) {
			return lock, nil
		}
		_ = lock.Close()
	}
}

// unlock lets others have the output. The lock's file is removed while it is held, where
// the system allows that, so that nobody else's is.
func (o *Output) unlock() {
	err := os.Remove(o.lock.Path())
	_ = o.lock.Close()
	if err != nil {
		_ = os.Remove(o.lock.Path())
	}
}

// recall reads what is in the file, and cuts off half a record at its end.
func (o *Output) recall() error {
	lines := 0
	end, err := readLines(o.file, func(at int64, number int, line []byte) error {
		lines = number
		r, err := parseKept(line)
		if err != nil {
			return &NoOutput{o.path, number, err.Error()}
		}
		o.note(r, at)
		return nil
	})
	if err != nil {
		return err
	}
	if is, err := o.endsInRecord(end); err != nil {
		return err
	} else if !is {
		return &NoOutput{o.path, lines + 1, "this is no record of a batch"}
	}
	return o.cut(end)
}

// endsInRecord tells whether what is behind the last whole line is the beginning of a record,
// or nothing. Where the machine went down, it may be zeros that were never written over.
func (o *Output) endsInRecord(end int64) (bool, error) {
	const begins = `{"format":"` + RecordFormat + `"`
	half := make([]byte, len(begins))
	n, err := o.file.ReadAt(half, end)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("the output can't be read: %w", err)
	}
	return strings.HasPrefix(begins, strings.TrimRight(string(half[:n]), "\x00")), nil
}

// keptRecord is what a run wants to know of a record that is there already.
type keptRecord struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	ID        string `json:"id"`
	Status    Status `json:"status"`
	Retryable bool   `json:"retryable"`
	Asked     string `json:"asked"`
}

func parseKept(line []byte) (keptRecord, error) {
	var r keptRecord
	if err := json.Unmarshal(line, &r); err != nil || r.Format != RecordFormat {
		return r, errors.New("this is no record of a batch")
	}
	if r.Version > RecordVersion {
		return r, fmt.Errorf("this was written by a newer vlmchat (its records are of version %d, and this one knows %d)", r.Version, RecordVersion)
	}
	if r.ID == "" {
		return r, errors.New("this record has no id")
	}
	return r, nil
}

// note remembers a record that begins there. An answer stays before a failure; the other of two
// records of an item, as of outputs that were put together, leaves the file.
func (o *Output) note(r keptRecord, at int64) {
	k := keyOf(r.ID)
	failed := r.Status != Answered
	if before, twice := o.items[k]; twice {
		o.drops = true
		if failed && !before.error {
			return
		}
	}
	o.items[k] = kept{at: at, asked: digestOf(r.Asked), error: failed, again: failed && r.Retryable}
}

// readLines calls each with the whole lines of a file: where each begins, its number from
// 1, and what is in it. It returns where they end.
func readLines(f io.ReadSeeker, each func(at int64, number int, line []byte) error) (end int64, err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	r := bufio.NewReaderSize(f, 1<<16)
	var long []byte
	for number := 1; ; number++ {
		line, err := r.ReadSlice('\n')
		for long = long[:0]; errors.Is(err, bufio.ErrBufferFull); {
			long = append(long, line...)
			line, err = r.ReadSlice('\n')
		}
		if len(long) > 0 {
			line = append(long, line...)
			long = line
		}
		if errors.Is(err, io.EOF) {
			return end, nil // what is left is half a line
		}
		if err != nil {
			return end, err
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if err := each(end, number, text); err != nil {
				return end, err
			}
		}
		end += int64(len(line))
	}
}

// done tells whether there is nothing to do about an item that is asked in this way: it
// has its record. The error is a Differs where that is the answer to another question.
func (o *Output) done(id string, asked Asked) (bool, error) {
	k, ok := o.items[keyOf(id)]
	if !ok && o.journal != nil {
		o.journal.retryErrors = o.retryErrors
		return o.journal.done(id, asked)
	}
	switch {
	case !ok || k.again || k.error && o.retryErrors:
		return false, nil
	case k.asked == digestOf(asked.String()):
		return true, nil
	}
	r, err := o.readAt(k.at)
	if err != nil {
		return false, err
	}
	return false, &Differs{o.path, id, asked.differs(r.Asked)}
}

// failed tells whether an item's record is that of a failure.
func (o *Output) failed(k key) bool {
	if it, ok := o.items[k]; ok || o.journal == nil {
		return it.error
	}
	return o.journal.failed(k)
}

// readAt reads the record whose line begins there.
func (o *Output) readAt(at int64) (keptRecord, error) {
	line, err := lineAt(o.file, at)
	if err != nil {
		return keptRecord{}, fmt.Errorf("%s can't be read: %w", o.path, err)
	}
	return parseKept(line)
}

func lineAt(f io.ReaderAt, at int64) ([]byte, error) {
	const most = 1 << 40
	return bufio.NewReader(io.NewSectionReader(f, at, most)).ReadBytes('\n')
}

// replace has an item's record leave the output, if there is one, as it is asked again.
func (o *Output) replace(id string) {
	if k, ok := o.items[keyOf(id)]; ok {
		k.drop = true
		o.items[keyOf(id)] = k
		o.drops = true
	}
	if o.journal != nil {
		o.journal.replace(id)
	}
}

// begin makes the output ready to be added to: the records of items that are asked again
// leave it. Until then nothing of it was changed but half a line.
func (o *Output) begin() error {
	switch {
	case o.stream != nil:
		return nil
	case o.anew:
		return o.empty()
	}
	if o.drops {
		o.drops = false
		if err := o.rewrite(func(k kept) bool { return !k.drop }); err != nil {
			return err
		}
	}
	return o.absorb()
}

// empty begins an output anew.
func (o *Output) empty() error {
	if err := removeIfThere(journalName(o.path)); err != nil {
		return fmt.Errorf("the journal of the output can't be removed: %w", err)
	}
	return o.cut(0)
}

// cut leaves the file its first bytes.
func (o *Output) cut(size int64) error {
	if err := o.file.Truncate(size); err != nil {
		return fmt.Errorf("the output can't be written: %w", err)
	}
	o.size = size
	_, err := o.file.Seek(size, io.SeekStart)
	return err
}

// rewrite puts a file in the output's place that has what stays of it.
func (o *Output) rewrite(stays func(kept) bool) error {
	failed := func(err error) error {
		return fmt.Errorf("the output %s can't be written anew: %w", o.path, withoutPath(err))
	}
	info, err := o.file.Stat()
	if err != nil {
		return failed(err)
	}
	next, err := draft(o.path, info.Mode().Perm())
	if err != nil {
		return failed(err)
	}
	defer os.Remove(next.Name()) // where it is still called so
	before := o.items
	o.items = map[key]kept{}
	w, size := bufio.NewWriter(next), int64(0)
	_, err = readLines(o.file, func(at int64, _ int, line []byte) error {
		r, err := parseKept(line)
		if err != nil {
			return err
		}
		if k := before[keyOf(r.ID)]; k.at != at || !stays(k) {
			return nil // of two records of an item one stays
		}
		o.note(r, size)
		n, err := w.Write(append(line, '\n'))
		size += int64(n)
		return err
	})
	_ = next.Chmod(info.Mode().Perm())
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = next.Sync()
	}
	if closed := next.Close(); err == nil {
		err = closed
	}
	if err != nil {
		o.items = before
		return failed(err)
	}
	o.file.Close() // not every system lets a file be replaced that is open
	renamed := os.Rename(next.Name(), o.path)
	if o.file, err = os.OpenFile(o.path, os.O_RDWR, 0); err != nil {
		return failed(err)
	}
	if renamed != nil {
		o.items = before
		return failed(renamed)
	}
	syncFolder(o.path)
	o.size = size
	_, err = o.file.Seek(size, io.SeekStart)
	return err
}

// draft makes a hidden file beside another, to be put in its place once it is whole. One that
// a killed run has left has the same name, and is replaced.
func draft(path string, mode fs.FileMode) (*os.File, error) {
	k := keyOf(filepath.Base(path))
	name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".vlmchat-%x", k[:8]))
	if err := removeIfThere(name); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// syncFolder has a file's new name outlive the machine, where the system has a way.
func syncFolder(path string) {
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		dir.Close()
	}
}

// Write adds a record. Where that fails, as the disk is full, the file has all that was
// added before, and no half of a line.
func (o *Output) Write(r Record) error {
	line, err := r.line()
	if err != nil {
		return err
	}
	return o.add(line)
}

// add adds a whole line.
func (o *Output) add(line []byte) error {
	if o.stream != nil {
		_, err := o.stream.Write(line)
		return err
	}
	if _, err := o.file.Write(line); err != nil {
		_ = o.cut(o.size)
		return fmt.Errorf("%w; what is in it is whole: the same command goes on once it can be written", err)
	}
	o.size += int64(len(line))
	if now := time.Now(); now.Sub(o.synced) >= syncEvery {
		o.synced = now
		return o.sync()
	}
	return nil
}

func (o *Output) sync() error {
	if err := o.file.Sync(); err != nil {
		return fmt.Errorf("the output may not be on the disk: %w", err)
	}
	return nil
}

// Records goes through the records of the output's items, in their order in the file. Of a
// stream there are none.
func (o *Output) Records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if o.stream != nil {
			return
		}
		_, err := readLines(io.NewSectionReader(o.file, 0, o.size), func(at int64, _ int, line []byte) error {
			var r Record
			if err := json.Unmarshal(line, &r); err != nil {
				return err
			}
			if it, known := o.items[keyOf(r.ID)]; known && it.at != at {
				return nil // of two records of an item one counts
			}
			if !yield(r, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Record{}, fmt.Errorf("%s can't be read: %w", o.path, err))
		}
	}
}

// errEnough ends the reading of lines.
var errEnough = errors.New("enough")

// vain tells whether an output was made for nothing.
func (o *Output) vain() bool { return o.made && o.size == 0 }

// Close ends the use of the output. One that was made for it and has nothing is removed.
func (o *Output) Close() error {
	if o.stream != nil {
		return nil
	}
	err := o.sync()
	if closed := o.file.Close(); err == nil {
		err = closed
	}
	if o.vain() {
		err = errors.Join(err, os.Remove(o.path))
	}
	o.unlock()
	return err
}
