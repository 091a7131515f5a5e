package images

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// likeness says what bytes that are none of our formats look like.
type likeness struct {
	name    string // with its article, or a plural
	picture bool   // a picture of another format
}

// signatures are first bytes ('?' stands for any) of what people hand over
// instead of a picture.
var signatures = []struct {
	magic string
	is    likeness
}{
	{"\xff\x0a", likeness{"a JPEG XL picture", true}},
	{"\x00\x00\x00\x0cJXL \x0d\x0a", likeness{"a JPEG XL picture", true}},
	{"\x00\x00\x00\x0cjP  \x0d\x0a", likeness{"a JPEG 2000 picture", true}},
	{"\xff\x4f\xff\x51", likeness{"a JPEG 2000 picture", true}},
	{"8BPS", likeness{"a Photoshop picture", true}},
	{"gimp xcf", likeness{"a GIMP picture", true}},
	{"\x76\x2f\x31\x01", likeness{"an OpenEXR picture", true}},
	{"qoif", likeness{"a QOI picture", true}},
	{"PK\x03\x04", likeness{"a ZIP archive or an office document", false}},
	{"\x1f\x8b", likeness{"a gzip archive", false}},
	{"GGUF", likeness{"a GGUF model", false}},
	{"\x7fELF", likeness{"a program", false}},
	{"MZ", likeness{"a Windows program", false}},
	{"RIFF????AVI ", likeness{"a video", false}},
	{"RIFF????WAVE", likeness{"a sound file", false}},
	{"ID3", likeness{"a sound file", false}},
	{"OggS", likeness{"a sound or video file", false}},
	{"\x1a\x45\xdf\xa3", likeness{"a video", false}},
	{"SQLite format 3", likeness{"a database", false}},
	{"version https://git-lfs", likeness{"a Git LFS pointer instead of the file itself (run git lfs pull)", false}},
}

// describe tells what bytes look like, for a message.
func describe(data []byte) likeness {
	for _, s := range signatures {
		if matches(data, s.magic) {
			return s.is
		}
	}
	if len(data) >= 12 && string(data[4:8]) == "ftyp" {
		return isoMedia(data)
	}
	start := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(data[:min(len(data), 4096)], []byte("\xef\xbb\xbf")))))
	switch {
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"):
		return likeness{"a web page (HTML)", false}
	case isText(data[:min(len(data), 4096)]):
		return likeness{"text", false}
	case len(bytes.Trim(data, "\x00")) == 0:
		return likeness{"a file of nothing but zero bytes", false}
	}
	return likeness{"no format that is known", false}
}

// isoMedia tells pictures from videos by the brands of an ISO base media file
// (ISO/IEC 14496-12, 4.3; 23008-12 for HEIF).
func isoMedia(data []byte) likeness {
	for brand := range isoBrands(data) {
		switch brand {
		case "avif", "avis", "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			return likeness{"a HEIF picture of a rare kind", true}
		}
	}
	return likeness{"a video", false}
}

// isText tells whether bytes are text a person could read: UTF-8 without
// control characters. The end may lie in the middle of a character.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return len(b) < utf8.UTFMax && !utf8.FullRune(b)
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != '\x1b' {
			return false
		}
		b = b[n:]
	}
	return true
}
