package images

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

// exifWith makes a TIFF block that says when a picture was changed and taken.
func exifWith(order binary.AppendByteOrder, changed, taken, offset string) []byte {
	entry := func(b []byte, tag, kind uint16, n, value int) []byte {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		return order.AppendUint32(order.AppendUint32(b, uint32(n)), uint32(value))
	}
	head := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = "MM\x00*"
	}
	const first, second = 8, 8 + 2 + 2*12 + 4
	texts := second + 2 + 2*12 + 4
	b := order.AppendUint16(order.AppendUint32([]byte(head), first), 2)
	b = entry(b, exifChanged, 2, len(changed)+1, texts)
	b = entry(b, exifDirectory, 4, 1, second)
	b = order.AppendUint16(order.AppendUint32(b, 0), 2)
	b = entry(b, exifTaken, 2, len(taken)+1, texts+len(changed)+1)
	b = entry(b, exifTakenOffset, 2, len(offset)+1, texts+len(changed)+len(taken)+2)
	return append(order.AppendUint32(b, 0), changed+"\x00"+taken+"\x00"+offset+"\x00"...)
}

// inJPEG is a JPEG's beginning with an Exif segment.
func inJPEG(block []byte) []byte {
	b := append([]byte{0xff, jpegSOI, 0xff, jpegAPP1}, 0, 0)
	binary.BigEndian.PutUint16(b[4:], uint16(2+len(exifHeader)+len(block)))
	return append(append(b, exifHeader...), block...)
}

func TestTaken(t *testing.T) {
	t.Parallel()
	const changed, taken = "2020:01:02 03:04:05", "2019:12:31 23:59:58"
	for name, test := range map[string]struct {
		format string
		data   []byte
		want   time.Time
	}{
		"with an offset":           {"jpeg", inJPEG(exifWith(binary.LittleEndian, changed, taken, "+05:30")), time.Date(2019, 12, 31, 18, 29, 58, 0, time.UTC)},
		"local":                    {"jpeg", inJPEG(exifWith(binary.BigEndian, changed, taken, "   ")), time.Date(2019, 12, 31, 23, 59, 58, 0, time.Local)},
		"a clock that was not set": {"jpeg", inJPEG(exifWith(binary.BigEndian, changed, "0000:00:00 00:00:00", "   ")), time.Date(2020, 1, 2, 3, 4, 5, 0, time.Local)},
		"nothing but blanks":       {"jpeg", inJPEG(exifWith(binary.LittleEndian, "    :  :     :  :  ", "", "")), time.Time{}},
		"a TIFF":                   {"tiff", exifWith(binary.BigEndian, changed, taken, "Z"), time.Date(2019, 12, 31, 23, 59, 58, 0, time.Local)},
		"within a HEIC":            {"heic", append([]byte("....ftypheic\x00\x00\x00\x06"+exifHeader), exifWith(binary.BigEndian, changed, taken, "+00:00")...), time.Date(2019, 12, 31, 23, 59, 58, 0, time.UTC)},
		"none":                     {"jpeg", []byte{0xff, jpegSOI, 0xff, jpegEOI}, time.Time{}},
		"no picture file":          {"", nil, time.Time{}},
	} {
		if got := (&Picture{Format: test.format, Data: test.data}).Taken(); !got.Equal(test.want) {
			t.Errorf("%s: it was taken %v, not %v", name, got, test.want)
		}
	}
}

func FuzzTaken(f *testing.F) {
	f.Add(exifWith(binary.LittleEndian, "2020:01:02 03:04:05", "2019:12:31 23:59:58", "+05:30"))
	f.Add(exifWith(binary.BigEndian, "", "", ""))
	f.Fuzz(func(t *testing.T, block []byte) {
		at := (&Picture{Format: "tiff", Data: block}).Taken()
		if again := (&Picture{Format: "tiff", Data: bytes.Clone(block)}).Taken(); !again.Equal(at) {
			t.Errorf("%v and %v", at, again)
		}
	})
}
