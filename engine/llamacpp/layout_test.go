package llamacpp

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

func TestChooseLayout(t *testing.T) {
	t.Parallel()
	for version, size := range map[string]int{"0.5.0": 160, "0.6.0-dev": 168, "0.7.0-dev": 168} {
		l, err := chooseLayout(version)
		if err != nil || l.context.size != size {
			t.Errorf("%s: %+v, %v", version, l, err)
		}
	}
	for _, version := range []string{"", "0.50.0", "1.0.0", "0.4.9"} {
		if _, err := chooseLayout(version); err == nil || !strings.Contains(err.Error(), "0.6.x") {
			t.Errorf("version %q: %v", version, err)
		}
	}
}

// defaults imitates a library of the layout: it writes the struct and nothing
// behind it.
func defaults(size int, values ...expectation) func(*paramsBuffer) {
	return func(b *paramsBuffer) {
		clear(b.bytes()[:size])
		for _, v := range values {
			var word [8]byte
			binary.LittleEndian.PutUint64(word[:], v.want)
			copy(b.bytes()[v.offset:v.offset+v.width], word[:])
		}
	}
}

// overwritten is fill on a platform where the buffer is overwritten whole.
func overwritten(fill func(*paramsBuffer)) func(*paramsBuffer) {
	return func(b *paramsBuffer) {
		clear(b.Words[:])
		fill(b)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	l, err := chooseLayout("0.6.0")
	if err != nil {
		t.Fatal(err)
	}
	m := func(shift int) []expectation {
		return []expectation{{16, 4, math.MaxUint32}, {20, 4, 1}, {74 + shift, 1, 1}}
	}
	c := func(shift int) []expectation {
		return []expectation{
			{0, 4, 512}, {4, 4, 2048}, {8, 4, 512}, {12, 4, 1}, {28, 4, 4}, {32, 4, 4},
			{64, 4, uint64(math.Float32bits(-1))}, {104, 4, 1}, {108, 4, 1},
			{137 + shift, 1, 1}, {138 + shift, 1, 1}, {140 + shift, 1, 1},
		}
	}
	p := func(shift int) []expectation {
		return []expectation{{0, 1, 1}, {16, 1, 1}, {20, 4, 4}, {44, 1, 1}, {72 + shift, 4, 1024}}
	}
	model, context, projector := defaults(80, m(0)...), defaults(168, c(0)...), defaults(96, p(0)...)
	threads := append(c(0), expectation{28, 4, 0})

	for _, test := range []struct {
		name                      string
		model, context, projector func(*paramsBuffer)
		good                      bool
		hidden                    bool // by a buffer that is overwritten whole
	}{
		{"the layout's own defaults", model, context, projector, true, false},
		{"a longer model struct", defaults(88, m(8)...), context, projector, false, false},
		{"a shorter context struct", model, defaults(160, c(-8)...), projector, false, false},
		{"a longer projector struct", model, context, defaults(104, p(8)...), false, false},
		{"more zeros at the end", model, defaults(176, c(0)...), projector, false, true},
		{"a field that moved", model, defaults(168, c(-8)...), projector, false, false},
		{"a field that moved within its word", model, defaults(168, c(1)...), projector, false, false},
		{"other threads", model, defaults(168, threads...), projector, false, false},
		{"a projector of another use", model, context, defaults(96), false, false},
		{"a model of another use", defaults(80, m(0)[1:]...), context, projector, false, false},
	} {
		if err := l.verify(test.model, test.context, test.projector); (err == nil) != test.good {
			t.Errorf("%s: %v", test.name, err)
		}
		err := l.verify(overwritten(test.model), overwritten(test.context), overwritten(test.projector))
		if (err == nil) != (test.good || test.hidden) {
			t.Errorf("%s, in a buffer that is overwritten whole: %v", test.name, err)
		}
	}
}

func TestFunctionName(t *testing.T) {
	t.Parallel()
	for declaration, want := range map[string]string{
		"void llama_free(struct llama_context * ctx)": "llama_free",
		"const char * ggml_version(void)":             "ggml_version",
		"float *mtmd_get_output_embd(mtmd_context *)": "mtmd_get_output_embd",
	} {
		if got := functionName(declaration); got != want {
			t.Errorf("the name in %q is %q", declaration, got)
		}
	}
}

func TestLayerOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]float64{
		"ffn_out-3": 0.75, "layer_inp-0": 0, "kq-2 (view)": 0.5, "inp_raw": 0, "x-9": 0, "": 0, "-": 0,
	} {
		if got := layerOf(name, 4); got != want {
			t.Errorf("%q is at %g, want %g", name, got, want)
		}
	}
}
