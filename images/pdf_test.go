package images

import (
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	red   = [3]byte{255, 0, 0}
	green = [3]byte{0, 255, 0}
	blue  = [3]byte{0, 0, 255}
	white = [3]byte{255, 255, 255}
)

func TestPagesAreDrawn(t *testing.T) {
	t.Parallel()
	// The left half is red, and the rest is paper.
	const half = "1 0 0 rg 0 0 100 100 re f"
	appearance := "/Subtype/Form/BBox[0 0 50 50]"
	for name, c := range map[string]struct {
		data []byte
		want map[image.Point][3]byte // by places in percent
	}{
		"paper":   {onePage("/MediaBox[0 0 200 100]", half), map[image.Point][3]byte{{25, 50}: red, {75, 50}: white}},
		"rotated": {onePage("/MediaBox[0 0 200 100]/Rotate 90", half), map[image.Point][3]byte{{50, 25}: red, {50, 75}: white}},
		"cropped": {onePage("/MediaBox[0 0 200 100]/CropBox[90 0 200 100]", half), map[image.Point][3]byte{{5, 50}: red, {30, 50}: white}},
		"transparent": {onePage("/MediaBox[0 0 200 100]/Resources<</ExtGState<</A<</ca 0.5>>>>>>", "/A gs "+half),
			map[image.Point][3]byte{{25, 50}: {255, 127, 127}, {75, 50}: white}},
		"annotation": {onePage("/MediaBox[0 0 200 100]/Annots[<</Type/Annot/Subtype/Stamp/F 4/Rect[150 0 200 50]/AP<</N 5 0 R>>>>]", half,
			pdfStream(appearance, "0 0 1 rg 0 0 50 50 re f")), map[image.Point][3]byte{{25, 50}: red, {88, 75}: blue, {88, 25}: white}},
		"form": {pdfOf("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 200 100]/Annots[5 0 R]>>", pdfStream("", half),
			"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(b)/F 4/Rect[150 0 200 50]/AP<</N 6 0 R>>/P 3 0 R>>",
			pdfStream(appearance, "0 1 0 rg 0 0 50 50 re f")), map[image.Point][3]byte{{25, 50}: red, {88, 75}: green, {88, 25}: white}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drawn := page(t, c.data, 0)
			for at, want := range c.want {
				got := drawn.at(float64(at.X)/100, float64(at.Y)/100)
				for i := range want {
					if max(got[i], want[i])-min(got[i], want[i]) > 1 {
						t.Errorf("%v is %v, not %v", at, got, want)
						break
					}
				}
			}
		})
	}
}

func TestEachPage(t *testing.T) {
	t.Parallel()
	keepsPDFium()
	data := append([]byte("a line that a mail server left\n"), coloursOf("1 0 0", "0 1 0", "0 0 1")...)
	data = append(data, make([]byte, 4096)...) // what a disk left
	if f := recognise(data); f == nil || f.name != "pdf" {
		t.Fatal(f)
	}
	frames, err := pdfPages(data)
	if err != nil || len(frames) != 3 {
		t.Fatal(frames, err)
	}
	for n, want := range [][3]byte{red, green, blue} {
		if got := page(t, data, n).at(0.5, 0.5); got != want {
			t.Errorf("page %d is %v", n+1, got)
		}
	}
	if _, err := decodePDF(t.Context(), data, 3); err == nil || !strings.Contains(err.Error(), "page 4") {
		t.Error(err)
	}
	// Another document in between changes nothing.
	if got := page(t, coloursOf("0 0 1"), 0).at(0.5, 0.5); got != blue {
		t.Error(got)
	}
	if got := page(t, data, 1).at(0.5, 0.5); got != green {
		t.Error(got)
	}
}

func TestPageSize(t *testing.T) {
	t.Parallel()
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		w, h float64
		want image.Point
	}{
		{595, 842, image.Pt(1413, 2000)}, // A4
		{842, 595, image.Pt(2000, 1413)},
		{72, 36, image.Pt(300, 150)}, // an inch
		{14400, 14400, image.Pt(2000, 2000)},
		{1e30, 1e-30, image.Pt(2000, 2)},
		{0.1, 0.1, image.Pt(2, 2)},
		{0, 10, image.Point{}}, {-5, 10, image.Point{}}, {inf, inf, image.Point{}}, {10, inf, image.Point{}},
		{nan, 10, image.Point{}}, {10, nan, image.Point{}},
	} {
		if got := pageSize(c.w, c.h); got != c.want {
			t.Errorf("%v by %v: %v, want %v", c.w, c.h, got, c.want)
		}
	}
}

// Whatever a document says of the size of its pages, they can be drawn.
func TestOddBoxes(t *testing.T) {
	t.Parallel()
	for _, boxes := range []string{
		"/MediaBox[0 0 14400 14400]", "/MediaBox[0 0 14400 14400]/UserUnit 75000", "/MediaBox[0 0 1e30 1e30]",
		"/MediaBox[0 0 100000000 1]", "/MediaBox[0 0 0.001 0.001]", "/MediaBox[0 0 0 0]", "/MediaBox[0 0 -300 -200]", "/MediaBox(no)",
		"", "/MediaBox[200 100 0 0]", "/MediaBox[0 0 200 100]/Rotate 45",
	} {
		c := page(t, onePage(boxes, ""), 0)
		if c.w < minSide || c.h < minSide || c.w > pageSide || c.h > pageSide {
			t.Errorf("%s: %d×%d", boxes, c.w, c.h)
		}
	}
}

func TestDocumentsThatCannotBeShown(t *testing.T) {
	t.Parallel()
	keepsPDFium()
	whole := coloursOf("1 0 0")
	const encrypted = "/ID[(0123456789abcdef)(0123456789abcdef)]/Encrypt<</Filter/%s/V 1/R 2/P -4/O(%032d)/U(%032d)>>"
	lock := func(filter string) []byte {
		return pdfWith(fmt.Sprintf(encrypted, filter, 1, 2), "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>")
	}
	cases := []struct {
		name   string
		data   []byte
		reason Reason
		says   string
	}{
		{"cut short", whole[:len(whole)-10], Truncated, "its end is missing"},
		{"only its first line", []byte("%PDF-1.7\n"), Truncated, "its end is missing"},
		{"no objects", []byte("%PDF-1.7\n%%EOF\n"), Damaged, "no document in it"},
		{"locked", lock("Standard"), Locked, "locked with a password"},
		{"another lock", lock("Another"), Unsupported, "encrypted in a way"},
		{"no pages", pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"), Damaged, "it has no pages"},
		{"a page that is none", pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[9 0 R]/Count 1>>"), Damaged, "page 1"},
		{"nothing left of a page", onePage("/MediaBox[0 0 200 100]/CropBox[500 500 600 600]", ""), Damaged, "0×0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode("holiday.pdf", c.data, Limits{})
			var e *Error
			if !errors.As(err, &e) || e.Reason != c.reason || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "holiday.pdf: ") {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := pdfPages(whole[:100]); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// Machine code that was damaged is made anew, and not run.
func TestDamagedCode(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "code")
	if kept := keptCode(); kept != "" {
		// It is there, or it is made once for all runs.
		keepsPDFium()
		page(t, coloursOf("1 0 0"), 0)
		if err := os.CopyFS(folder, os.DirFS(kept)); err != nil {
			t.Fatal(err)
		}
	} else if err := (&pdfEngine{folder: folder}).start(); err != nil {
		t.Fatal(err)
	}
	damageFiles(t, folder)
	e := &pdfEngine{folder: folder, memory: wasmMemory{most: mostPDFMemory}}
	if err := e.with(coloursOf("1 0 0"), func(d *document) error { return nil }); err != nil {
		t.Error(err)
	}
}

// damageFiles changes something in each file of a folder.
func damageFiles(t *testing.T, folder string) {
	t.Helper()
	damaged := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		damaged++
		code, err := os.ReadFile(path)
		if err == nil {
			code[len(code)/2] ^= 1
			err = os.WriteFile(path, code, 0o600)
		}
		return err
	})
	if err != nil || damaged == 0 {
		t.Fatal(damaged, err)
	}
}

// Whatever a document is, it is drawn at the size that was promised, or refused.
func FuzzPDF(f *testing.F) {
	keepsPDFium()
	f.Add(coloursOf("1 0 0", "0 1 0"))
	f.Add(onePage("/MediaBox[0 0 200 100]/Rotate 90/Annots[<</Type/Annot/Subtype/Stamp/F 4/Rect[150 0 200 50]/AP<</N 5 0 R>>>>]", "1 0 0 rg 0 0 9 9 re f", pdfStream("/Subtype/Form/BBox[0 0 50 50]", "0 0 50 50 re f")))
	f.Add([]byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode("fuzz", append([]byte("%PDF-1.7\n"), data...), Limits{})
		var e *Error
		switch {
		case err != nil && (p != nil || !errors.As(err, &e)):
			t.Error(p, err)
		case err == nil && (max(p.Width, p.Height) > pageSide || min(p.Width, p.Height) < minSide || len(p.RGB()) != 3*p.Width*p.Height):
			t.Errorf("%d×%d in %d bytes", p.Width, p.Height, len(p.RGB()))
		}
	})
}
