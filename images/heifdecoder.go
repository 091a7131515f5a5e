package images

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	_ "unsafe" // for go:linkname

	_ "github.com/gen2brain/avif" // for its decoder, avifCode
	_ "github.com/gen2brain/heic" // likewise, heicCode
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/emscripten"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// Of two packages we use the decoders in WebAssembly that they carry, and not the Go
// around them: that keeps one instance for all files, damaged ones too, makes its machine
// code anew in each process, bounds no memory, and takes rows of HEIC to be as long as
// their pixels, which they are not (rowBytes).

//go:linkname avifCode github.com/gen2brain/avif.avifWasm
var avifCode []byte

//go:linkname heicCode github.com/gen2brain/heic.heifWasm
var heicCode []byte

var (
	libavif = heifDecoder{
		code: &avifCode, brand: "avif", pixelBytes: 24,
		rowBytes: func(w int) int { return 4 * w },
	}
	libheif = heifDecoder{
		code: &heicCode, brand: "heic", pixelBytes: 32, tellsPremultiplied: true,
		// Planes have an even number of columns, and 64 at least.
		rowBytes: func(w int) int { return (4*max(w+w%2, 64) + 15) &^ 15 },
	}
)

// heifDecoder is a decoder in WebAssembly: it sees no file, no clock and no network. Each
// picture has an instance of its own: what one does to its memory, no other sees.
type heifDecoder struct {
	code               *[]byte
	brand              string // by which the decoder knows what it reads
	pixelBytes         int    // of memory that a pixel takes at most
	rowBytes           func(width int) int
	tellsPremultiplied bool // of colours, instead of doing it

	mu       sync.Mutex
	folder   string // of machine code; none is kept without one
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// ready tells whether the machine code is there.
func (d *heifDecoder) ready() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.compiled != nil
}

// start makes the machine code, or loads what was made before.
func (d *heifDecoder) start() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.compiled != nil {
		return nil
	}
	return startReader(&d.folder, d.compile)
}

// compile makes the machine code, or finds it in the folder.
func (d *heifDecoder) compile() (err error) {
	config, err := keptIn(d.folder, wazero.NewRuntimeConfig())
	if err != nil {
		return err
	}
	ctx := compiling()
	r := wazero.NewRuntimeWithConfig(ctx, config)
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close(ctx))
		}
	}()
	compiled, err := r.CompileModule(ctx, *d.code)
	if err != nil {
		return err
	}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, r); err != nil {
		return err
	}
	if _, err := emscripten.InstantiateForModule(ctx, r, compiled); err != nil {
		return err
	}
	d.runtime, d.compiled = r, compiled
	return nil
}

// What an instance takes besides its pixels and the file, and the most it may take: what
// 32 bits can address, less a part that no decoder asks for in one piece.
const (
	heifBaseMemory = 64 << 20
	mostHEIFMemory = 4<<30 - 128<<20
	heifStack      = 1 << 20
)

// errHEIF is all that the decoders say of an error.
var errHEIF = errors.New("the decoder can't make a picture of it")

// decode decodes the picture of a file, as large as the decoder says.
func (d *heifDecoder) decode(ctx context.Context, data []byte) (c canvas, err error) {
	f, err := readHEIF(data)
	if err != nil {
		return canvas{}, err
	}
	if err := d.start(); err != nil {
		return canvas{}, err
	}
	w, h := f.picture().size()
	memory := &wasmMemory{most: int(min(mostHEIFMemory, uint64(heifBaseMemory+3*len(data))+uint64(d.pixelBytes)*uint64(w)*uint64(h)))}
	module, err := d.runtime.InstantiateModule(experimental.WithMemoryAllocator(ctx, memory), d.compiled,
		wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return canvas{}, err
	}
	defer func() {
		err = errors.Join(err, module.Close(ctx))
		if memory.refused && err != nil {
			err = &Error{Reason: TooHungry, Err: err, Detail: fmt.Sprintf("to decode this picture takes more than %s of memory, the limit for %d×%d pixels; if it opens elsewhere, convert it to JPEG or PNG", megabytes(int64(memory.most)), w, h)}
		}
	}()
	i := heifInstance{decoder: d, module: module}
	return i.decode(ctx, data)
}

// heifInstance is an instance at work. Its functions are those of C in both packages.
type heifInstance struct {
	decoder *heifDecoder
	module  api.Module
}

// decode has the header read, and then the pixels made.
func (i *heifInstance) decode(ctx context.Context, data []byte) (canvas, error) {
	file, err := i.allocate(ctx, len(data))
	if err != nil {
		return canvas{}, err
	}
	told, err := i.allocate(ctx, 12) // width, height, whether colours are premultiplied
	if err != nil {
		return canvas{}, err
	}
	if restore := i.module.ExportedFunction("stackRestore"); restore != nil {
		// Its own stack is too small for pictures of 10 bits with a sample of colour for
		// two columns.
		stack, err := i.allocate(ctx, heifStack)
		if err != nil {
			return canvas{}, err
		}
		if _, err := restore.Call(ctx, uint64(stack+heifStack)&^15); err != nil {
			return canvas{}, err
		}
	}
	memory := i.module.Memory()
	// The first brand is all that one of them looks at, and the other takes for a reason
	// to read a video.
	if !memory.Write(file, data) || len(data) < 12 || !memory.WriteString(file+8, i.decoder.brand) {
		return canvas{}, errHEIF
	}
	read := func(headerAlone, out uint32) error {
		arguments := []uint64{uint64(file), uint64(len(data)), uint64(headerAlone), uint64(told), uint64(told + 4), uint64(out)}
		if i.decoder.tellsPremultiplied {
			arguments = append(arguments[:5], uint64(told+8), uint64(out))
		}
		done, err := i.module.ExportedFunction("decode").Call(ctx, arguments...)
		if err != nil {
			why, _, _ := strings.Cut(err.Error(), "\n") // what called what follows
			return fmt.Errorf("the decoder failed at it: %s", why)
		}
		if done[0] == 0 {
			return errHEIF
		}
		return nil
	}
	if err := read(1, 0); err != nil {
		return canvas{}, err
	}
	w, _ := memory.ReadUint32Le(told)
	h, _ := memory.ReadUint32Le(told + 4)
	premultiplied, _ := memory.ReadUint32Le(told + 8)
	stride := i.decoder.rowBytes(int(w))
	if w == 0 || h == 0 || w > mostSide || h > mostSide || stride > mostHEIFMemory/int(h) {
		return canvas{}, errHEIF
	}
	out, err := i.allocate(ctx, stride*int(h))
	if err != nil {
		return canvas{}, err
	}
	if err := read(0, out); err != nil {
		return canvas{}, err
	}
	rows, ok := memory.Read(out, uint32(stride*int(h)))
	if !ok {
		return canvas{}, errHEIF
	}
	return ofRGBA(rows, int(w), int(h), stride, i.decoder.tellsPremultiplied && premultiplied == 1), nil
}

// allocate takes memory of the instance.
func (i *heifInstance) allocate(ctx context.Context, bytes int) (uint32, error) {
	at, err := i.module.ExportedFunction("allocate").Call(ctx, uint64(bytes))
	if err == nil && at[0] == 0 {
		err = errHEIF
	}
	if err != nil {
		return 0, err
	}
	return uint32(at[0]), nil
}
