package images

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The first two objects of documents with one page, which is the third.
const (
	pdfCatalogue = "<</Type/Catalog/Pages 2 0 R>>"
	pdfOnePage   = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
)

const hostileBox = "/MediaBox[0 0 200 100]"

// Documents that ask for more than there is, or lead in circles. Some are drawn as far
// as they make sense, others refused; none takes PDFium along, nor the document after
// it.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	keepsPDFium()
	for name, data := range circularPDFs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var e *Error
			if _, err := Decode("bomb.pdf", data, Limits{}); err != nil && (!errors.As(err, &e) || e.Reason != Damaged && e.Reason != TooHungry) {
				t.Error(err)
			}
			if got := page(t, coloursOf("0 1 0"), 0).at(0.5, 0.5); got != green {
				t.Errorf("the next page is %v", got)
			}
		})
	}
}

// What takes more memory than a document may have is refused, and not drawn without.
func TestHungryDocument(t *testing.T) {
	t.Parallel()
	keepsPDFium()
	// On a busy machine the usual time would be up before the memory is.
	_, err := Decode("bomb.pdf", multiplyingPDF(hostileBox), Limits{Time: 5 * time.Minute})
	var e *Error
	if !errors.As(err, &e) || e.Reason != TooHungry || !strings.Contains(err.Error(), "500.0 MB") {
		t.Error(err)
	}
}

// circularPDFs are documents that are soon done with.
func circularPDFs() map[string][]byte {
	box := hostileBox
	zeros := bytes.Repeat([]byte{0}, 64<<20)
	deep := strings.Repeat("[", 200_000)
	bombs := map[string][]byte{
		"a picture of 4 gigapixels":   onePage(box+"/Resources<</XObject<</A 5 0 R>>>>", "200 0 0 100 0 0 cm /A Do", flated("/Subtype/Image/Width 65535/Height 65535/BitsPerComponent 8/ColorSpace/DeviceRGB", zeros)),
		"a page tree of itself":       pdfOf(pdfCatalogue, "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"),
		"a page that is its parent":   pdfOf(pdfCatalogue, pdfOnePage, "<</Type/Page/Parent 3 0 R/Contents 3 0 R>>"),
		"more pages than there are":   pdfOf(pdfCatalogue, "<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", "<</Type/Page/Parent 2 0 R"+box+">>"),
		"brackets without end":        onePage(box, deep+" TJ"),
		"a dictionary without end":    pdfOf(pdfCatalogue, pdfOnePage, "<</Type/Page/Parent 2 0 R"+box+"/A "+deep+">>"),
		"an object that is itself":    pdfOf(pdfCatalogue, pdfOnePage, "3 0 R"),
		"a length that is itself":     pdfOf(pdfCatalogue, pdfOnePage, "<</Type/Page/Parent 2 0 R/Contents 4 0 R"+box+">>", "<</Length 4 0 R>>stream\n0 0 m\nendstream"),
		"a mask of itself":            onePage(box+"/Resources<</ExtGState<</A<</SMask<</S/Alpha/G 5 0 R>>>>>>>>", "/A gs 0 0 200 100 re f", pdfStream("/Subtype/Form/BBox[0 0 200 100]/Group<</S/Transparency>>/Resources<</ExtGState<</A<</SMask<</S/Alpha/G 5 0 R>>>>>>>>", "/A gs 0 0 200 100 re f")),
		"a cross-reference of itself": []byte("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF\n"),
	}
	// A page tree as deep as a well.
	well := []string{pdfCatalogue}
	for n := range 20_000 {
		well = append(well, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R]/Count 1>>", n+3))
	}
	bombs["a page tree as a well"] = pdfOf(append(well, "<</Type/Page"+box+">>")...)
	return bombs
}

// multiplyingPDF has forms that each draw the next ten times, and so on: 10^7 in all.
func multiplyingPDF(box string) []byte {
	objects := []string{pdfCatalogue, pdfOnePage, "<</Type/Page/Parent 2 0 R/Contents 4 0 R" + box + "/Resources<</XObject<</A 5 0 R>>>>>>", pdfStream("", "/A Do")}
	for n := range 7 {
		objects = append(objects, pdfStream(fmt.Sprintf("/Subtype/Form/BBox[0 0 200 100]/Resources<</XObject<</A %d 0 R>>>>", n+6), strings.Repeat("/A Do ", 10)))
	}
	return pdfOf(append(objects, pdfStream("/Subtype/Form/BBox[0 0 200 100]", "0 0 1 1 re f"))...)
}

// What never ends is given up after the time that a picture may take, and the next one
// is read by a fresh process.
func TestEndlessDocuments(t *testing.T) {
	t.Parallel()
	l := apartLoader(t, Limits{})
	l.Decoder = append(l.Decoder, keptCode())
	for name, data := range endlessPDFs() {
		// Getting PDFium ready does not count.
		if p, err := l.Decode(t.Context(), "next.pdf", coloursOf("0 1 0")); err != nil || p.Width != 833 {
			t.Fatal(p, err)
		}
		l.Limits.Time = time.Second
		_, err := l.Decode(t.Context(), "bomb.pdf", data)
		var e *Error
		if !errors.As(err, &e) || e.Reason != TooSlow && e.Reason != TooHungry {
			t.Errorf("%s: %v", name, err)
		}
		l.Limits.Time = 0
	}
}

// endlessPDFs are documents that take for ever, or until there is no memory left.
func endlessPDFs() map[string][]byte {
	box := hostileBox
	return map[string][]byte{
		"content that unfolds":     pdfOf(pdfCatalogue, pdfOnePage, "<</Type/Page/Parent 2 0 R/Contents 4 0 R"+box+">>", flated("", bytes.Repeat([]byte("q "), 32<<20))),
		"a form that draws itself": onePage(box+"/Resources<</XObject<</A 5 0 R>>>>", "/A Do", pdfStream("/Subtype/Form/BBox[0 0 200 100]/Resources<</XObject<</A 5 0 R>>>>", "/A Do /A Do")),
		"a pattern of itself":      onePage(box+"/Resources<</Pattern<</A 5 0 R>>>>", "/Pattern cs /A scn 0 0 200 100 re f", pdfStream("/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.001/YStep 0.001/Resources<</Pattern<</A 5 0 R>>>>", "/Pattern cs /A scn 0 0 1 1 re f")),
	}
}
