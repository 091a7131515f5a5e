package native

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// variant writes the tiny model with some values of its header changed.
func variant(t *testing.T, name string, values ...hostile.Value) string {
	t.Helper()
	f := hostile.Open(tinyvlm.Model)
	for _, v := range values {
		f.Set(v)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, f.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func demanded(t *testing.T, s spec, cache string) demand {
	t.Helper()
	kind, known := llamacpp.CacheTypeNamed(cache)
	if !known {
		t.Fatalf("no KV cache type %s", cache)
	}
	d, err := demandOf(s, kind)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDemand(t *testing.T) {
	t.Parallel()
	files := options(t).Model
	s := spec{Model: files.Path, Projector: files.Projector, ContextSize: 8192} // it was trained for 2048

	// Each layer has four 128x128 and three 128x320 matrices of f16 and two norms
	// of f32, and keeps 128 numbers of a token as key and as value.
	const weights, perToken, output = 2*(4*128*128+3*128*320) + 2*4*128, 128 + 128, 2*128*768 + 4*128
	even := func(kv int64) []int64 { return append(slices.Repeat([]int64{weights + kv}, 5), output) }
	d := demanded(t, s, "f16")
	if want := even(2 * 2048 * perToken); !slices.Equal(d.layers, want) {
		t.Errorf("the layers take %d, want %d", d.layers, want)
	}
	// What llama.cpp reports for this model: 4.89 MiB on the device.
	if least := int64(489 << 20 / 100); d.buffers < least || d.buffers > 3*least {
		t.Errorf("the buffers take %d", d.buffers)
	}
	if d.projector < int64(len(tinyvlm.Projector)) {
		t.Errorf("the projector takes %d", d.projector)
	}
	if got, want := demanded(t, s, "q8_0").layers, even(2048*perToken*34/32); !slices.Equal(got, want) {
		t.Errorf("with a KV cache of q8_0 the layers take %d, want %d", got, want)
	}
	short := s
	short.ContextSize, short.Projector = 512, ""
	if got := demanded(t, short, "f16"); !slices.Equal(got.layers, even(2*512*perToken)) || got.projector != 0 || got.buffers >= d.buffers {
		t.Errorf("a short context without a projector takes %+v", got)
	}
	s.FlashAttn = "off"
	if got := demanded(t, s, "f16"); got.buffers <= d.buffers || got.projector <= d.projector {
		t.Errorf("without flash attention it takes %+v, with it %+v", got, d)
	}
}

func TestDemandOfOtherModels(t *testing.T) {
	t.Parallel()
	whole := demanded(t, spec{Model: variant(t, "model.gguf"), ContextSize: 1024}, "f16")

	uneven := variant(t, "uneven.gguf", hostile.Numbers("llama.attention.head_count_kv", 4, 2, 1, 4, 4))
	d := demanded(t, spec{Model: uneven, ContextSize: 1024}, "f16")
	const head = 2 * 1024 * (32 + 32)
	for i, fewer := range []int64{0, 2, 3, 0, 0, 0} {
		if d.layers[i] != whole.layers[i]-fewer*head {
			t.Errorf("layer %d with %d heads fewer takes %d, with all %d", i, fewer, d.layers[i], whole.layers[i])
		}
	}

	// A model in two files, each with all of the tensors.
	first := variant(t, "model-00001-of-00002.gguf", hostile.Number("split.count", 2))
	if err := os.WriteFile(strings.Replace(first, "00001", "00002", 1), tinyvlm.Model, 0o600); err != nil {
		t.Fatal(err)
	}
	d = demanded(t, spec{Model: first, ContextSize: 1024}, "f16")
	if got, want := d.layers[0]-whole.layers[0], whole.layers[0]-1024*4*2*64; got != want {
		t.Errorf("the second file's part of a layer takes %d, want %d", got, want)
	}
}

// What is kept of a token is another thing in layers with a window, in those with a state, and
// in those that have none of their own.
func TestLayerCaches(t *testing.T) {
	t.Parallel()
	cached := func(size int, values ...hostile.Value) (all []int64) {
		n, err := needsOf(spec{Model: variant(t, "model.gguf", values...), Parallel: 1}, llamacpp.CacheTypes[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, layer := range n.cached {
			all = append(all, layer.bytes(size))
		}
		return all
	}
	const perToken = 2 * (128 + 128)
	whole := int64(8192 * perToken)
	architecture := hostile.String("general.architecture", "cohere2")
	for name, c := range map[string]struct {
		values []hostile.Value
		want   []int64
	}{
		"all alike": {nil, []int64{whole, whole, whole, whole, whole, 0}},
		"windows": {
			[]hostile.Value{hostile.Number("llama.attention.sliding_window", 16), hostile.Numbers("llama.attention.sliding_window_pattern", 1, 0, 1, 1, 0), hostile.Number("llama.attention.key_length_swa", 16)},
			[]int64{whole * 3 / 4, whole, whole * 3 / 4, whole * 3 / 4, whole, 0},
		},
		"recurrent layers": {
			[]hostile.Value{hostile.Numbers("llama.attention.head_count_kv", 0, 4, 0, 4, 4), hostile.Number("llama.shortconv.l_cache", 3)},
			[]int64{4 * 2 * 128 * (1 + spareSequences), whole, 4 * 2 * 128 * (1 + spareSequences), whole, whole, 0},
		},
		"layers that read what others keep":               {[]hostile.Value{hostile.Number("llama.attention.shared_kv_layers", 2)}, []int64{whole, whole, whole, 0, 0, 0}},
		"layers for guesses":                              {[]hostile.Value{hostile.Number("llama.nextn_predict_layers", 1)}, []int64{whole, whole, whole, whole, 0, 0}},
		"another architecture, of which nothing is known": {[]hostile.Value{architecture}, []int64{0, 0, 0, 0, 0, 0}},
	} {
		if got := cached(8192, c.values...); !slices.Equal(got, c.want) {
			t.Errorf("%s: the layers keep %d, want %d", name, got, c.want)
		}
	}
	if got := cached(1000); got[0] != 1024*perToken {
		t.Errorf("for 1000 tokens a layer keeps %d", got[0])
	}
}

// A cache whose blocks a head's numbers don't fill ends some builds' process.
func TestCacheThatDoesNotFit(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.KVType = "q8_0"
	mustAsk(t, open(t, o), greedy, engine.Text(engine.User, "Who are you?"))

	o.Model.Path, o.Model.Projector = variant(t, "narrow.gguf", hostile.Number("llama.attention.head_count", 8),
		hostile.Number("llama.attention.head_count_kv", 8), hostile.Number("llama.rope.dimension_count", 16)), ""
	_, err := ask(t.Context(), open(t, o), greedy, engine.Text(engine.User, "Who are you?"))
	if engine.KindOf(err) != engine.ModelInvalid || !strings.Contains(err.Error(), "q8_0") || !strings.Contains(err.Error(), "16") {
		t.Errorf("the error is %v", err)
	}
	o.KVType = "f16"
	mustAsk(t, open(t, o), greedy, engine.Text(engine.User, "Who are you?"))
}
