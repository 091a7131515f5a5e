package images

import (
	"bytes"
	"encoding/binary"
)

// stripped returns a file with the bytes of its pixels as they were and
// everything left out that a decoder does not need to show them: positions,
// cameras, authors, thumbnails, comments, whatever is hung on behind the end.
// Colour profiles stay. It says false for what it cannot strip.
func stripped(format string, data []byte) ([]byte, bool) {
	switch format {
	case "jpeg":
		return strippedJPEG(data)
	case "png":
		return strippedPNG(data)
	case "webp":
		return strippedWebP(data)
	}
	return nil, false
}

// strippedJPEG keeps of the application segments only JFIF's header without
// its thumbnail, Adobe's colour transform and colour profiles.
func strippedJPEG(data []byte) ([]byte, bool) {
	out := append(make([]byte, 0, len(data)), 0xff, jpegSOI)
	for s := range jpegSegments(data) {
		payload := s.payload
		switch {
		case s.marker == jpegEOI:
			return append(out, 0xff, jpegEOI), true
		case s.marker == jpegAPP0:
			if len(payload) < 14 || string(payload[:5]) != "JFIF\x00" {
				continue
			}
			payload = append([]byte(nil), payload[:14]...)
			payload[12], payload[13] = 0, 0 // the thumbnail's size
		case s.marker == jpegAPP2:
			if !bytes.HasPrefix(payload, []byte(iccSegment)) {
				continue
			}
		case s.marker == jpegAPP14:
			if len(payload) < 12 || string(payload[:5]) != "Adobe" {
				continue
			}
			payload = payload[:12]
		case s.marker > jpegAPP0 && s.marker <= jpegAPP15, s.marker == jpegCOM:
			continue
		case s.marker >= jpegSOF0 && s.marker <= jpegSOF2 && len(payload) > 5 && payload[5] == 4:
			return nil, false // CMYK, which servers seldom read right
		}
		out = append(out, 0xff, s.marker)
		out = binary.BigEndian.AppendUint16(out, uint16(len(payload)+2))
		out = append(append(out, payload...), s.coded...)
	}
	return nil, false // no end of image
}

// pngKept are the chunks that say which colours the pixels have (PNG, third
// edition, section 11).
var pngKept = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true,
	"cHRM": true, "gAMA": true, "iCCP": true, "sBIT": true, "sRGB": true, "cICP": true,
}

func strippedPNG(data []byte) ([]byte, bool) {
	out := append(make([]byte, 0, len(data)), pngMagic...)
	for c := range pngChunks(data) {
		if pngKept[c.name] {
			out = append(out, c.whole...)
		}
		if c.name == "IEND" {
			return out, true
		}
	}
	return nil, false
}

// strippedWebP keeps of a still picture the pixels, how they show through, and
// the colour profile.
func strippedWebP(data []byte) ([]byte, bool) {
	out := append(make([]byte, 0, len(data)), "RIFF\x00\x00\x00\x00WEBP"...)
	for c := range riffChunks(data) {
		switch c.name {
		case "VP8X":
			if len(c.payload) != 10 || c.payload[0]&webpAnimated != 0 {
				return nil, false
			}
			out = append(out, c.whole...)
			out[len(out)-10] &= webpAlpha | webpICC
		case "ICCP", "ALPH", "VP8 ", "VP8L":
			out = append(out, c.whole...)
			if len(out)%2 != 0 {
				out = append(out, 0)
			}
		}
		if c.name == "VP8 " || c.name == "VP8L" {
			binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
			return out, true
		}
	}
	return nil, false // no pixels
}
