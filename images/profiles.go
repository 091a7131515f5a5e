package images

import (
	"bytes"
	"compress/zlib"
	"io"
)

// noColours is for formats that say nothing of their colours: they are sRGB's.
func noColours([]byte, int) *colours { return nil }

// jpegColours reads the profile that APP2 segments carry in numbered parts
// (ICC.1:2022, annex B.4).
func jpegColours(data []byte, _ int) *colours {
	const head = len(iccSegment) + 2
	var parts [256][]byte
	count, size := 0, 0
	for s := range jpegSegments(data) {
		if s.marker == jpegSOS {
			break
		}
		if s.marker != jpegAPP2 || len(s.payload) < head || string(s.payload[:len(iccSegment)]) != iccSegment {
			continue
		}
		part, of := s.payload[head-2], s.payload[head-1]
		if parts[part] == nil {
			parts[part] = s.payload[head:]
			size += len(s.payload) - head
		}
		count = int(of)
	}
	if size == 0 || size > mostProfile {
		return nil
	}
	return icc(bytes.Join(parts[1:count+1], nil))
}

// iccSegment begins a JPEG's APP2 segment with a part of a profile.
const iccSegment = "ICC_PROFILE\x00"

// pngColours reads what comes first of the chunks that speak of colours (PNG, third
// edition, 4.3): numbers, a profile, sRGB itself. gAMA and cHRM alone are not
// applied: Pillow, by which models see their pictures, does not either, and most
// files that have them mean sRGB.
func pngColours(data []byte, _ int) *colours {
	var profile []byte
	for c := range pngChunks(data) {
		switch c.name {
		case "cICP":
			if len(c.payload) == 4 {
				return codePoints(int(c.payload[0]), int(c.payload[1]))
			}
		case "iCCP":
			if profile == nil {
				profile = c.payload
			}
		case "IDAT":
			return icc(inflatedProfile(profile))
		}
	}
	return nil
}

// inflatedProfile is the profile in an iCCP chunk: a name, the method (there is
// one), and zlib's bytes, of which no more are inflated than a profile may have.
func inflatedProfile(chunk []byte) []byte {
	_, packed, _ := bytes.Cut(chunk, []byte{0})
	if len(packed) < 1 || packed[0] != 0 {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(r, mostProfile+1))
	if err != nil {
		return nil
	}
	return profile
}

// webpColours reads the ICCP chunk (WebP container specification, "Color Profile").
func webpColours(data []byte, _ int) *colours {
	for c := range riffChunks(data) {
		if c.name == "ICCP" {
			return icc(c.payload)
		}
	}
	return nil
}
