package native

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

func number(n int) *int { return &n }

var (
	cuda0   = llamacpp.Device{Name: "CUDA0", Description: "A card", Backend: "CUDA", Type: llamacpp.GPU}
	cuda1   = llamacpp.Device{Name: "CUDA1", Description: "Another", Backend: "CUDA", Type: llamacpp.GPU}
	vulkan0 = llamacpp.Device{Name: "Vulkan0", Description: "A card", Backend: "Vulkan", Type: llamacpp.GPU}
	onboard = llamacpp.Device{Name: "Vulkan1", Description: "On board", Backend: "Vulkan", Type: llamacpp.IntegratedGPU}
	blas    = llamacpp.Device{Name: "BLAS", Backend: "BLAS", Type: llamacpp.Accelerator}
	cpu     = llamacpp.Device{Name: "CPU", Backend: "CPU", Type: llamacpp.CPU}
	rpc0    = llamacpp.Device{Name: "RPC0", Backend: "RPC", Type: llamacpp.GPU}
)

func TestChosenDevices(t *testing.T) {
	t.Parallel()
	all := []llamacpp.Device{cuda0, cuda1, vulkan0, onboard, blas, rpc0, cpu}
	for _, c := range []struct {
		offload Offload
		there   []llamacpp.Device
		want    string // names, or what is wrong
	}{
		{Offload{}, all, "RPC0, CUDA0, CUDA1"},
		{Offload{}, []llamacpp.Device{onboard, blas, cpu}, "Vulkan1"},
		{Offload{}, []llamacpp.Device{blas, cpu}, ""},
		{Offload{Layers: number(0)}, all, ""},
		{Offload{Devices: []string{NoDevice}}, all, ""},
		{Offload{Devices: []string{"cpu"}}, all, ""},
		{Offload{Devices: []string{"vulkan0", "CUDA1", "BLAS"}}, all, "Vulkan0, CUDA1"},
		{Offload{Devices: []string{"CUDA2"}}, all, `no device "CUDA2": there are CUDA0, CUDA1,`},
		{Offload{SplitMode: "none", MainGPU: 2}, all, "CUDA1"},
		{Offload{SplitMode: "none", MainGPU: 3}, all, "--main-gpu 3"},
		{Offload{SplitMode: "none", MainGPU: 3}, []llamacpp.Device{cpu}, ""},
		{Offload{TensorSplit: []float32{1, 2, 3}}, all, "RPC0, CUDA0, CUDA1"},
		{Offload{TensorSplit: []float32{1, 2}}, all, "2 shares for 3 devices"},
	} {
		got, err := c.offload.devices(c.there)
		text := deviceNames(got)
		if err != nil {
			text = err.Error()
			if engine.KindOf(err) != engine.NoDevice {
				t.Errorf("%+v: the error is %v", c.offload, err)
			}
		}
		if text != c.want && (err == nil || !strings.Contains(text, c.want)) {
			t.Errorf("%+v of %s: %s, want %s", c.offload, deviceNames(c.there), text, c.want)
		}
	}
}

// Step by step less is on the device: the projector first, then half of the
// layers, then nothing.
func TestSmallerPlans(t *testing.T) {
	t.Parallel()
	steps := func(p plan, failed ...part) []string {
		var all []string
		for _, at := range failed {
			next, ok := p.smaller(at)
			if !ok {
				return append(all, "no more")
			}
			p = next
			all = append(all, fmt.Sprintf("%d on %d, projector %v", p.layers, len(p.devices), p.projector != nil))
		}
		return all
	}
	all := plan{devices: []llamacpp.Device{cuda0}, layers: 6, projector: &cuda0}
	fixed := all
	fixed.fixed = true
	for _, c := range []struct{ got, want []string }{
		{steps(all, projectorPart, projectorPart), []string{"6 on 1, projector false", "no more"}},
		{
			steps(all, modelPart, contextPart, contextPart, contextPart),
			[]string{"3 on 1, projector false", "1 on 1, projector false", "0 on 0, projector false", "no more"},
		},
		{steps(fixed, projectorPart, modelPart), []string{"6 on 1, projector false", "no more"}},
		{steps(fixed, contextPart), []string{"no more"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("the steps are %q, want %q", c.got, c.want)
		}
	}
}

// What did not get its place is told, and what was not asked for isn't missed.
func TestPlanIsTold(t *testing.T) {
	t.Parallel()
	gpus := []llamacpp.Device{cuda0, cuda1}
	sees := spec{Projector: "mmproj.gguf"}
	kept, asked := sees, sees
	kept.Offload.ProjectorOnCPU = true
	asked.Offload.Layers = number(3)
	for _, c := range []struct {
		plan         plan
		spec         spec
		wanted       []llamacpp.Device
		device, note string
	}{
		{plan{}, sees, nil, "CPU", ""},
		{plan{fixed: true}, asked, nil, "CPU", "There is no GPU"},
		{plan{}, sees, gpus, "CPU", "no room on CUDA0, CUDA1 for any"},
		{
			plan{devices: gpus, layers: AllLayers, projector: &cuda0}, sees, gpus,
			"CUDA0 (A card) + CUDA1 (Another), 6/6 layers, projector on GPU", "",
		},
		{plan{devices: gpus[:1], layers: 6}, sees, gpus[:1], "CUDA0 (A card), 6/6 layers, projector on CPU", "for the projector"},
		{plan{devices: gpus[:1], layers: 6}, kept, gpus[:1], "CUDA0 (A card), 6/6 layers, projector on CPU", ""},
		{plan{devices: gpus[:1], layers: 4}, kept, gpus[:1], "CUDA0 (A card), 4/6 layers, projector on CPU", "4 of 6 layers"},
		{plan{devices: gpus[:1], layers: 3, fixed: true, projector: &cuda0}, asked, gpus[:1], "CUDA0 (A card), 3/6 layers, projector on GPU", ""},
		{plan{devices: []llamacpp.Device{rpc0}, layers: 6}, sees, []llamacpp.Device{rpc0}, "RPC0 (), 6/6 layers, projector on CPU", ""},
		{plan{devices: gpus[:1], layers: 6}, spec{}, gpus[:1], "CUDA0 (A card), 6/6 layers", ""},
	} {
		if got := c.plan.describe(6, c.spec.Projector != ""); got != c.device {
			t.Errorf("it computes on %q, want %q", got, c.device)
		}
		if got := c.plan.note(c.spec, c.wanted, 6); !strings.Contains(got, c.note) || (got == "") != (c.note == "") {
			t.Errorf("%s: the note is %q, want %q", c.device, got, c.note)
		}
	}
}

// The words of several backends and builds, and those of other failures.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]bool{
		"error loading model: unable to allocate Vulkan0 buffer":                            true,
		"failed to initialize the context: failed to allocate compute pp buffers":           true,
		"ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory":      true,
		"Requested buffer size exceeds device buffer size limit: ErrorOutOfDeviceMemory":    true,
		"error loading model: missing tensor 'token_embd.weight'":                           false,
		"tensor 'blk.0.attn_k.weight' data is not within the file bounds, model is corrupt": false,
		"": false,
	} {
		if got := outOfMemory(reason); got != want {
			t.Errorf("%q: %v", reason, got)
		}
	}
}

// A worker that ended with something on a GPU is told with what to try; the last
// plan counts.
func TestEndWithSomethingOnTheGPU(t *testing.T) {
	t.Parallel()
	c := &connection{logFile: filepath.Join(t.TempDir(), "log")}
	write := func(text string) {
		if err := os.WriteFile(c.logFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(fatalMark + "an assertion\n")
	if hint := c.offloadHint(); hint != "" {
		t.Errorf("the CPU's worker has the hint %q", hint)
	}
	write(offloadMark + "6 layers on CUDA0\n" + offloadMark + "3 layers on CUDA0\n" + fatalMark + "an assertion\n")
	if hint := c.offloadHint(); !strings.Contains(hint, "3 layers on CUDA0") || !strings.Contains(hint, "--gpu-layers") {
		t.Errorf("the hint is %q", hint)
	}
}
