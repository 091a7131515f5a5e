package vectors

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"time"
)

// A file of lists, all of whose numbers are little-endian:
//
//	0   "vlmclist"
//	8   uint32: the version of the format, 1
//	12  uint32: the number of values of a centroid, with zeros up to a multiple of 8
//	16  uint32: the number of centroids
//	20  uint32: the number of the file's rows when the lists were made
//	24  uint32: the number of rows in the lists
//	28  uint32: the fingerprint of the file of vectors
//	32  the centroids, as float32
//	    uint32 for each: the number of rows in its list
//	    uint32 for each row in a list: its number; list by list, in order
//	    uint32: CRC-32C of everything before
const (
	listsMagic   = "vlmclist"
	listsVersion = 1
	listsHead    = 32
)

// Save writes the lists to a file, which is there whole or not at all.
func (l *Lists) Save(path string) error {
	var print uint32
	err := l.f.reading(func(rows int, data []byte) error {
		print = l.f.fingerprint(data, l.count)
		return nil
	})
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+tempMark+"*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // in vain, if it has its name by then
	defer temp.Close()
	if _, err := temp.Write(l.encode(print)); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	removeLeftovers(path)
	return nil
}

// tempMark is between a file's name and what makes another of it while it is written.
const tempMark = ".new-"

// removeLeftovers removes what processes have left that were killed while they wrote.
func removeLeftovers(path string) {
	names, _ := filepath.Glob(path + tempMark + "*") // of a pattern that isn't one there are none
	for _, name := range names {
		if fi, err := os.Stat(name); err == nil && time.Since(fi.ModTime()) > time.Hour {
			os.Remove(name)
		}
	}
}

func (l *Lists) encode(print uint32) []byte {
	le := binary.LittleEndian
	total := 0
	for _, rows := range l.rows {
		total += len(rows)
	}
	b := make([]byte, 0, listsSize(l.centroids.n, l.centroids.len(), total))
	b = append(b, listsMagic...)
	for _, n := range []int{listsVersion, l.centroids.n, l.centroids.len(), l.count, total} {
		b = le.AppendUint32(b, uint32(n))
	}
	b = le.AppendUint32(b, print)
	for _, x := range l.centroids.values {
		b = le.AppendUint32(b, math.Float32bits(x))
	}
	for _, rows := range l.rows {
		b = le.AppendUint32(b, uint32(len(rows)))
	}
	for _, rows := range l.rows {
		for _, row := range rows {
			b = le.AppendUint32(b, row)
		}
	}
	return le.AppendUint32(b, crc32.Checksum(b, castagnoli()))
}

// listsSize is the number of bytes of a file.
func listsSize(n, lists, rows int) int {
	return listsHead + 4*n*lists + 4*lists + 4*rows + 4
}

// fingerprint tells a file's first rows from those of other files: by the space and by the
// checksums of some of the rows.
func (f *File) fingerprint(data []byte, rows int) uint32 {
	const looks = 256
	sum := crc32.Checksum(data[:headerSize], castagnoli())
	for i := range min(looks, rows) {
		r := f.head.row(data, i*(rows-1)/max(1, min(looks, rows)-1))
		sum = crc32.Update(sum, castagnoli(), r[len(r)-8:])
	}
	return sum
}

// OpenLists reads the lists that were made of a file's rows and saved. The error is
// fs.ErrNotExist if there are none, and ErrBroken if they are damaged, or another file's, or
// of rows that don't count any more. Without them there is the exact search.
func (f *File) OpenLists(path string) (*Lists, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	l, print, err := decodeLists(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	l.f = f
	var belongs bool
	err = f.reading(func(rows int, data []byte) error {
		belongs = l.centroids.n == f.head.padded() && l.count <= rows && f.fingerprint(data, l.count) == print
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !belongs {
		return nil, fmt.Errorf("%s: %w: it is of other rows", path, ErrBroken)
	}
	return l, nil
}

// decodeLists reads a file's bytes, which may be anything.
func decodeLists(b []byte) (l *Lists, print uint32, err error) {
	le := binary.LittleEndian
	if len(b) < listsHead+4 || string(b[:len(listsMagic)]) != listsMagic || le.Uint32(b[8:]) != listsVersion {
		return nil, 0, fmt.Errorf("%w: it doesn't begin as lists", ErrBroken)
	}
	n, count, rows, total := le.Uint32(b[12:]), le.Uint32(b[16:]), le.Uint32(b[20:]), le.Uint32(b[24:])
	switch {
	case n == 0, n%lanes != 0, n > maxDimensions, count == 0, count > maxRows/n, rows > maxRows, total > rows,
		len(b) != listsSize(int(n), int(count), int(total)):
		return nil, 0, fmt.Errorf("%w: its length is not what it says", ErrBroken)
	}
	if le.Uint32(b[len(b)-4:]) != crc32.Checksum(b[:len(b)-4], castagnoli()) {
		return nil, 0, fmt.Errorf("%w: it is damaged", ErrBroken)
	}
	l = &Lists{count: int(rows), centroids: &centroids{n: int(n), values: make([]float32, n*count)}, rows: make([][]uint32, count)}
	values := b[listsHead:]
	for i := range l.centroids.values {
		l.centroids.values[i] = math.Float32frombits(le.Uint32(values[4*i:]))
	}
	lengths := values[4*len(l.centroids.values):]
	listed := lengths[4*len(l.rows):]
	all := make([]uint32, total)
	for i := range all {
		if all[i] = le.Uint32(listed[4*i:]); all[i] >= rows {
			return nil, 0, fmt.Errorf("%w: it lists row %d of %d", ErrBroken, all[i], rows)
		}
	}
	for i := range l.rows {
		length := le.Uint32(lengths[4*i:])
		if int(length) > len(all) {
			return nil, 0, fmt.Errorf("%w: its lists have more rows than it", ErrBroken)
		}
		l.rows[i], all = all[:length], all[length:]
	}
	if len(all) != 0 {
		return nil, 0, fmt.Errorf("%w: %d of its rows are in no list", ErrBroken, len(all))
	}
	return l, le.Uint32(b[28:]), nil
}
