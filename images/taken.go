package images

import (
	"encoding/binary"
	"strings"
	"time"
)

// The tags of Exif (Exif 2.32, 4.6.3 to 4.6.5) that say when a picture was taken.
const (
	exifDirectory     = 0x8769 // where the directory of the camera's own tags lies
	exifChanged       = 0x0132 // when the file was changed
	exifTaken         = 0x9003 // when the picture was taken
	exifChangedOffset = 0x9010 // from UTC, of exifChanged
	exifTakenOffset   = 0x9011 // likewise, of exifTaken
)

// Taken is when the picture was taken, by its own word (EXIF). Where that does not tell its
// offset from UTC, as of most cameras, it is local time. It is the zero time of a picture
// that does not say.
func (p *Picture) Taken() time.Time {
	block := exifBlock(p.Format, p.Data)
	order := tiffOrder(block)
	if order == nil {
		return time.Time{}
	}
	file := exifEntries(block, order, order.Uint32(block[4:]))
	camera := exifEntries(block, order, file.directory)
	if at, ok := exifMoment(camera.texts[exifTaken], camera.texts[exifTakenOffset]); ok {
		return at
	}
	at, _ := exifMoment(file.texts[exifChanged], camera.texts[exifChangedOffset])
	return at
}

// exifMoment reads a time. Cameras whose clock was never set write zeros or blanks.
func exifMoment(text, offset string) (time.Time, bool) {
	const form = "2006:01:02 15:04:05"
	if at, err := time.Parse(form+"-07:00", text+offset); err == nil {
		return at, true
	}
	at, err := time.ParseInLocation(form, text, time.Local)
	return at, err == nil
}

// exifTags are those of a directory that are asked for.
type exifTags struct {
	texts     map[uint16]string
	directory uint32 // what exifDirectory leads to
}

// exifEntries reads the directory at a place of a TIFF block. What is not there, or leads out
// of the block, is left out.
func exifEntries(b []byte, order binary.ByteOrder, at uint32) exifTags {
	tags := exifTags{texts: map[uint16]string{}}
	if at == 0 || uint64(at)+2 > uint64(len(b)) {
		return tags
	}
	entries := b[uint64(at)+2:]
	for range order.Uint16(b[at:]) {
		if len(entries) < 12 {
			break
		}
		tag, kind := order.Uint16(entries), order.Uint16(entries[2:])
		n, value := order.Uint32(entries[4:]), order.Uint32(entries[8:])
		entries = entries[12:]
		switch tag {
		case exifDirectory:
			tags.directory = value
		case exifChanged, exifTaken, exifChangedOffset, exifTakenOffset:
			const text, longest = 2, 64 // texts of up to 4 bytes lie elsewhere, and none of these is one
			if kind == text && n > 4 && n <= longest && uint64(value)+uint64(n) <= uint64(len(b)) {
				tags.texts[tag] = strings.TrimRight(string(b[value:value+n]), "\x00 ")
			}
		}
	}
	return tags
}
