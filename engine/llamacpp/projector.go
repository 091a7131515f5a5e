package llamacpp

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Projector is the picture encoder that belongs to a model (libmtmd's context
// of an mmproj file): it turns pictures into embeddings that the model takes in
// the place of tokens.
type Projector struct {
	lib    *Library
	model  *Model
	ptr    uintptr
	marker []byte
	layers int

	textLength bool // struct mtmd_input_text has a length
}

// ProjectorOptions says how a projector is loaded.
type ProjectorOptions struct {
	Threads int
	// Marker is the text that stands for a picture in a prompt: something that
	// nobody can write by accident or by intent.
	Marker string
	// Layers is the number of the encoder's layers, by which Encode tells how
	// far it is; 0 if that is not known.
	Layers int
	// Device is where pictures are encoded; nil is the CPU.
	Device *Device
	Flash  FlashAttention
	// MinTokens and MaxTokens bound the tokens of a picture, for models to which
	// pictures may have any size; 0 leaves it to the model.
	MinTokens, MaxTokens int
	// AtOnce is how many tokens the model's context computes at once. Pictures
	// that have to be seen at once get no more tokens.
	AtOnce int
}

// encoding is the state of the Encode under way, read by the one callback.
var encoding struct {
	sync.Mutex
	once     sync.Once
	callback uintptr
	asked    int // nodes since the last one that was looked at
	stride   int // nodes from one look to the next
	looked   time.Time
	name     proc
	layers   int
	done     float64
	progress func(float64) bool
	stopped  bool
	input    *inputs // wanted instead of embeddings
}

// A graph is computed up to the next node that the callback wants to look at.
// Looking often cancels soon; looking seldom keeps a GPU busy. So the stride
// from look to look adapts to the time that it takes.
const (
	firstStride = 4
	maxStride   = 64
	soon        = 5 * time.Millisecond
	late        = 25 * time.Millisecond
)

// LoadProjector reads an mmproj GGUF file for a model.
func (m *Model) LoadProjector(path string, o ProjectorOptions) (*Projector, error) {
	p, err := m.loadProjector(path, o)
	if err != nil || !p.NonCausal() || !m.lib.layout.projector.ImageMaxTokens.has() {
		return p, err
	}
	// Only now it is known that pictures have to be seen at once. As llama-server
	// does, they are made as small as that takes.
	most, err := p.mostTokens()
	if err == nil && most <= o.AtOnce {
		return p, nil
	}
	p.Close()
	if err != nil {
		return nil, err
	}
	o.MaxTokens = o.AtOnce
	return m.loadProjector(path, o)
}

func (m *Model) loadProjector(path string, o ProjectorOptions) (*Projector, error) {
	encoding.once.Do(func() { encoding.callback = purego.NewCallback(observeNode) })
	l := m.lib
	p := &Projector{lib: l, model: m, marker: cString(o.Marker), layers: o.Layers}
	var params paramsBuffer
	l.mtmd.ContextParamsDefault.fillByValue(&params)
	at := l.layout.projector
	params.setBool(at.PrintTimings, false)
	params.setInt(at.NThreads, int32(o.Threads))
	params.setPointer(at.MediaMarker, addr(p.marker))
	params.setBool(at.UseGPU, o.Device != nil) // a GPU is what it takes by itself
	switch {
	case o.Device == nil:
	case at.Device.has():
		params.setPointer(at.Device, o.Device.handle)
	default:
		// What builds without the field read instead. The oldest (b5640) don't,
		// and take the first GPU.
		os.Setenv("MTMD_BACKEND_DEVICE", o.Device.Name)
	}
	if at.FlashAttn.has() {
		params.setInt(at.FlashAttn, o.Flash.enum())
	}
	if at.Verbosity.has() {
		params.setInt(at.Verbosity, int32(Error))
	}
	if at.CBEval.has() {
		params.setPointer(at.CBEval, encoding.callback)
	}
	if o.MinTokens > 0 || o.MaxTokens > 0 {
		if !at.ImageMinTokens.has() || !at.ImageMaxTokens.has() {
			return nil, fmt.Errorf("%s can't bound the tokens of a picture", l.name())
		}
		params.setInt(at.ImageMinTokens, orNone(o.MinTokens))
		params.setInt(at.ImageMaxTokens, orNone(o.MaxTokens))
	}

	name := cString(path)
	p.ptr = l.mtmd.InitFromFile.callByValue(params.object(), addr(name), m.ptr)
	runtime.KeepAlive(name)
	if p.ptr == 0 {
		return nil, errLoad
	}
	if err := p.probeInputText(); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// orNone is how libmtmd is told of a bound, or of none.
func orNone(tokens int) int32 {
	if tokens > 0 {
		return int32(tokens)
	}
	return -1
}

// largeSide is the width and height of a picture of which no model takes all
// the pixels.
const largeSide = 2048

// mostTokens is how many tokens a picture can get, as far as a large one tells.
func (p *Projector) mostTokens() (int, error) {
	large := Bitmap{Width: largeSide, Height: largeSide}
	if !p.CountsWithoutPixels() {
		large.RGB = make([]byte, 3*largeSide*largeSide)
	}
	c, err := p.tokenize(p.markerText(), false, []Bitmap{large})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	most := 0
	for _, chunk := range c.All {
		if chunk.Tokens == nil {
			most = max(most, chunk.Count)
		}
	}
	return most, nil
}

// markerText is the text that stands for a picture.
func (p *Projector) markerText() string { return string(p.marker[:len(p.marker)-1]) }

// NonCausal reports whether a picture's tokens have to see those behind them,
// and so have to be computed at once.
func (p *Projector) NonCausal() bool {
	return p.Vision() && p.lib.mtmd.DecodeUseNonCausal.callBool(p.ptr, 0)
}

// Close frees the projector.
func (p *Projector) Close() { p.lib.mtmd.Free.call(p.ptr) }

// Vision reports whether it encodes pictures (others encode sound).
func (p *Projector) Vision() bool { return p.lib.mtmd.SupportVision.callBool(p.ptr) }

// CountsWithoutPixels reports whether Tokenize takes a Bitmap without pixels, of
// which the chunks can't be encoded.
func (p *Projector) CountsWithoutPixels() bool { return p.lib.mtmd.ChunkGetPlaceholder != 0 }

// Chunks is a tokenized prompt: runs of tokens and pictures in turn.
type Chunks struct {
	p   *Projector
	ptr uintptr
	All []Chunk
}

// chunkText is the type of a chunk of tokens, of mtmd_input_chunk_type.
const chunkText = 0

// Chunk is a run of tokens, or a picture or a tile of one.
type Chunk struct {
	Tokens []Token // of text; nil for a picture
	ID     string  // of a picture: that of its Bitmap
	Tile           // of a picture: where its embeddings go
	ptr    uintptr // valid until Chunks.Close
}

// Tokenize turns a prompt, in which each marker stands for one of the pictures,
// into chunks. Control tokens in the text are recognised. The chunks are valid
// until Close.
//
// A picture that is too narrow for the model's preprocessing is padded.
func (p *Projector) Tokenize(prompt string, addSpecial bool, pictures []Bitmap) (*Chunks, error) {
	fitting := make([]Bitmap, len(pictures))
	for i, b := range pictures {
		fitting[i] = p.fitting(b)
	}
	return p.tokenize(prompt, addSpecial, fitting)
}

func (p *Projector) tokenize(prompt string, addSpecial bool, pictures []Bitmap) (*Chunks, error) {
	f := &p.lib.mtmd
	bitmaps := make([]uintptr, 0, len(pictures))
	defer func() {
		for _, b := range bitmaps {
			f.BitmapFree.call(b)
		}
	}()
	for _, pic := range pictures {
		if len(pic.RGB) != pic.Width*pic.Height*3 && (pic.RGB != nil || !p.CountsWithoutPixels()) || pic.Width < 1 || pic.Height < 1 {
			return nil, fmt.Errorf("%d bytes of pixels for a picture of %dx%d", len(pic.RGB), pic.Width, pic.Height)
		}
		b := f.BitmapInit.call(uintptr(pic.Width), uintptr(pic.Height), addr(pic.RGB))
		id := cString(pic.ID)
		f.BitmapSetID.call(b, addr(id))
		runtime.KeepAlive(id)
		bitmaps = append(bitmaps, b)
	}
	text := cString(prompt)
	input := inputText(text, p.textLength, addSpecial)

	c := &Chunks{p: p, ptr: f.ChunksInit.call()}
	rc := f.Tokenize.callInt(p.ptr, c.ptr, addr(input), addr(bitmaps), uintptr(len(bitmaps)))
	runtime.KeepAlive(text)
	runtime.KeepAlive(input)
	if rc != 0 {
		c.Close()
		switch rc {
		case 1:
			return nil, fmt.Errorf("the prompt has another number of picture markers than the %d pictures", len(pictures))
		case 2:
			return nil, ErrPicture
		}
		return nil, fmt.Errorf("mtmd_tokenize failed with code %d", rc)
	}
	if err := c.read(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// ErrPicture is returned by Tokenize when the projector can't preprocess a
// picture. The log says why.
var ErrPicture = fmt.Errorf("the model's picture preprocessing failed")

// maxTileTokens is more than any picture has: what some builds count of one that
// is too small for them is below zero.
const maxTileTokens = 1 << 24

// read copies what there is to know about the chunks out of C.
func (c *Chunks) read() error {
	f := &c.p.lib.mtmd
	for i := range int(f.ChunksSize.call(c.ptr)) {
		ptr := f.ChunksGet.call(c.ptr, uintptr(i))
		chunk := Chunk{ptr: ptr, Tile: Tile{
			Count:     int(f.ChunkNTokens.call(ptr)),
			Positions: int(f.ChunkNPos.callInt(ptr)),
		}}
		if f.ChunkType.callInt(ptr) == chunkText {
			n := make([]uintptr, 1)
			tokens := f.ChunkTokensText.call(ptr, addr(n))
			chunk.Tokens = append([]Token{}, unsafe.Slice((*Token)(pointer(tokens)), int(n[0]))...)
		} else {
			if chunk.Count < 1 || chunk.Count > maxTileTokens {
				return ErrPicture
			}
			chunk.ID = goString(f.ChunkID.call(ptr))
			if err := c.p.place(&chunk.Tile, ptr); err != nil {
				return err
			}
		}
		c.All = append(c.All, chunk)
	}
	return nil
}

// Close frees the chunks.
func (c *Chunks) Close() { c.p.lib.mtmd.ChunksFree.call(c.ptr) }

// Encode turns a picture chunk into its embeddings: Count times the model's
// EmbeddingSize floats. progress is told how far the encoder is, 0 to 1, and stops it
// by returning false.
func (p *Projector) Encode(c Chunk, progress func(float64) bool) ([]float32, error) {
	encoding.Lock()
	defer encoding.Unlock()
	encoding.asked, encoding.done, encoding.stopped = 0, 0, false
	encoding.stride, encoding.looked = firstStride, time.Now()
	encoding.progress, encoding.layers, encoding.name = progress, p.layers, p.lib.base.GetName
	rc := p.lib.mtmd.EncodeChunk.callInt(p.ptr, c.ptr)
	if encoding.stopped {
		// The encoder returns success and garbage.
		return nil, ErrCancelled
	}
	if rc != 0 {
		return nil, fmt.Errorf("mtmd_encode_chunk failed with code %d", rc)
	}
	out := p.lib.mtmd.GetOutputEmbd.call(p.ptr)
	return slices.Clone(unsafe.Slice((*float32)(pointer(out)), c.Count*p.model.EmbeddingSize())), nil
}

// observeNode is the projector's ggml_backend_sched_eval_callback: asked before
// a node of the graph whether it wants to see it, and told after it was computed.
func observeNode(tensor, ask, _ uintptr) uintptr {
	if encoding.input != nil {
		return cBool(encoding.input.observe(tensor, ask&0xff != 0))
	}
	if encoding.progress == nil {
		return cBool(ask&0xff == 0) // a warm-up while the projector is loaded
	}
	if ask&0xff != 0 {
		if encoding.layers > 0 {
			// Only some nodes are named by their layer, so all are read.
			encoding.done = max(encoding.done, layerOf(goString(encoding.name.call(tensor)), encoding.layers))
		}
		encoding.asked++
		return cBool(encoding.asked >= encoding.stride)
	}
	now := time.Now()
	switch took := now.Sub(encoding.looked); {
	case took < soon:
		encoding.stride = min(2*encoding.stride, maxStride)
	case took > late:
		encoding.stride = max(encoding.stride/2, 1)
	}
	encoding.asked, encoding.looked = 0, now
	if !encoding.progress(encoding.done) {
		encoding.stopped = true
		return 0
	}
	return 1
}

// layerOf reads how far an encoder of so many layers is from a node's name,
// which ends in the layer's number ("ffn_out-7"); 0 for other nodes.
func layerOf(name string, layers int) float64 {
	i := strings.LastIndexByte(name, '-')
	n, err := strconv.Atoi(strings.TrimSuffix(name[i+1:], " (view)"))
	if i < 0 || err != nil || n >= layers {
		return 0
	}
	return float64(n) / float64(layers)
}
