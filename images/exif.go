package images

import "encoding/binary"

// exifHeader stands before the TIFF block in a JPEG's APP1 segment (Exif 2.32,
// section 4.7.2), and in some WebP files too.
const exifHeader = "Exif\x00\x00"

// tiffOrientation reads the orientation (tag 0x0112 of the first directory of a
// TIFF block, TIFF 6.0) and returns 1, upright, for whatever it cannot read:
// a camera's odd note is no reason to refuse a picture.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
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

// jpegOrientation reads the orientation from the first Exif segment.
func jpegOrientation(data []byte) int {
	for s := range jpegSegments(data) {
		if s.marker == jpegAPP1 && len(s.payload) > len(exifHeader) && string(s.payload[:len(exifHeader)]) == exifHeader {
			return tiffOrientation(s.payload[len(exifHeader):])
		}
	}
	return 1
}

// pngOrientation reads the orientation from the eXIf chunk (PNG, third
// edition, section 11.3.3.3).
func pngOrientation(data []byte) int {
	for c := range pngChunks(data) {
		if c.name == "eXIf" {
			return tiffOrientation(c.payload)
		}
	}
	return 1
}

// webpOrientation reads the orientation from the EXIF chunk (WebP container
// specification, "Metadata").
func webpOrientation(data []byte) int {
	for c := range riffChunks(data) {
		if c.name == "EXIF" {
			b := c.payload
			if len(b) > len(exifHeader) && string(b[:len(exifHeader)]) == exifHeader {
				b = b[len(exifHeader):]
			}
			return tiffOrientation(b)
		}
	}
	return 1
}

// noOrientation is for formats that cannot say it.
func noOrientation([]byte) int { return 1 }
