package images

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"path/filepath"
	"strings"
	"testing"
)

// The photos of testdata/make_photos.py look as Pillow and littleCMS show them,
// and those with a profile would not without it.
func TestColours(t *testing.T) {
	t.Parallel()
	goldens, err := filepath.Glob("testdata/photos/*.golden.png")
	if err != nil || len(goldens) < 15 {
		t.Fatalf("%d photos, %v", len(goldens), err)
	}
	for _, golden := range goldens {
		name := strings.TrimSuffix(golden, ".golden.png")
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			got, want := mustLoad(t, name), mustLoad(t, golden)
			if mean, most := differences(t, got, want); mean > 0.25 {
				t.Errorf("mean difference %.3f, at most %d levels", mean, most)
			}
			f := formatOf(got.Format)
			converts := f.colours(got.Data, 0) != nil
			if plain := strings.Contains(name, "-4") || strings.Contains(name, "progressive"); plain == converts {
				t.Error("converted:", converts)
			}
			if c, err := f.decode(t.Context(), got.Data, 0); err != nil {
				t.Error(err)
			} else if converts {
				c.onWhite()
				if mean, _ := differences(t, ofPixels("unconverted", c), want); mean < 1 {
					t.Errorf("the profile makes a difference of only %.3f", mean)
				}
			}
		})
	}
}

// differences are those between the pixels of two pictures, in levels.
func differences(t *testing.T, got, want *Picture) (mean float64, most int) {
	t.Helper()
	if got.Width != want.Width || got.Height != want.Height {
		t.Fatalf("%d×%d, want %d×%d", got.Width, got.Height, want.Width, want.Height)
	}
	sum := 0
	for i, v := range want.RGB() {
		d := int(max(v, got.RGB()[i]) - min(v, got.RGB()[i]))
		sum, most = sum+d, max(most, d)
	}
	return float64(sum) / float64(len(want.RGB())), most
}

// phoneProfile is the Display P3 profile of a fixture.
func phoneProfile(t testing.TB) []byte {
	t.Helper()
	for c := range riffChunks(mustRead(t, "testdata/photos/flowers-p3.webp")) {
		if c.name == "ICCP" {
			return c.payload
		}
	}
	t.Fatal("no profile")
	return nil
}

// A damaged profile is no reason to refuse a picture, nor to change its colours.
func TestDamagedProfiles(t *testing.T) {
	t.Parallel()
	profile := phoneProfile(t)
	whole := icc(profile)
	if whole == nil {
		t.Fatal("not read")
	}
	for n := range len(profile) - 3 { // the end is padding
		if c := icc(profile[:n]); c != nil && *c != *whole {
			t.Errorf("half a profile of %d bytes is another one", n)
		}
	}
	for _, change := range []struct {
		name string
		at   int
		to   string
	}{
		{"CMYK", 16, "CMYK"}, {"Lab", 20, "Lab "}, {"another file", 36, "xxxx"}, {"no tags", 128, "\x00\x00\x00\x00"},
	} {
		other := bytes.Clone(profile)
		copy(other[change.at:], change.to)
		if icc(other) != nil {
			t.Error(change.name)
		}
	}
	if icc(make([]byte, mostProfile+1)) != nil || icc(nil) != nil {
		t.Error("no profile at all")
	}
}

// iccSegments are the APP2 segments of a profile in parts of a few bytes.
func iccSegments(profile []byte, size int) (segments [][]byte) {
	count := (len(profile) + size - 1) / size
	for i := range count {
		part := profile[i*size : min((i+1)*size, len(profile))]
		s := binary.BigEndian.AppendUint16([]byte{0xff, jpegAPP2}, uint16(2+len(iccSegment)+2+len(part)))
		s = append(append(s, iccSegment...), byte(i+1), byte(count))
		segments = append(segments, append(s, part...))
	}
	return segments
}

// A JPEG's profile may come in parts, in any order; without all of them it counts
// for nothing.
func TestProfileInParts(t *testing.T) {
	t.Parallel()
	jpg, parts := mustRead(t, "testdata/420-37x21.jpg"), iccSegments(phoneProfile(t), 100)
	with := func(segments ...[]byte) []byte {
		return append(append(bytes.Clone(jpg[:2]), bytes.Join(segments, nil)...), jpg[2:]...)
	}
	want := icc(phoneProfile(t))
	parts[0], parts[2] = parts[2], parts[0]
	if c := jpegColours(with(parts...), 0); c == nil || *c != *want {
		t.Error("parts were not put together")
	}
	if c := jpegColours(with(parts[1:]...), 0); c != nil {
		t.Error("a profile without its third part was used")
	}
	if p, err := Decode("x", with(parts[1:]...), Limits{}); err != nil || !bytes.Equal(p.RGB(), mustLoad(t, "testdata/420-37x21.jpg").RGB()) {
		t.Error(err)
	}
}

// What a PNG says of its colours in numbers goes before a profile.
func TestCodePoints(t *testing.T) {
	t.Parallel()
	red := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	for i := range 4 {
		red.SetNRGBA(i%2, i/2, color.NRGBA{200, 100, 100, 255})
	}
	file := pngOf(t, red)
	profile := pngOf(t, red)
	for c := range pngChunks(mustRead(t, "testdata/photos/sign-palette-adobe.png")) {
		if c.name == "iCCP" {
			profile = withPNGChunk(profile, "iCCP", c.payload)
		}
	}
	for _, c := range []struct {
		name string
		data []byte
		want [3]byte
	}{
		{"nothing", file, [3]byte{200, 100, 100}},
		{"sRGB", withPNGChunk(file, "sRGB", []byte{0}), [3]byte{200, 100, 100}},
		{"gAMA alone", withPNGChunk(file, "gAMA", []byte{0, 1, 0x86, 0xa0}), [3]byte{200, 100, 100}},
		{"P3", withPNGChunk(file, "cICP", []byte{12, 13, 0, 1}), [3]byte{215, 93, 97}},
		{"linear", withPNGChunk(file, "cICP", []byte{1, 8, 0, 1}), [3]byte{229, 168, 168}},
		{"PQ", withPNGChunk(file, "cICP", []byte{9, 16, 0, 1}), [3]byte{200, 100, 100}},
		{"sRGB in numbers before a profile", withPNGChunk(profile, "cICP", []byte{1, 13, 0, 1}), [3]byte{200, 100, 100}},
	} {
		p, err := Decode(c.name, c.data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range p.RGB()[:3] {
			if d := int(v) - int(c.want[i]); d < -1 || d > 1 {
				t.Errorf("%s: %v, want %v", c.name, p.RGB()[:3], c.want)
				break
			}
		}
	}
	if p, err := Decode("profile", profile, Limits{}); err != nil || bytes.Equal(p.RGB()[:3], []byte{200, 100, 100}) {
		t.Error("the profile was not used", err)
	}
}

func FuzzICC(f *testing.F) {
	f.Add(phoneProfile(f))
	for _, name := range []string{"sign-uneven.png", "landscape-grey.png", "sign-palette-adobe.png"} {
		for c := range pngChunks(mustRead(f, "testdata/photos/"+name)) {
			if c.name == "iCCP" {
				f.Add(inflatedProfile(c.payload))
			}
		}
	}
	f.Fuzz(func(t *testing.T, profile []byte) {
		rgb := []byte{0, 0, 0, 255, 255, 255, 1, 2, 3, 200, 100, 50, 7, 7, 7}
		icc(profile).apply(rgb)
	})
}

func BenchmarkColours(b *testing.B) {
	c := icc(phoneProfile(b))
	rgb := make([]byte, 3*4000*3000)
	for i := range rgb {
		rgb[i] = byte(i * 7)
	}
	b.SetBytes(int64(len(rgb)))
	for b.Loop() {
		c.apply(rgb)
	}
}
