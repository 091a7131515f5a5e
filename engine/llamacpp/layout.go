package llamacpp

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// llama.cpp passes three parameter structs by value, and their fields move
// between builds. A wrong offset does not crash: it silently sets another
// field. So the layout is chosen by version and then proved on the spot: the
// library's own defaults are written into two buffers of different filling,
// which shows where the struct ends, and known default values must lie where
// the layout expects them.

// paramsBuffer receives a parameter struct. It is larger than any known one;
// callByValue hands over at most maxParamsWords of it.
type paramsBuffer struct{ Words [64]uintptr }

// maxParamsWords is what fits behind the six argument registers within the
// 32 arguments that purego can pass.
const maxParamsWords = 26

// Of each struct the table holds its size, where its last default that is not
// zero ends (filled, in whole words), and the offsets of the fields used.

// modelLayout describes struct llama_model_params.
type modelLayout struct {
	size, filled       int
	Devices            int // NULL-terminated array; all there are if NULL
	NGPULayers         int
	SplitMode, MainGPU int
	TensorSplit        int
	ProgressCallback   int
	VocabOnly          int
}

// contextLayout describes struct llama_context_params.
type contextLayout struct {
	size, filled                       int
	NCtx, NBatch, NUbatch, NSeqMax     int
	NThreads, NThreadsBatch            int
	FlashAttn                          int
	YarnExtFactor, TypeK, TypeV        int
	Embeddings, OffloadKQV, NoPerf     int
	OpOffload                          int
	KVUnified, AbortCallback, CtxOther int
}

// projectorLayout describes struct mtmd_context_params.
type projectorLayout struct {
	size, filled                  int
	UseGPU, Device, PrintTimings  int
	NThreads, MediaMarker, Warmup int
	FlashAttn, CBEval             int
}

// layout is one row of the table: which builds it covers and what their
// structs look like.
type layout struct {
	versions  string // prefix of llama_version()
	model     modelLayout
	context   contextLayout
	projector projectorLayout
}

// The rows are derived from the headers of the releases named.
var (
	model80 = modelLayout{size: 80, filled: 80, Devices: 0, NGPULayers: 16, SplitMode: 20, MainGPU: 32, TensorSplit: 40, ProgressCallback: 48, VocabOnly: 72}

	context160 = contextLayout{
		size: 160, filled: 136, NCtx: 0, NBatch: 4, NUbatch: 8, NSeqMax: 12, NThreads: 28, NThreadsBatch: 32,
		FlashAttn: 52, YarnExtFactor: 64, TypeK: 104, TypeV: 108, AbortCallback: 112,
		Embeddings: 128, OffloadKQV: 129, NoPerf: 130, OpOffload: 131, KVUnified: 133, CtxOther: 152,
	}
	// moe_cache_size came in at 112 and moved the tail by a word.
	context168 = contextLayout{
		size: 168, filled: 144, NCtx: 0, NBatch: 4, NUbatch: 8, NSeqMax: 12, NThreads: 28, NThreadsBatch: 32,
		FlashAttn: 52, YarnExtFactor: 64, TypeK: 104, TypeV: 108, AbortCallback: 120,
		Embeddings: 136, OffloadKQV: 137, NoPerf: 138, OpOffload: 139, KVUnified: 141, CtxOther: 160,
	}

	projector96 = projectorLayout{
		size: 96, filled: 80, UseGPU: 0, Device: 8, PrintTimings: 16, NThreads: 20, MediaMarker: 32, FlashAttn: 40, Warmup: 44, CBEval: 56,
	}

	layouts = []layout{
		{"0.5.", model80, context160, projector96},
		{"0.6.", model80, context168, projector96},
		{"0.7.", model80, context168, projector96},
	}
)

// chooseLayout returns the row for a version as llama_version() tells it.
func chooseLayout(version string) (*layout, error) {
	var known []string
	for i := range layouts {
		if strings.HasPrefix(version, layouts[i].versions) {
			return &layouts[i], nil
		}
		known = append(known, layouts[i].versions+"x")
	}
	if version == "" {
		version = "of before llama_version()"
	}
	return nil, fmt.Errorf("its llama.cpp is version %s, and the layouts of its parameter structs are not known to this vlmchat (known: %s)",
		version, strings.Join(known, ", "))
}

// verify proves the layout on the library's own defaults: model, context and
// projector fill a buffer with the default parameters of their kind.
func (l *layout) verify(model, context, projector func(*paramsBuffer)) error {
	m := l.model
	if err := fingerprint("llama_model_params", m.size, m.filled, model, []expectation{
		{m.NGPULayers, 4, uint64(math.MaxUint32)}, // -1: as many as fit
		{m.ProgressCallback, 8, 0}, {m.VocabOnly, 1, 0},
	}); err != nil {
		return err
	}
	c := l.context
	if err := fingerprint("llama_context_params", c.size, c.filled, context, []expectation{
		{c.NCtx, 4, 512}, {c.NBatch, 4, 2048}, {c.NUbatch, 4, 512}, {c.NSeqMax, 4, 1},
		{c.NThreads, 4, 4}, {c.NThreadsBatch, 4, 4},
		{c.YarnExtFactor, 4, uint64(math.Float32bits(-1))},
		{c.TypeK, 4, 1}, {c.TypeV, 4, 1}, // GGML_TYPE_F16
		{c.AbortCallback, 8, 0}, {c.Embeddings, 1, 0}, {c.OffloadKQV, 1, 1}, {c.NoPerf, 1, 1},
		{c.KVUnified, 1, 0}, {c.CtxOther, 8, 0},
	}); err != nil {
		return err
	}
	p := l.projector
	return fingerprint("mtmd_context_params", p.size, p.filled, projector, []expectation{
		{p.UseGPU, 1, 1}, {p.PrintTimings, 1, 1}, {p.NThreads, 4, 4}, {p.Warmup, 1, 1}, {p.CBEval, 8, 0},
	})
}

// expectation says that the little-endian value of width bytes at offset is
// want.
type expectation struct {
	offset, width int
	want          uint64
}

// fingerprint calls fill on two buffers of different filling. The bytes that
// agree were written by the library; the last of them, rounded up to a word,
// is the end of the struct.
//
// Where fill can't keep the filling (see fillByValue) all bytes agree, and only
// the end of the defaults that are not zero shows. A struct with more zeros
// behind them passes then, and does no harm: it is handed on as the library
// filled it.
func fingerprint(name string, size, filled int, fill func(*paramsBuffer), expected []expectation) error {
	a, b := new(paramsBuffer), new(paramsBuffer)
	for i := range a.Words {
		a.Words[i], b.Words[i] = 0xAAAAAAAAAAAAAAAA, 0x5555555555555555
	}
	fill(a)
	fill(b)
	bytesA, bytesB := a.bytes(), b.bytes()
	gotSize, gotFilled := 0, 0
	for i := range bytesA {
		if bytesA[i] == bytesB[i] {
			gotSize = i&^7 + 8
			if bytesA[i] != 0 {
				gotFilled = gotSize
			}
		}
	}
	if gotSize != size && gotSize != len(bytesA) {
		return fmt.Errorf("its %s has %d bytes where %d were expected", name, gotSize, size)
	}
	if gotFilled != filled {
		return fmt.Errorf("the defaults of its %s end at byte %d where %d was expected", name, gotFilled, filled)
	}
	for _, e := range expected {
		if got := little(bytesA[e.offset : e.offset+e.width]); got != e.want {
			return fmt.Errorf("its %s has %#x at byte %d where %#x was expected", name, got, e.offset, e.want)
		}
	}
	return nil
}

func little(b []byte) uint64 {
	var word [8]byte
	copy(word[:], b)
	return binary.LittleEndian.Uint64(word[:])
}
