package jpeg

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The pixels are those of libjpeg-turbo, byte for byte.
func TestPixelsAreThoseOfLibjpegTurbo(t *testing.T) {
	t.Parallel()
	lines := bufio.NewScanner(bytes.NewReader(mustRead(t, "goldens.txt")))
	n := 0
	for ; lines.Scan(); n++ {
		var sum, name string
		var w, h int
		if _, err := fmt.Sscan(lines.Text(), &sum, &w, &h, &name); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := mustRead(t, name)
			head, err := ReadHeader(data)
			if err != nil || head.Width != w || head.Height != h {
				t.Fatal(head, err)
			}
			if head.Progressive != strings.Contains(name, "progress") {
				t.Error("progressive:", head.Progressive)
			}
			rgb, gotW, gotH, err := Decode(t.Context(), data, 1)
			if err != nil || gotW != w || gotH != h {
				t.Fatal(gotW, gotH, err)
			}
			if got := sha256.Sum256(rgb); hex.EncodeToString(got[:]) != sum {
				t.Error("the pixels differ")
			}
		})
	}
	if n < 70 {
		t.Fatal(n)
	}
}

// Turning while decoding is turning afterwards.
func TestOrientations(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"size-15x17.jpg", "sampling-1x1.jpg", "sampling-4x2-progressive.jpg", "size-1x1.jpg", "large.jpg", "large-restart.jpg", "large-440.jpg"} {
		data := mustRead(t, name)
		plain, w, h, err := Decode(t.Context(), data, 1)
		if err != nil {
			t.Fatal(err)
		}
		// Where the pixel at the upright place x, y lies in the file (TIFF 6.0, tag 0x0112).
		from := map[int]func(x, y int) (int, int){
			0: func(x, y int) (int, int) { return x, y },
			1: func(x, y int) (int, int) { return x, y },
			2: func(x, y int) (int, int) { return w - 1 - x, y },
			3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
			4: func(x, y int) (int, int) { return x, h - 1 - y },
			5: func(x, y int) (int, int) { return y, x },
			6: func(x, y int) (int, int) { return y, h - 1 - x },
			7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
			8: func(x, y int) (int, int) { return w - 1 - y, x },
			9: func(x, y int) (int, int) { return x, y },
		}
		for o, place := range from {
			t.Run(fmt.Sprint(name, o), func(t *testing.T) {
				t.Parallel()
				got, gw, gh, err := Decode(t.Context(), data, o)
				if err != nil {
					t.Fatal(err)
				}
				wantW, wantH := w, h
				if o >= 5 && o <= 8 {
					wantW, wantH = h, w
				}
				if gw != wantW || gh != wantH || len(got) != 3*w*h {
					t.Fatal(gw, gh, len(got))
				}
				for y := range gh {
					for x := range gw {
						fx, fy := place(x, y)
						if [3]byte(got[3*(y*gw+x):]) != [3]byte(plain[3*(fy*w+fx):]) {
							t.Fatalf("the pixel at %d,%d is not that of %d,%d", x, y, fx, fy)
						}
					}
				}
			})
		}
	}
}

// edited is a file with bytes replaced once.
func edited(t testing.TB, data []byte, from, to string) []byte {
	t.Helper()
	if !bytes.Contains(data, []byte(from)) {
		t.Fatalf("%q is not in the file", from)
	}
	return bytes.Replace(data, []byte(from), []byte(to), 1)
}

func TestErrors(t *testing.T) {
	t.Parallel()
	plain, progressive := mustRead(t, "sampling-2x2.jpg"), mustRead(t, "large-progressive.jpg")
	restart := mustRead(t, "restart-2B.jpg")
	const soi, sof = "\xff\xd8", "\xff\xc0\x00\x11\x08\x00\x15\x00\x25"
	format, unsupported := new(FormatError), new(UnsupportedError)
	cases := []struct {
		name string
		data []byte
		as   any // nil: io.ErrUnexpectedEOF
		says string
	}{
		{"nothing", nil, nil, ""},
		{"no picture", []byte("GIF89a"), format, "SOI"},
		{"only the beginning", []byte(soi), nil, ""},
		{"no frame", []byte(soi + "\xff\xd9"), format, "SOF"},
		{"no scan", append(plain[:bytes.Index(plain, []byte("\xff\xda")):bytes.Index(plain, []byte("\xff\xda"))], "\xff\xd9"...), format, "SOS"},
		{"no end", plain[:len(plain)-2], nil, ""},
		{"arithmetic", edited(t, plain, "\xff\xc0", "\xff\xc9"), unsupported, "arithmetic"},
		{"lossless", edited(t, plain, "\xff\xc0", "\xff\xc3"), unsupported, "lossless"},
		{"hierarchical", edited(t, plain, "\xff\xc0", "\xff\xc5"), unsupported, "hierarchical"},
		{"12 bits", edited(t, plain, sof, "\xff\xc1\x00\x11\x0c\x00\x15\x00\x25"), unsupported, "8 bits"},
		{"larger than it says", edited(t, plain, sof, "\xff\xc0\x00\x11\x08\x00\x15\x00\x65"), format, "too early"},
		{"a bomb", edited(t, plain, sof, "\xff\xc0\x00\x11\x08\xff\xff\xff\xff"), format, "too early"},
		{"a progressive bomb", edited(t, progressive, "\x08\x01\x4d\x01\xa5", "\x08\xff\xff\xff\xff"), format, "too early"},
		{"no width", edited(t, plain, sof, "\xff\xc0\x00\x11\x08\x00\x15\x00\x00"), format, "width"},
		{"no height", edited(t, plain, sof, "\xff\xc0\x00\x11\x08\x00\x00\x00\x25"), format, "height"},
		{"two frames", edited(t, plain, soi, soi+sof+"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"), format, "several frames"},
		{"a restart lost", edited(t, restart, "\xff\xd3", "\xff\xd4"), format, "restart"},
		{"no Huffman table", edited(t, plain, "\xff\xc4", "\xff\xfe"), format, "Huffman"},
		{"no quantisation table", edited(t, plain, "\xff\xdb", "\xff\xfe"), format, "quantisation"},
		{"a table too full", edited(t, plain, "\xff\xc4\x00\x1f\x00\x00\x01\x05", "\xff\xc4\x00\x1f\x00\x03\x01\x02"), format, "more codes"},
		{"many scans", manyScans(t), format, "too many scans"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rgb, _, _, err := Decode(t.Context(), c.data, 1)
			if rgb != nil || err == nil {
				t.Fatal(len(rgb), err)
			}
			switch as := c.as.(type) {
			case nil:
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Error(err)
				}
			default:
				if !errors.As(err, as) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%T %v", err, err)
				}
			}
		})
	}
}

// manyScans is a file whose first scan is there again and again.
func manyScans(t testing.TB) []byte {
	data := mustRead(t, "size-16x16-progressive.jpg")
	at := bytes.Index(data, []byte("\xff\xda"))
	n, err := codedLength(data[at+2:])
	if err != nil {
		t.Fatal(err)
	}
	end := at + 2 + n
	return append(append(data[:end:end], bytes.Repeat(data[at:end], maxScans)...), data[end:]...)
}

// A picture is never half there.
func TestTruncated(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sampling-2x2.jpg", "size-16x16-progressive.jpg", "restart-2B.jpg", "scans.jpg"} {
		data := mustRead(t, name)
		for n := range len(data) {
			if _, _, _, err := Decode(t.Context(), data[:n], 1); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s: of %d bytes, %d give %v", name, len(data), n, err)
			}
		}
	}
}

// What cameras and careless programs leave in files changes nothing.
func TestOddities(t *testing.T) {
	t.Parallel()
	data, restart := mustRead(t, "sampling-2x2.jpg"), mustRead(t, "restart-2B.jpg")
	scan := bytes.Index(data, []byte("\xff\xda"))
	coded := scan + 2 + int(binary.BigEndian.Uint16(data[scan+2:]))
	end := len(data) - 2
	splice := func(at int, what string) []byte {
		return append(append(bytes.Clone(data[:at]), what...), data[at:]...)
	}
	dnl := edited(t, splice(end, "\xff\xdc\x00\x04\x00\x15"), "\x08\x00\x15\x00\x25", "\x08\x00\x00\x00\x25")
	for name, c := range map[string]struct{ data, like []byte }{
		"garbage before a segment":       {splice(2, "\x00garbage"), data},
		"a stuffed zero before it":       {splice(2, "\xff\x00"), data},
		"fill bytes before a marker":     {splice(scan, "\xff\xff\xff"), data},
		"fill bytes at the end":          {splice(end, "\xff\xff"), data},
		"bytes behind the scan":          {splice(end, "\x12\x34"), data},
		"a restart marker at the end":    {splice(end, "\xff\xd0"), data},
		"a comment":                      {splice(2, "\xff\xfe\x00\x04hi"), data},
		"a segment of an application":    {splice(2, "\xff\xed\x00\x02"), data},
		"something behind the end":       {splice(len(data), "\xff\xd8\xff\xe0 a thumbnail"), data},
		"the height behind the scan":     {dnl, data},
		"another scan":                   {splice(end, string(data[scan:coded])+"\x00\x00"), data},
		"fill bytes before a restart":    {edited(t, restart, "\xff\xd1", "\xff\xff\xff\xd1"), restart},
		"bytes before a restart":         {edited(t, restart, "\xff\xd1", "\x00\x00\xff\xd1"), restart},
		"extended, that is baseline":     {edited(t, data, "\xff\xc0", "\xff\xc1"), data},
		"a quantisation table of 16 bit": {wideTables(t, data), data},
	} {
		want, _, _, err := Decode(t.Context(), c.like, 1)
		if err != nil {
			t.Fatal(err)
		}
		got, _, _, err := Decode(t.Context(), c.data, 1)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// wideTables is a file with its quantisation tables written in 16 bits.
func wideTables(t testing.TB, data []byte) []byte {
	var out []byte
	for n := 0; ; n++ {
		at := bytes.Index(data, []byte("\xff\xdb\x00\x43"))
		if at < 0 {
			if n == 0 {
				t.Fatal("no table")
			}
			return append(out, data...)
		}
		out = append(append(out, data[:at]...), 0xff, 0xdb, 0, 3+128, 1<<4|data[at+4])
		for _, q := range data[at+5 : at+69] {
			out = append(out, 0, q)
		}
		data = data[at+69:]
	}
}

func TestStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"large.jpg", "large-progressive.jpg", "large-restart.jpg", "scans.jpg", "scans-paired.jpg"} {
		if _, _, _, err := Decode(ctx, mustRead(t, name), 1); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
