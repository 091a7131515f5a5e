package images

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// keptCode is where compiled readers are kept for the next run of these tests, if there
// is a place for it.
func keptCode() string {
	if dir := os.Getenv("VLMCHAT_CACHE_DIR"); dir != "" {
		return filepath.Join(dir, "images")
	}
	return ""
}

// keepsPDFium lets PDFium be compiled once for all runs of these tests, where
// there is a place for it.
var keepsPDFium = sync.OnceFunc(func() {
	pdfium.mu.Lock()
	defer pdfium.mu.Unlock()
	pdfium.folder = keptCode()
})

// pdfOf writes a document of objects, which are numbered from 1. The first is the
// catalogue.
func pdfOf(objects ...string) []byte { return pdfWith("", objects...) }

// pdfWith writes a document with more in its trailer.
func pdfWith(trailer string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var table strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, &table, len(objects)+1, trailer, xref)
	return b.Bytes()
}

// pdfStream is a stream object with more in its dictionary.
func pdfStream(dict, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(content), content)
}

// flated is a stream object whose content is compressed.
func flated(dict string, content []byte) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestCompression)
	_, _ = w.Write(content)
	_ = w.Close()
	return pdfStream(dict+"/Filter/FlateDecode", b.String())
}

// onePage is a document of one page with what is in its dictionary and its
// content; more objects follow from number 5 on.
func onePage(dict, content string, more ...string) []byte {
	return pdfOf(append([]string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R" + dict + ">>",
		pdfStream("", content),
	}, more...)...)
}

// coloursOf draws each page in one colour, 200 by 100 points.
func coloursOf(rgb ...string) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	var kids strings.Builder
	for _, c := range rgb {
		fmt.Fprintf(&kids, "%d 0 R ", len(objects)+1)
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents %d 0 R>>", len(objects)+2),
			pdfStream("", c+" rg 0 0 200 100 re f"))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", &kids, len(rgb))
	return pdfOf(objects...)
}

// page draws a page of a document.
func page(t testing.TB, data []byte, n int) canvas {
	t.Helper()
	keepsPDFium()
	size, err := pdfSize(data, n)
	if err != nil {
		t.Fatal(err)
	}
	c, err := decodePDF(t.Context(), data, n)
	if err != nil {
		t.Fatal(err)
	}
	if c.w != size.X || c.h != size.Y || len(c.rgb) != 3*c.w*c.h {
		t.Fatalf("%d×%d in %d bytes, and %v was promised", c.w, c.h, len(c.rgb), size)
	}
	return c
}

// at is a pixel at a place that is told in fractions of the width and height.
func (c canvas) at(x, y float64) [3]byte {
	i := 3 * (int(y*float64(c.h))*c.w + int(x*float64(c.w)))
	return [3]byte(c.rgb[i : i+3])
}
