package diskcache

import (
	"bytes"
	"hash/crc32"
	"testing"
)

// FuzzReadEntry reads files of any bytes: no panic, no memory that the file does
// not hold, and what is taken for an entry is one to the last byte.
func FuzzReadEntry(f *testing.F) {
	for _, value := range [][]byte{nil, []byte("a value")} {
		h := head{
			kind: "state", key: "key", note: []byte("note"),
			valueLength: uint64(len(value)), valueSum: crc32.Checksum(value, castagnoli()),
		}
		f.Add(append(h.encode(), value...))
		h.valueLength = 1 << 62
		f.Add(append(h.encode(), value...))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		h, value, err := readEntry(bytes.NewReader(file), int64(len(file)), true)
		if err != nil {
			return
		}
		if !bytes.Equal(append(h.encode(), value...), file) {
			t.Errorf("%q is read as %+v and %q", file, h, value)
		}
	})
}
