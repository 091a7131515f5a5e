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

func TestVerify(t *testing.T) {
	t.Parallel()
	l, err := chooseLayout("0.6.0")
	if err != nil {
		t.Fatal(err)
	}
	c := func(shift int) []expectation {
		return []expectation{
			{0, 4, 512}, {4, 4, 2048}, {8, 4, 512}, {12, 4, 1}, {64, 4, uint64(math.Float32bits(-1))},
			{104, 4, 1}, {108, 4, 1}, {137 + shift, 1, 1}, {138 + shift, 1, 1},
		}
	}
	model := defaults(80)
	context := defaults(168, c(0)...)
	projector := defaults(96, expectation{0, 1, 1}, expectation{16, 1, 1}, expectation{20, 4, 4}, expectation{44, 1, 1})
	if err := l.verify(model, context, projector); err != nil {
		t.Errorf("the layout's own defaults are refused: %v", err)
	}
	for name, bad := range map[string]func() error{
		"a longer model struct":      func() error { return l.verify(defaults(88), context, projector) },
		"a shorter context struct":   func() error { return l.verify(model, defaults(160, c(0)...), projector) },
		"a field that moved":         func() error { return l.verify(model, defaults(168, c(-8)...), projector) },
		"a projector of another use": func() error { return l.verify(model, context, defaults(96)) },
	} {
		if err := bad(); err == nil {
			t.Errorf("%s was accepted", name)
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
