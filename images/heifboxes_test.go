package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"path/filepath"
	"slices"
	"testing"
)

// isoBoxOf writes a box.
func isoBoxOf(name string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), name...), body...)
}

// be writes numbers: bytes, and uint16 and uint32 with the highest byte first.
func be(numbers ...any) []byte {
	var b []byte
	for _, n := range numbers {
		switch n := n.(type) {
		case int:
			b = append(b, byte(n))
		case uint16:
			b = binary.BigEndian.AppendUint16(b, n)
		case uint32:
			b = binary.BigEndian.AppendUint32(b, n)
		case string:
			b = append(b, n...)
		}
	}
	return b
}

// hostileItem is an item of a file under test; all its bytes lie in idat.
type hostileItem struct {
	kind       string
	w, h       uint32
	bytes      []byte
	properties [][]byte
	tiles      []uint16
}

// heifOf writes a file of items, which are numbered from 1. The first is the picture.
func heifOf(brand string, items ...hostileItem) []byte {
	var infos, locations, properties, given, references, bodies []byte
	count := 0
	for i, item := range items {
		id := uint16(i + 1)
		infos = append(infos, isoBoxOf("infe", be(2, 0, 0, 0, id, uint16(0), item.kind, 0))...)
		locations = append(locations, be(id, uint16(1), uint16(0), uint16(1), uint32(len(bodies)), uint32(len(item.bytes)))...)
		bodies = append(bodies, item.bytes...)
		properties = append(properties, isoBoxOf("ispe", be(uint32(0), item.w, item.h))...)
		properties = append(properties, bytes.Join(item.properties, nil)...)
		given = append(given, be(id, 1+len(item.properties))...)
		for range 1 + len(item.properties) {
			count++
			given = append(given, be(uint16(count))...)
		}
		if len(item.tiles) > 0 {
			to := be(id, uint16(len(item.tiles)))
			for _, tile := range item.tiles {
				to = append(to, be(tile)...)
			}
			references = append(references, isoBoxOf("dimg", to)...)
		}
	}
	meta := isoBoxOf("meta", be(uint32(0)),
		isoBoxOf("hdlr", be(uint32(0), uint32(0), "pict", uint32(0), uint32(0), uint32(0), 0)),
		isoBoxOf("pitm", be(uint32(0), uint16(1))),
		isoBoxOf("iinf", be(uint32(0), uint16(len(items))), infos),
		isoBoxOf("iloc", be(uint32(1<<24), 0x44, 0, uint16(len(items))), locations),
		isoBoxOf("iref", be(uint32(0)), references),
		isoBoxOf("iprp", isoBoxOf("ipco", properties), isoBoxOf("ipma", be(uint32(1), uint32(len(items))), given)),
		isoBoxOf("idat", bodies))
	return append(isoBoxOf("ftyp", be(brand, uint32(0), "mif1", brand)), meta...)
}

// codedOf returns the coded picture of a fixture.
func codedOf(t testing.TB, name string) hostileItem {
	t.Helper()
	f, err := readHEIF(mustRead(t, filepath.Join("testdata/heif", name)))
	if err != nil {
		t.Fatal(err)
	}
	item := f.picture()
	w, h := item.size()
	coded := hostileItem{kind: item.kind, w: w, h: h, bytes: item.extents[0]}
	for _, p := range item.properties {
		if p.name != "ispe" {
			coded.properties = append(coded.properties, isoBoxOf(p.name, p.payload))
		}
	}
	return coded
}

func gridBytes(rows, columns int, w, h uint32) []byte {
	return be(0, 1, rows-1, columns-1, w, h)
}

// hostileHEIFs are files that lie, or tell too much, with the reason for which each is
// refused.
func hostileHEIFs(t testing.TB) map[string]struct {
	data   []byte
	reason Reason
} {
	avif, heic := codedOf(t, "444.avif"), codedOf(t, "420.heic")
	resized := func(item hostileItem, w, h uint32) hostileItem {
		item.w, item.h = w, h
		return item
	}
	// A header of AV1 that tells of 65536×65536 pixels: a still picture, a level, and
	// sizes of 16 bits.
	huge := avif
	huge.bytes = append([]byte{0x0a, 7, 0x18, 0x03, 0xfd | 0x02, 0xff, 0xff, 0xff, 0xff}, avif.bytes...)
	many := make([]hostileItem, mostHEIFItems+2)
	for i := range many {
		many[i] = hostileItem{kind: "Exif", w: 1, h: 1}
	}
	wall := hostileItem{kind: "grid", w: 64, h: 48, bytes: gridBytes(256, 256, 64, 48), tiles: make([]uint16, 65535)}
	fitting := hostileItem{kind: "grid", w: 64, h: 48, bytes: gridBytes(16, 16, 64, 48), tiles: make([]uint16, 256)}
	for i := range fitting.tiles {
		fitting.tiles[i] = 2
	}
	missing := hostileItem{kind: "grid", w: 128, h: 48, bytes: gridBytes(1, 2, 128, 48), tiles: []uint16{2, 3}}
	itself := hostileItem{kind: "grid", w: 64, h: 48, bytes: gridBytes(1, 1, 64, 48), tiles: []uint16{1}}
	return map[string]struct {
		data   []byte
		reason Reason
	}{
		"a huge size":                 {heifOf("avif", resized(avif, 1<<32-1, 1<<32-1)), TooManyPixels},
		"a huge size of HEVC":         {heifOf("heic", resized(heic, 65535, 65535)), Damaged},
		"a huge coded picture":        {heifOf("avif", huge), Damaged},
		"a small size":                {heifOf("heic", resized(heic, 2, 2)), Damaged},
		"no size":                     {heifOf("avif", resized(avif, 0, 0)), Damaged},
		"a giant grid":                {heifOf("avif", hostileItem{kind: "grid", w: 65535, h: 65535, bytes: gridBytes(1, 1, 65535, 65535), tiles: []uint16{2}}, avif), TooManyPixels},
		"a grid of another size":      {heifOf("avif", hostileItem{kind: "grid", w: 64, h: 48, bytes: gridBytes(1, 1, 65535, 65535), tiles: []uint16{2}}, avif), Damaged},
		"a grid of no tiles":          {heifOf("avif", wall, avif), Damaged},
		"a grid of too many tiles":    {heifOf("avif", fitting, avif), Damaged},
		"a grid with a tile missing":  {heifOf("heic", missing, heic), Damaged},
		"a grid of itself":            {heifOf("heic", itself), Damaged},
		"a grid of a grid":            {heifOf("heic", hostileItem{kind: "grid", w: 64, h: 48, bytes: gridBytes(1, 1, 64, 48), tiles: []uint16{2}}, itself), Damaged},
		"a picture derived of itself": {heifOf("heic", hostileItem{kind: "iden", w: 64, h: 48, tiles: []uint16{1}}), Unsupported},
		"too many items":              {heifOf("avif", many...), Damaged},
		"no header of HEVC":           {heifOf("heic", hostileItem{kind: hevcItem, w: 64, h: 48, bytes: heic.bytes}), Damaged},
		"no header of AV1":            {heifOf("avif", hostileItem{kind: av1Item, w: 64, h: 48, bytes: avif.bytes[len(avif.bytes)/2:], properties: avif.properties}), Damaged},
		"bytes of nothing":            {heifOf("avif", hostileItem{kind: av1Item, w: 64, h: 48, bytes: bytes.Repeat([]byte{0x12, 0}, 1<<20), properties: avif.properties}), Damaged},
	}
}

func TestHostileHEIF(t *testing.T) {
	t.Parallel()
	for name, f := range hostileHEIFs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode("bomb.heic", f.data, Limits{})
			var e *Error
			if !errors.As(err, &e) || e.Reason != f.reason {
				t.Errorf("%v, want the reason %s", err, f.reason)
			}
		})
	}
}

// The tests' own files are read, or what they refuse would say nothing.
func TestHEIFOfItems(t *testing.T) {
	t.Parallel()
	keepsHEIF()
	for brand, name := range map[string]string{"avif": "444.avif", "heic": "420.heic"} {
		coded := codedOf(t, name)
		want := mustLoad(t, "testdata/heif/"+name)
		for _, brand := range []string{brand, "mif1"} {
			p, err := Decode(name, heifOf(brand, coded), Limits{})
			if err != nil || p.Format != filepath.Ext(name)[1:] || !bytes.Equal(p.rgb, want.rgb) {
				t.Error(brand, name, err)
			}
		}
	}
}

// A file that is cut short is an error at every byte, and never half a picture.
func TestCutHEIF(t *testing.T) {
	t.Parallel()
	keepsHEIF()
	for _, name := range []string{"odd.avif", "grid.avif", "odd.heic", "grid.heic"} {
		data := mustRead(t, "testdata/heif/"+name)
		for n := range data {
			if p, err := Decode(name, data[:n:n], Limits{}); err == nil {
				t.Fatalf("%s: of %d bytes %d are a picture of %d×%d", name, len(data), n, p.Width, p.Height)
			}
		}
	}
}

// Of damaged files come errors or pictures, and the next file is read.
func TestDamagedHEIF(t *testing.T) {
	t.Parallel()
	l := apartLoader(t, Limits{})
	l.Decoder = append(l.Decoder, keptCode())
	for _, name := range []string{"alpha.avif", "grid.avif", "alpha.heic", "grid.heic"} {
		whole := mustRead(t, "testdata/heif/"+name)
		for i := range 60 {
			damaged := bytes.Clone(whole)
			for j := range 1 + i%4 {
				damaged[(i*7919+j*104729)%len(damaged)] ^= byte(1 << (i % 8))
			}
			p, err := l.Decode(t.Context(), name, damaged)
			var e *Error
			if err != nil && !errors.As(err, &e) || err == nil && len(p.rgb) != 3*p.Width*p.Height {
				t.Fatal(name, i, err)
			}
		}
		if _, err := l.Decode(t.Context(), name, whole); err != nil {
			t.Error(err)
		}
	}
}

func TestHEIFOrientations(t *testing.T) {
	t.Parallel()
	irot := func(n int) []byte { return isoBoxOf("irot", be(n)) }
	imir := func(n int) []byte { return isoBoxOf("imir", be(n)) }
	for want, properties := range map[int][][]byte{
		1: nil, 2: {imir(1)}, 3: {irot(2)}, 4: {imir(0)},
		5: {irot(1), imir(0)}, 6: {irot(3)}, 7: {irot(3), imir(0)}, 8: {irot(1)},
	} {
		data := heifOf("avif", hostileItem{kind: av1Item, w: 2, h: 2, properties: properties})
		if got := heifOrientation(data); got != want {
			t.Errorf("%q is %d, want %d", properties, got, want)
		}
	}
}

func TestHEIFWindow(t *testing.T) {
	t.Parallel()
	keepsHEIF()
	clap := isoBoxOf("clap", be(uint32(30), uint32(1), uint32(20), uint32(1), uint32(1<<32-5), uint32(1), uint32(3), uint32(1)))
	for brand, name := range map[string]string{"avif": "444.avif", "heic": "444.heic"} {
		coded := codedOf(t, name)
		coded.properties = slices.DeleteFunc(coded.properties, func(p []byte) bool { return string(p[4:8]) == "clap" })
		whole, err := Decode(name, heifOf(brand, coded), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		coded.properties = append(coded.properties, clap)
		p, err := Decode(name, heifOf(brand, coded), Limits{})
		if err != nil {
			t.Error(err)
			continue
		}
		want := canvas{rgb: whole.rgb, w: whole.Width, h: whole.Height}
		from := image.Pt((want.w-30)/2-5, (want.h-20)/2+3)
		want.crop(image.Rectangle{from, from.Add(image.Pt(30, 20))})
		if p.Width != 30 || p.Height != 20 {
			t.Errorf("%s: %d×%d", name, p.Width, p.Height)
		} else if mean, most := differences(t, p, ofPixels("", want)); mean > 0.1 {
			t.Errorf("%s: mean difference %.2f, at most %d", name, mean, most)
		}
	}
}

func FuzzHEIFBoxes(f *testing.F) {
	files, err := filepath.Glob("testdata/heif/*[a-z].*i?")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		f.Add(mustRead(f, file))
	}
	for _, hostile := range hostileHEIFs(f) {
		if len(hostile.data) < 1<<12 {
			f.Add(hostile.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		isAVIF(data)
		if o := heifOrientation(data); o < 1 || o > 8 {
			t.Error("orientation", o)
		}
		heifColours(data, 0)
		for _, coding := range []string{av1Item, hevcItem} {
			if size, err := heifSize(data, coding); err == nil && (size.X <= 0 || size.Y <= 0 || size.X > mostSide || size.Y > mostSide) {
				t.Error("size", size)
			}
		}
	})
}
