package images

import (
	"bytes"
	"encoding/binary"
)

// exifHeader stands before the TIFF block in a JPEG's APP1 segment (Exif 2.32,
// section 4.7.2), and in some WebP files too.
const exifHeader = "Exif\x00\x00"

// tiffOrientation reads the orientation (tag 0x0112 of the first directory of a
// TIFF block, TIFF 6.0) and returns 1, upright, for whatever it cannot read:
// a camera's odd note is no reason to refuse a picture.
func tiffOrientation(b []byte) int {
	order := tiffOrder(b)
	if order == nil {
		return 1
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	for range order.Uint16(b[at:]) {
		if len(entries) < 12 {
			return 1
		}
		e := entries[:12]
		entries = entries[12:]
		if order.Uint16(e) != 0x0112 || order.Uint32(e[4:]) != 1 {
			continue
		}
		var v uint32
		switch order.Uint16(e[2:]) {
		case 3: // SHORT
			v = uint32(order.Uint16(e[8:]))
		case 4: // LONG, which some writers use
			v = order.Uint32(e[8:])
		}
		if v >= 1 && v <= 8 {
			return int(v)
		}
		return 1
	}
	return 1
}

// exifOrientation reads the orientation from the Exif of files of a format.
func exifOrientation(format string) func(data []byte) int {
	return func(data []byte) int { return tiffOrientation(exifBlock(format, data)) }
}

// noOrientation is for formats that cannot say it.
func noOrientation([]byte) int { return 1 }

// exifBlock finds the TIFF block with a file's Exif, or returns nil: in a JPEG's first segment
// with one, a PNG's eXIf chunk (PNG, third edition, section 11.3.3.3), a WebP's EXIF chunk
// (WebP container specification, "Metadata").
func exifBlock(format string, data []byte) []byte {
	switch format {
	case "jpeg":
		for s := range jpegSegments(data) {
			if block, found := bytes.CutPrefix(s.payload, []byte(exifHeader)); found && len(block) > 0 && s.marker == jpegAPP1 {
				return block
			}
		}
	case "png":
		for c := range pngChunks(data) {
			if c.name == "eXIf" {
				return c.payload
			}
		}
	case "webp":
		for c := range riffChunks(data) {
			if c.name == "EXIF" {
				return bytes.TrimPrefix(c.payload, []byte(exifHeader))
			}
		}
	case "tiff":
		return data
	case "heic", "avif":
		// The item that has it begins so, wherever the boxes put it.
		for _, begins := range []string{"MM\x00*", "II*\x00"} {
			if at := bytes.Index(data, []byte(exifHeader+begins)); at >= 0 {
				return data[at+len(exifHeader):]
			}
		}
	}
	return nil
}

// tiffOrder is the order of bytes of a TIFF block, nil of what is none.
func tiffOrder(b []byte) binary.ByteOrder {
	switch {
	case len(b) < 8:
	case string(b[:4]) == "II*\x00":
		return binary.LittleEndian
	case string(b[:4]) == "MM\x00*":
		return binary.BigEndian
	}
	return nil
}
