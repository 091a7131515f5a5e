package diskcache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// An entry's file is a head and the value behind it. Numbers are little-endian.
//
//	magic                               8 bytes
//	version of this format              4 bytes
//	checksum of the rest of the head    4 bytes
//	checksum of the value               4 bytes
//	length of the kind                  4 bytes
//	length of the key                   4 bytes
//	length of the note                  4 bytes
//	length of the value                 8 bytes
//	kind, key, note
//
// The checksums are CRC-32C, which processors compute faster than any disk reads.
// They find damage: every one within 32 bits in a row, and all but one in four
// thousand million of others. They keep out nobody who can compute them: whoever
// may write to the folder may change any value.
const (
	magic       = "VLMCACHE"
	version     = 1
	fixedLength = len(magic) + 4*6 + 8
	sumStart    = len(magic) + 4 + 4 // of what the head's checksum is about
)

// Bounds, so that a damaged length is not believed.
const (
	maxKind = 32
	maxKey  = 64 << 10
	maxNote = 64 << 10
)

// castagnoli is made when it is used: starts of the process have no use for it.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// errDamaged is for a file that is no entry, or no longer the one it was.
var errDamaged = errors.New("the file is damaged")

// head is what an entry's file tells before the value.
type head struct {
	kind, key   string
	note        []byte
	valueLength uint64
	valueSum    uint32
}

// check refuses what has no place in a head.
func (h head) check() error {
	switch {
	case !validKind(h.kind):
		return fmt.Errorf("%q is no kind of entries: a word of at most %d small letters is", h.kind, maxKind)
	case len(h.key) > maxKey:
		return fmt.Errorf("the key of a %s has %d bytes, and at most %d are kept", h.kind, len(h.key), maxKey)
	case len(h.note) > maxNote:
		return fmt.Errorf("the note of a %s has %d bytes, and at most %d are kept", h.kind, len(h.note), maxNote)
	}
	return nil
}

// encode returns the bytes of the head.
func (h head) encode() []byte {
	b := make([]byte, 0, fixedLength+len(h.kind)+len(h.key)+len(h.note))
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, h.valueSum)
	for _, length := range []int{len(h.kind), len(h.key), len(h.note)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(length))
	}
	b = binary.LittleEndian.AppendUint64(b, h.valueLength)
	b = append(b, h.kind...)
	b = append(b, h.key...)
	b = append(b, h.note...)
	binary.LittleEndian.PutUint32(b[sumStart-4:], crc32.Checksum(b[sumStart:], castagnoli()))
	return b
}

// readEntry reads an entry of a file of a size, its value only if that is
// wanted. Without it, only the head and the size are known to be right.
func readEntry(r io.Reader, size int64, wantValue bool) (h head, value []byte, err error) {
	fixed := make([]byte, fixedLength)
	if _, err := io.ReadFull(r, fixed); err != nil {
		return h, nil, errDamaged
	}
	rest, ok := bytes.CutPrefix(fixed, []byte(magic))
	if !ok || binary.LittleEndian.Uint32(rest) != version {
		return h, nil, errDamaged
	}
	sum := binary.LittleEndian.Uint32(rest[4:])
	h.valueSum = binary.LittleEndian.Uint32(rest[8:])
	kind, key, note := binary.LittleEndian.Uint32(rest[12:]), binary.LittleEndian.Uint32(rest[16:]), binary.LittleEndian.Uint32(rest[20:])
	h.valueLength = binary.LittleEndian.Uint64(rest[24:])
	if kind > maxKind || key > maxKey || note > maxNote {
		return h, nil, errDamaged
	}
	if behind := size - int64(fixedLength) - int64(kind+key+note); behind < 0 || uint64(behind) != h.valueLength {
		return h, nil, errDamaged
	}
	texts := make([]byte, kind+key+note)
	if _, err := io.ReadFull(r, texts); err != nil {
		return h, nil, errDamaged
	}
	if crc32.Update(crc32.Checksum(fixed[sumStart:], castagnoli()), castagnoli(), texts) != sum {
		return h, nil, errDamaged
	}
	h.kind, h.key, h.note = string(texts[:kind]), string(texts[kind:kind+key]), texts[kind+key:]
	if h.check() != nil {
		return h, nil, errDamaged
	}
	if !wantValue {
		return h, nil, nil
	}
	value = make([]byte, h.valueLength)
	if _, err := io.ReadFull(r, value); err != nil || crc32.Checksum(value, castagnoli()) != h.valueSum {
		return h, nil, errDamaged
	}
	return h, value, nil
}
