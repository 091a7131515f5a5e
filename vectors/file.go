// Package vectors keeps many vectors of unit length in a file, and finds the nearest of
// them: exactly, at the speed at which memory can be read, and, where there are millions,
// through lists of those that lie together.
//
// A file only grows. Who owns it writes down elsewhere how many of its rows count, once
// they are durable, and says so when it is opened; rows beyond are what a crash has left,
// and the next ones are written over them. Every row has a checksum, which is looked at
// whenever the row is read: one that is damaged is left out and told, so an answer is
// never computed from bytes that are not as they were written.
package vectors

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
)

// ErrBroken is the error of a file that is not what it has to be: cut, or with a head that
// is damaged or another program's. What it held has to be made anew.
var ErrBroken = errors.New("the file of vectors is broken")

// ErrDamaged is the error of a row whose bytes are not as they were written.
var ErrDamaged = errors.New("the vector is damaged")

// File is an open file of vectors. It may be used by several goroutines at once.
type File struct {
	head header

	mu     sync.RWMutex // held for reading while rows are read
	file   *os.File
	rows   int
	mapped mapping // of at least the rows, once they have been asked for
}

// Create makes an empty file for vectors of a space, and opens it. What the space's ID is,
// is the caller's affair, who gets it back from Space. There may be no such file yet.
func Create(path, space string, dimensions int) (*File, error) {
	h := header{dimensions: dimensions, space: space}
	block, err := h.encode()
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err = file.Write(block); err == nil {
		err = file.Sync()
	}
	if err != nil {
		file.Close()
		os.Remove(path)
		return nil, err
	}
	syncFolder(filepath.Dir(path))
	return &File{head: h, file: file}, nil
}

// Open opens a file of which so many rows count. The error is fs.ErrNotExist if there is
// none, and ErrBroken if it is another file, or has been cut.
func Open(path string, rows int) (*File, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		file, err = os.Open(path) // to be searched alone: it, or its disk, can't be written
	}
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	if f.head, err = readHeader(file); err == nil {
		err = f.Resize(rows)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Space is the ID of the space that the vectors are of.
func (f *File) Space() string { return f.head.space }

// Dimensions is the number of values of a vector.
func (f *File) Dimensions() int { return f.head.dimensions }

// Rows is the number of rows that count.
func (f *File) Rows() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.rows
}

// Resize says how many rows count, as the owner has it written down: more, once another
// process has appended some, or fewer, if what was appended was not written down. The file
// is not cut by it, as others may be reading.
func (f *File) Resize(rows int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if rows < 0 || rows > maxRows {
		return fmt.Errorf("%d is no number of rows", rows)
	}
	if err := f.holds(rows); err != nil {
		return err
	}
	f.rows = rows
	return nil
}

// holds checks that the file is long enough for so many rows.
func (f *File) holds(rows int) error {
	fi, err := f.file.Stat()
	if err != nil {
		return err
	}
	if want := f.head.offset(rows); fi.Size() < want {
		return fmt.Errorf("%w: %d rows are %d bytes, and it has %d", ErrBroken, rows, want, fi.Size())
	}
	return nil
}

// Append writes vectors behind the rows that count, and returns the row of the first. They
// count from then on, and are durable after Sync. If it fails none of them count. Values
// are rounded to half precision; a vector whose length is not 1, within
// two thousandths, is an error. Only one process may append at a time.
func (f *File) Append(vectors [][]float32) (first int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(vectors) > maxRows-f.rows {
		return 0, fmt.Errorf("a file holds %d vectors at most", maxRows)
	}
	stride := f.head.stride()
	block := make([]byte, len(vectors)*stride)
	for i, v := range vectors {
		if err := f.head.check(v); err != nil {
			return 0, fmt.Errorf("vector %d of %d: %w", i+1, len(vectors), err)
		}
		f.head.encodeRow(block[i*stride:][:stride], f.rows+i, v)
	}
	if _, err := f.file.WriteAt(block, f.head.offset(f.rows)); err != nil {
		return 0, err
	}
	first = f.rows
	f.rows += len(vectors)
	return first, nil
}

// Tolerance is by how much the length of a vector may differ from 1.
const Tolerance = 0.002

// check wants a vector that can be kept.
func (h header) check(v []float32) error {
	if len(v) != h.dimensions {
		return fmt.Errorf("it has %d dimensions, and the file's have %d", len(v), h.dimensions)
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if length := math.Sqrt(sum); !(math.Abs(length-1) <= Tolerance) { // NaN is not
		return fmt.Errorf("its length is %g, and has to be 1", length)
	}
	return nil
}

// Sync makes what was appended durable.
func (f *File) Sync() error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.file.Sync()
}

// Close closes the file. Nothing may be using it any more.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rows = 0
	return errors.Join(f.mapped.unmap(), f.file.Close())
}

// Vector reads one row. The error is ErrDamaged if its bytes are not as they were written.
func (f *File) Vector(row int) (vector []float32, err error) {
	err = f.reading(func(rows int, data []byte) error {
		if row < 0 || row >= rows {
			return fmt.Errorf("there is no row %d of %d", row, rows)
		}
		r := f.head.row(data, row)
		if !r.whole(row) {
			return fmt.Errorf("row %d: %w", row, ErrDamaged)
		}
		vector = r.decode(make([]float32, f.head.padded()))[:f.head.dimensions]
		return nil
	})
	return vector, err
}

// Each calls do with every row that counts and is kept, in order, until it returns false.
// The vector may be used during the call only. What is damaged is left out and told.
func (f *File) Each(keep *Set, do func(row int, vector []float32) bool) (damaged []int, err error) {
	vector := make([]float32, f.head.padded())
	err = f.reading(func(rows int, data []byte) error {
		for row := range rows {
			if !keep.Has(row) {
				continue
			}
			r := f.head.row(data, row)
			if !r.whole(row) {
				damaged = append(damaged, row)
				continue
			}
			if !do(row, r.decode(vector)[:f.head.dimensions]) {
				break
			}
		}
		return nil
	})
	return damaged, err
}

// Damaged reads all rows, and returns those whose bytes are not as they were written.
func (f *File) Damaged(ctx context.Context) (damaged []int, err error) {
	err = f.reading(func(rows int, data []byte) error {
		damaged, err = f.scan(ctx, data, kept(rows, nil), func() func(*eight) { return func(*eight) {} })
		return err
	})
	return damaged, err
}
