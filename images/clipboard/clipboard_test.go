package clipboard

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		os        string
		env       map[string]string
		installed string
		means     string
		detail    string
	}{
		"Wayland":         {"linux", map[string]string{"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "wl-paste", "wl-paste", ""},
		"X11":             {"linux", map[string]string{"DISPLAY": ":0"}, "xclip", "xclip", ""},
		"not installed":   {"linux", map[string]string{"DISPLAY": ":0"}, "wl-paste", "", "xclip, which is not installed"},
		"no display":      {"linux", nil, "xclip", "", "there is no display"},
		"ssh":             {"linux", map[string]string{"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, "xclip", "", "over ssh"},
		"ssh -X":          {"linux", map[string]string{"DISPLAY": "localhost:10.0", "WAYLAND_DISPLAY": "w", "SSH_TTY": "/dev/pts/1"}, "xclip", "xclip", ""},
		"a Mac":           {"darwin", nil, "osascript", "osascript", ""},
		"a Mac, over ssh": {"darwin", map[string]string{"SSH_CONNECTION": "a"}, "osascript", "", "over ssh"},
		"Windows":         {"windows", nil, "", "the system's own", ""},
	} {
		here := surroundings{os: c.os, env: func(name string) string { return c.env[name] }, find: func(program string) (string, error) {
			if program == c.installed {
				return "/bin/" + program, nil
			}
			return "", exec.ErrNotFound
		}}
		m, err := here.choose()
		var none *NoAccess
		if m.name != c.means || (err == nil) != (c.detail == "") || err != nil && (!errors.As(err, &none) || !strings.Contains(none.Detail, c.detail)) {
			t.Errorf("%s: %q %v", name, m.name, err)
		}
	}
}

func TestOfTypes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		offered string
		asked   string
		got     Content
		err     error
	}{
		"a picture copied in a browser": {"TARGETS text/html image/jpeg image/png", "image/png", Content{Picture: []byte("got")}, nil},
		"a kind that is not known":      {"image/x-pict", "image/x-pict", Content{Picture: []byte("got")}, nil},
		"text":                          {"TIMESTAMP STRING UTF8_STRING text/html", "UTF8_STRING", Content{Text: "got"}, nil},
		"sound":                         {"audio/wav", "", Content{}, ErrOther},
		"files without names":           {"text/uri-list", "text/uri-list", Content{}, ErrEmpty},
	} {
		asked := ""
		got, err := ofTypes(t.Context(), strings.Fields(c.offered), func(_ context.Context, kind string) ([]byte, error) {
			asked = kind
			return []byte("got"), nil
		})
		if asked != c.asked || !errors.Is(err, c.err) || !bytes.Equal(got.Picture, c.got.Picture) || got.Text != c.got.Text || got.Sources != nil {
			t.Errorf("%s: asked for %q, got %+v, %v", name, asked, got, err)
		}
	}
}

func TestURIs(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		"file:///a%20b.png\r\n# a comment\r\nfile:///c.png\r\n": {"file:///a%20b.png", "file:///c.png"},
		"copy\nfile:///a.png\x00":                               {"file:///a.png"},
		"https://example.org/a.png":                             {"https://example.org/a.png"},
		"":                                                      nil,
	} {
		if got := uris(list); !slices.Equal(got, want) {
			t.Errorf("%q: %q", list, got)
		}
	}
}

// A bitmap from the clipboard is the file that it was, whatever stands between
// its header and its pixels.
func TestBMPFile(t *testing.T) {
	t.Parallel()
	palette := image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.White, color.Black})
	opaque := image.NewRGBA(image.Rect(0, 0, 5, 4))
	draw := func(m interface {
		Set(x, y int, c color.Color)
	}) {
		m.Set(1, 1, color.Black)
	}
	draw(palette)
	draw(opaque)
	for _, m := range []image.Image{palette, opaque} {
		var file bytes.Buffer
		if err := bmp.Encode(&file, m); err != nil {
			t.Fatal(err)
		}
		got, err := bmpFile(file.Bytes()[fileHeaderBytes:])
		if err != nil || !bytes.Equal(got, file.Bytes()) {
			t.Errorf("%T: %v\n%x\n%x", m, err, got[:min(len(got), 64)], file.Bytes()[:64])
		}
	}
	// Three masks behind the header, as 16-bit pictures have them.
	masked := make([]byte, infoHeaderBytes+12+8)
	masked[0], masked[14], masked[16] = infoHeaderBytes, 16, bitFields
	if got, err := bmpFile(masked); err != nil || got[10] != fileHeaderBytes+infoHeaderBytes+12 {
		t.Error(got, err)
	}
	for _, bad := range [][]byte{nil, make([]byte, infoHeaderBytes), masked[:infoHeaderBytes+12]} {
		if got, err := bmpFile(bad); err == nil {
			t.Error(got)
		}
	}
}

// Whatever a program puts into the clipboard, the file's header points into it.
func FuzzBMPFile(f *testing.F) {
	f.Add(append([]byte{40}, make([]byte, 60)...))
	f.Fuzz(func(t *testing.T, dib []byte) {
		file, err := bmpFile(dib)
		if err == nil && (len(file) != len(dib)+fileHeaderBytes || int(file[10]) > len(file)) {
			t.Errorf("%x", file)
		}
	})
}
