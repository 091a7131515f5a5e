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
	size, filled     int
	nGPULayers       int
	progressCallback int
	vocabOnly        int
}

// contextLayout describes struct llama_context_params.
type contextLayout struct {
	size, filled                       int
	nCtx, nBatch, nUbatch, nSeqMax     int
	nThreads, nThreadsBatch            int
	yarnExtFactor, typeK, typeV        int
	embeddings, offloadKQV, noPerf     int
	kvUnified, abortCallback, ctxOther int
}

// projectorLayout describes struct mtmd_context_params.
type projectorLayout struct {
	size, filled                  int
	useGPU, printTimings          int
	nThreads, mediaMarker, warmup int
	cbEval                        int
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
	model80 = modelLayout{size: 80, filled: 80, nGPULayers: 16, progressCallback: 48, vocabOnly: 72}

	context160 = contextLayout{
		size: 160, filled: 136, nCtx: 0, nBatch: 4, nUbatch: 8, nSeqMax: 12, nThreads: 28, nThreadsBatch: 32,
		yarnExtFactor: 64, typeK: 104, typeV: 108, abortCallback: 112,
		embeddings: 128, offloadKQV: 129, noPerf: 130, kvUnified: 133, ctxOther: 152,
	}
	// moe_cache_size came in at 112 and moved the tail by a word.
	context168 = contextLayout{
		size: 168, filled: 144, nCtx: 0, nBatch: 4, nUbatch: 8, nSeqMax: 12, nThreads: 28, nThreadsBatch: 32,
		yarnExtFactor: 64, typeK: 104, typeV: 108, abortCallback: 120,
		embeddings: 136, offloadKQV: 137, noPerf: 138, kvUnified: 141, ctxOther: 160,
	}

	projector96 = projectorLayout{
		size: 96, filled: 80, useGPU: 0, printTimings: 16, nThreads: 20, mediaMarker: 32, warmup: 44, cbEval: 56,
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
		{m.nGPULayers, 4, uint64(math.MaxUint32)}, // -1: as many as fit
		{m.progressCallback, 8, 0}, {m.vocabOnly, 1, 0},
	}); err != nil {
		return err
	}
	c := l.context
	if err := fingerprint("llama_context_params", c.size, c.filled, context, []expectation{
		{c.nCtx, 4, 512}, {c.nBatch, 4, 2048}, {c.nUbatch, 4, 512}, {c.nSeqMax, 4, 1},
		{c.nThreads, 4, 4}, {c.nThreadsBatch, 4, 4},
		{c.yarnExtFactor, 4, uint64(math.Float32bits(-1))},
		{c.typeK, 4, 1}, {c.typeV, 4, 1}, // GGML_TYPE_F16
		{c.abortCallback, 8, 0}, {c.embeddings, 1, 0}, {c.offloadKQV, 1, 1}, {c.noPerf, 1, 1},
		{c.kvUnified, 1, 0}, {c.ctxOther, 8, 0},
	}); err != nil {
		return err
	}
	p := l.projector
	return fingerprint("mtmd_context_params", p.size, p.filled, projector, []expectation{
		{p.useGPU, 1, 1}, {p.printTimings, 1, 1}, {p.nThreads, 4, 4}, {p.warmup, 1, 1}, {p.cbEval, 8, 0},
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
