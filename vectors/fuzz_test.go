package vectors

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
)

// FuzzOpen opens files of any bytes, with right checksums and wrong ones, and searches them:
// no panic, no fault, and nothing is found but in rows that are whole.
func FuzzOpen(f *testing.F) {
	h := header{dimensions: 9, space: "s"}
	good, err := h.encode()
	if err != nil {
		f.Fatal(err)
	}
	for i, v := range unit(1, 3, 9) {
		b := make([]byte, h.stride())
		h.encodeRow(b, i, v)
		good = append(good, b...)
	}
	f.Add(good, 3, true)
	f.Add(good, 4, true)
	f.Add(good[:headerSize+50], 2, false)
	f.Add([]byte(magic), 0, false)
	f.Fuzz(func(t *testing.T, b []byte, rows int, right bool) {
		if right && len(b) >= headerSize {
			b = bytes.Clone(b)
			le := binary.LittleEndian
			le.PutUint32(b[headerSum:], 0)
			le.PutUint32(b[headerSum:], crc32.Checksum(b[:headerSize], castagnoli()))
		}
		path := filepath.Join(t.TempDir(), "vectors")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Open(path, rows)
		if err != nil {
			return
		}
		defer file.Close()
		query := make([]float32, file.Dimensions())
		query[0] = 1
		r, err := file.Search(context.Background(), [][]float32{query}, 5, nil)
		if err != nil {
			t.Fatal(err)
		}
		damaged, err := file.Damaged(context.Background())
		if err != nil || len(damaged) != len(r.Damaged) {
			t.Fatal(damaged, r.Damaged, err)
		}
		if n := rows - len(damaged); len(r.Hits[0]) != min(5, n) {
			t.Fatalf("%d of %d whole rows are found", len(r.Hits[0]), n)
		}
		for _, hit := range r.Hits[0] {
			if _, err := file.Vector(hit.Row); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzLists reads lists of any bytes, with right checksums and wrong ones: no panic, no
// memory that the file does not hold, and what is taken for lists is what it says.
func FuzzLists(f *testing.F) {
	l := &Lists{count: 5, centroids: &centroids{n: 8, values: make([]float32, 16)}, rows: [][]uint32{{0, 4}, {2}}}
	good := l.encode(42)
	f.Add(good, true)
	f.Add(good[:40], false)
	f.Add(good[:len(good)-8], true)
	short := bytes.Clone(good)
	short[len(short)-24] = 1 // the first list: a row is in none
	f.Add(short, true)
	f.Fuzz(func(t *testing.T, b []byte, right bool) {
		if right && len(b) >= 4 {
			b = bytes.Clone(b)
			binary.LittleEndian.PutUint32(b[len(b)-4:], crc32.Checksum(b[:len(b)-4], castagnoli()))
		}
		l, print, err := decodeLists(b)
		if err != nil {
			if !errors.Is(err, ErrBroken) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(l.encode(print), b) {
			t.Fatal("it is read as something else")
		}
	})
}
