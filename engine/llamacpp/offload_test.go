package llamacpp

import (
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/testdata/lavapipe"
)

// placed is what an answer was computed with, and how.
type placed struct {
	log    []string // of buffers, by llama.cpp's own report
	tokens []Token
	logits [][]float32 // from which each token was taken
}

// TestOffload places the model and the projector on a software GPU and on the
// CPU, and compares.
func TestOffload(t *testing.T) {
	t.Parallel()
	if !lavapipe.Alone(t) {
		return
	}
	r, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	var log []string
	lib, err := Load(Paths{GGMLBase: r.GGMLBase, GGML: r.GGML, Llama: r.Llama, MTMD: r.MTMD, Backends: r.BackendDir},
		func(_ Level, line string) { log = append(log, line) })
	if err != nil {
		t.Fatal(err)
	}
	devices := lib.Devices()
	i := slices.IndexFunc(devices, func(d Device) bool { return d.Backend == "Vulkan" })
	if i < 0 {
		t.Skipf("the runtime %s has no Vulkan backend: it finds %v", r.Dir, devices)
	}
	gpu := devices[i]
	if free, total := lib.Memory(gpu); free == 0 || free > total {
		t.Errorf("of %d bytes %d are free", total, free)
	}
	if !lib.CanAllocate(gpu, 1<<20, 1<<20) || lib.CanAllocate(gpu, 1<<20, 1<<50) {
		t.Error("a megabyte can't be allocated, or a petabyte can")
	}

	compute := func(layers int, projector bool) placed {
		t.Helper()
		log = nil
		var o ModelOptions
		if layers > 0 {
			o = ModelOptions{Devices: []Device{gpu}, Layers: layers, Split: SplitLayer}
		}
		rig := rig{lib: lib}
		if rig.model, err = lib.LoadModel(tinyvlm+"tiny-vlm.gguf", o, func(float32) bool { return true }); err != nil {
			t.Fatal(err)
		}
		defer rig.model.Close()
		// Flash attention crashes some versions of this driver.
		if rig.context, err = rig.model.NewContext(ContextOptions{Size: 256, Threads: 1, Flash: FlashOff}); err != nil {
			t.Fatal(err)
		}
		defer rig.context.Close()
		p := ProjectorOptions{Threads: 1, Marker: "<PICTURE>", Layers: 4, Flash: FlashOff}
		if projector {
			p.Device = &gpu
		}
		if rig.projector, err = rig.model.LoadProjector(tinyvlm+"tiny-vlm-mmproj.gguf", p); err != nil {
			t.Fatal(err)
		}
		defer rig.projector.Close()
		report := slices.DeleteFunc(log, func(l string) bool {
			return !strings.Contains(l, "buffer size") && !strings.Contains(l, "CLIP using")
		})
		tokens, logits := rig.steps(t, r.Llama)
		t.Logf("%d layers, projector %v:\n%s", layers, projector, strings.Join(report, "\n"))
		return placed{report, tokens, logits}
	}

	cpu := compute(0, false)
	cpu.holds(t, "not all of it is on the CPU", `CPU\S* model buffer size`, `CPU KV buffer size`, `CLIP using CPU`)
	if slices.ContainsFunc(cpu.log, func(l string) bool { return strings.Contains(l, gpu.Name) }) {
		t.Errorf("the CPU's model has something on the GPU: %q", cpu.log)
	}
	all := compute(6, true)
	all.holds(t, "not all of it is on the GPU", gpu.Name+` model buffer size`, gpu.Name+` KV buffer size`, gpu.Name+` compute buffer size`, `CLIP using `+gpu.Name)
	if slices.ContainsFunc(all.log, func(l string) bool { return strings.Contains(l, "CPU KV buffer") }) {
		t.Errorf("the GPU's model has keys and values on the CPU: %q", all.log)
	}
	part := compute(3, false)
	part.holds(t, "it is not half and half", gpu.Name+` model buffer size`, gpu.Name+` KV buffer size`, `CPU KV buffer size`, `CLIP using CPU`)

	all.like(t, cpu, "all on the GPU")
	part.like(t, cpu, "half on the GPU")
}

// holds checks that llama.cpp reports each of these.
func (p placed) holds(t *testing.T, otherwise string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !slices.ContainsFunc(p.log, regexp.MustCompile(pattern).MatchString) {
			t.Errorf("%s: no %q in %q", otherwise, pattern, p.log)
		}
	}
}

// like checks that the answer is another's up to a near tie: where they part,
// the other's two candidates are about as likely.
func (p placed) like(t *testing.T, other placed, name string) {
	t.Helper()
	worst := 0.0
	for i := range min(len(p.tokens), len(other.tokens)) {
		for j, v := range other.logits[i] {
			worst = max(worst, math.Abs(float64(v-p.logits[i][j])))
		}
		if a, b := p.tokens[i], other.tokens[i]; a != b {
			if gap := other.logits[i][b] - other.logits[i][a]; gap > 0.1 {
				t.Errorf("%s: token %d is %d where the CPU has %d, by %g", name, i, a, b, gap)
			}
			break
		}
	}
	t.Logf("%s: %d tokens, logits differ by at most %g", name, len(p.tokens), worst)
	if worst > 0.1 {
		t.Errorf("%s: a logit differs from the CPU's by %g", name, worst)
	}
}

// steps describes a picture, and keeps the logits of every step.
func (r *rig) steps(t *testing.T, llama string) (tokens []Token, logits [][]float32) {
	t.Helper()
	handle, err := openLibrary(llama)
	if err != nil {
		t.Fatal(err)
	}
	address, ok := findSymbol(handle, "llama_get_logits_ith")
	if !ok {
		t.Fatal("libllama has no llama_get_logits_ith")
	}
	chunks, err := r.projector.Tokenize(prompt, r.model.AddsBOS(), []Bitmap{bitmap(t, "scene-01.png")})
	if err != nil {
		t.Fatal(err)
	}
	defer chunks.Close()
	pos := 0
	for i, c := range chunks.All {
		if c.Tokens != nil {
			err = r.context.DecodeTokens(0, c.Tokens, pos, i == len(chunks.All)-1)
		} else {
			var embeddings []float32
			if embeddings, err = r.projector.Encode(c, func(float64) bool { return true }); err == nil {
				err = r.context.DecodeTile(0, c.Tile, embeddings, pos, 0, c.Count)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		pos += c.Positions
	}
	sampler := r.sampler(t, engine.Sampling{})
	for len(tokens) < 40 {
		token, err := sampler.Sample(r.context, -1)
		if err != nil {
			t.Fatal(err)
		}
		all := unsafe.Slice((*float32)(pointer(proc(address).call(r.context.ptr, cInt(-1)))), r.model.VocabSize())
		tokens, logits = append(tokens, token), append(logits, slices.Clone(all))
		if r.model.IsEnd(token) {
			break
		}
		if err := r.context.DecodeTokens(0, []Token{token}, pos, true); err != nil {
			t.Fatal(err)
		}
		pos++
	}
	return tokens, logits
}
