package images

import (
	"errors"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	gopdfium "github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// pdfium is Google's PDFium, the reader of Chrome, compiled to WebAssembly: it
// sees no file, no clock worth the name and no network, whatever is in a document,
// and has no JavaScript. What wazero makes of it, machine code, takes seconds to
// make, and is kept (wasmcode.go).
var pdfium = pdfEngine{memory: wasmMemory{most: mostPDFMemory}}

// mostPDFMemory is how much memory a document may take, itself included.
const mostPDFMemory = 500_000_000

type pdfEngine struct {
	mu     sync.Mutex
	folder string // of compiled code; none is kept without one
	memory wasmMemory
	pool   gopdfium.Pool
	last   *document // that was looked at last, still open
}

// document is an open PDF, in an instance of its own: what one document does to
// PDFium's memory, no other sees.
type document struct {
	data     []byte
	instance gopdfium.Pdfium
	ref      references.FPDF_DOCUMENT
	pages    int
}

// start compiles PDFium, or loads what was compiled before.
func (e *pdfEngine) start() error {
	if e.pool != nil {
		return nil
	}
	return startReader(&e.folder, e.compile)
}

// compile makes the machine code, or finds it in the folder.
func (e *pdfEngine) compile() error {
	config, err := keptIn(e.folder, wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesExceptionHandling))
	if err != nil {
		return err
	}
	e.pool, err = webassembly.Init(webassembly.Config{
		Context:       experimental.WithMemoryAllocator(compiling(), &e.memory),
		MaxIdle:       1,
		MaxTotal:      1,
		FSConfig:      wazero.NewFSConfig(), // no folder at all
		RuntimeConfig: config,
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
	return err
}

// ready tells whether PDFium is compiled.
func (e *pdfEngine) ready() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pool != nil
}

// with opens a document, unless it is still open, and has it used. A document at
// which PDFium failed is closed with all that PDFium had in mind.
func (e *pdfEngine) with(data []byte, use func(*document) error) (err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.memory.refused = false
	defer func() {
		if e.memory.refused { // PDFium goes on as it can, without what took so much
			err = &Error{Reason: TooHungry, Err: err, Detail: fmt.Sprintf("to draw this PDF takes more than %s of memory, the limit; print it to another PDF in a viewer, and use that", megabytes(mostPDFMemory))}
		}
		if err != nil {
			e.close()
		}
	}()
	if d := e.last; d == nil || &d.data[0] != &data[0] || len(d.data) != len(data) {
		e.close()
		if err := e.start(); err != nil {
			return err
		}
		if e.last, err = e.open(data); err != nil {
			return documentError(err)
		}
	}
	return use(e.last)
}

// open opens a document in a fresh instance.
func (e *pdfEngine) open(data []byte) (*document, error) {
	instance, err := e.pool.GetInstance(time.Minute)
	if err != nil {
		return nil, err
	}
	d := &document{data: data, instance: instance}
	opened, err := instance.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		return nil, errors.Join(err, instance.Kill())
	}
	d.ref = opened.Document
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil {
		return nil, errors.Join(err, instance.Kill())
	}
	if d.pages = count.PageCount; d.pages < 1 {
		return nil, errors.Join(errors.New("it has no pages"), instance.Kill())
	}
	return d, nil
}

// close gives the memory of the open document back. Its instance goes as it is:
// to tidy up in it could fail, or take for ever.
func (e *pdfEngine) close() {
	if e.last != nil {
		_ = e.last.instance.Kill()
		e.last = nil
	}
}

// size returns a page's size in points, upright.
func (d *document) size(page int) (w, h float64, err error) {
	if page >= d.pages {
		return 0, 0, fmt.Errorf("the document has %d pages", d.pages)
	}
	size, err := d.instance.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.ref, Index: page})
	if err != nil {
		return 0, 0, err
	}
	return size.Width, size.Height, nil
}

// draw draws a page with its annotations and what its form was filled in with.
func (d *document) draw(page int, size image.Point) (c canvas, err error) {
	loaded, err := d.instance.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.ref, Index: page})
	if err != nil {
		return canvas{}, err
	}
	defer func() {
		_, closing := d.instance.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
		err = errors.Join(err, closing)
	}()
	made, err := d.instance.FPDFBitmap_Create(&requests.FPDFBitmap_Create{Width: size.X, Height: size.Y})
	if err != nil {
		return canvas{}, err
	}
	defer func() {
		_, destroying := d.instance.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: made.Bitmap})
		err = errors.Join(err, destroying)
	}()
	_, err = d.instance.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: made.Bitmap, Width: size.X, Height: size.Y, Color: 0xffffffff})
	if err != nil {
		return canvas{}, err
	}
	const flags = enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER | enums.FPDF_RENDER_FLAG_RENDER_LIMITEDIMAGECACHE
	by := requests.Page{ByReference: &loaded.Page}
	_, err = d.instance.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{Bitmap: made.Bitmap, Page: by, SizeX: size.X, SizeY: size.Y, Flags: flags})
	if err != nil {
		return canvas{}, err
	}
	if err := d.drawForm(requests.FPDF_FFLDraw{Bitmap: made.Bitmap, Page: by, SizeX: size.X, SizeY: size.Y, Flags: flags}); err != nil {
		return canvas{}, err
	}
	return d.pixels(made.Bitmap, size)
}

// drawForm draws the fields of a form, which PDFium has apart from the page.
func (d *document) drawForm(drawn requests.FPDF_FFLDraw) error {
	form, err := d.instance.FPDF_GetFormType(&requests.FPDF_GetFormType{Document: d.ref})
	if err != nil || form.FormType == enums.FPDF_FORMTYPE_NONE {
		return err
	}
	// These are asked for and, as nobody fills the form in, not called.
	filling, err := d.instance.FPDFDOC_InitFormFillEnvironment(&requests.FPDFDOC_InitFormFillEnvironment{
		Document: d.ref,
		FormFillInfo: structs.FPDF_FORMFILLINFO{
			FFI_Invalidate:         func(references.FPDF_PAGE, float64, float64, float64, float64) {},
			FFI_SetCursor:          func(enums.FXCT) {},
			FFI_SetTimer:           func(int, func(int)) int { return 0 },
			FFI_KillTimer:          func(int) {},
			FFI_GetLocalTime:       func() structs.FPDF_SYSTEMTIME { return structs.FPDF_SYSTEMTIME{} },
			FFI_GetPage:            func(references.FPDF_DOCUMENT, int) *references.FPDF_PAGE { return nil },
			FFI_GetRotation:        func(references.FPDF_PAGE) enums.FPDF_PAGE_ROTATION { return enums.FPDF_PAGE_ROTATION_NONE },
			FFI_ExecuteNamedAction: func(string) {},
		},
	})
	if err != nil {
		return err
	}
	drawn.FormHandle = filling.FormHandle
	_, err = d.instance.FPDF_FFLDraw(&drawn)
	_, exit := d.instance.FPDFDOC_ExitFormFillEnvironment(&requests.FPDFDOC_ExitFormFillEnvironment{FormHandle: filling.FormHandle})
	return errors.Join(err, exit)
}

// pixels copies a bitmap of 4 bytes a pixel, of which the last says nothing.
func (d *document) pixels(bitmap references.FPDF_BITMAP, size image.Point) (canvas, error) {
	stride, err := d.instance.FPDFBitmap_GetStride(&requests.FPDFBitmap_GetStride{Bitmap: bitmap})
	if err != nil {
		return canvas{}, err
	}
	buffer, err := d.instance.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: bitmap})
	if err != nil {
		return canvas{}, err
	}
	c := canvas{rgb: make([]byte, 3*size.X*size.Y), w: size.X, h: size.Y}
	for y := range c.h {
		from, to := buffer.Buffer[y*stride.Stride:][:4*c.w], c.rgb[3*y*c.w:][:3*c.w]
		for x := range c.w {
			to[3*x], to[3*x+1], to[3*x+2] = from[4*x], from[4*x+1], from[4*x+2]
		}
	}
	return c, nil
}
