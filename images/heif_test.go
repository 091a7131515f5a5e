package images

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// keepsHEIF lets the decoders be compiled once for all runs of these tests, where there
// is a place for it.
var keepsHEIF = sync.OnceFunc(func() {
	for _, d := range []*heifDecoder{&libavif, &libheif} {
		d.mu.Lock()
		d.folder = keptCode()
		d.mu.Unlock()
	}
})

// What testdata/make_heif.py makes looks as Pillow shows it.
func TestHEIF(t *testing.T) {
	t.Parallel()
	keepsHEIF()
	goldens, err := filepath.Glob("testdata/heif/*.golden.png")
	if err != nil || len(goldens) < 30 {
		t.Fatalf("%d fixtures, %v", len(goldens), err)
	}
	for _, golden := range goldens {
		name := strings.TrimSuffix(golden, ".golden.png")
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			p, want := mustLoad(t, name), mustLoad(t, golden)
			if p.Width != want.Width || p.Height != want.Height {
				t.Fatalf("%d×%d, want %d×%d", p.Width, p.Height, want.Width, want.Height)
			}
			if p.Format != strings.TrimPrefix(filepath.Ext(name), ".") {
				t.Error("it is taken for a", p.Format)
			}
			if p.transparent != strings.HasPrefix(filepath.Base(name), "alpha") && !strings.HasPrefix(filepath.Base(name), "premult") {
				t.Error("see-through:", p.transparent)
			}
			mean, most := differences(t, p, want)
			t.Logf("mean difference %.3f, at most %d levels", mean, most)
			if mean > 1 {
				t.Errorf("mean difference %.3f, at most %d levels", mean, most)
			}
		})
	}
}

// Machine code that was damaged is made anew, and so it is where none can be kept.
func TestDamagedHEIFCode(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "code")
	fresh := func() *heifDecoder {
		return &heifDecoder{code: libavif.code, brand: libavif.brand, pixelBytes: libavif.pixelBytes, rowBytes: libavif.rowBytes, folder: folder}
	}
	if err := fresh().start(); err != nil {
		t.Fatal(err)
	}
	damageFiles(t, folder)
	data, err := os.ReadFile("testdata/heif/10bits420.avif")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fresh().decode(t.Context(), data); err != nil {
		t.Error("after damage:", err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fresh().start(); err != nil {
		t.Error("without a place for it:", err)
	}
}
