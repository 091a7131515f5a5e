package native

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/lavapipe"
)

// gpuOptions are options for a worker whose answers can be the software GPU's. It
// skips the test if the runtime can't use it.
func gpuOptions(t *testing.T) Options {
	t.Helper()
	o := options(t)
	devices, err := Devices(t.Context(), o.Runtime)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(devices, func(d Device) bool { return d.Backend == "Vulkan" }) {
		t.Skipf("the runtime %s has no Vulkan backend: it finds %v", o.Runtime.Dir, devices)
	}
	o.FlashAttn = "off" // some versions of the driver crash in it
	return o
}

// placements loads the model by several settings and compares what is told.
func placements(t *testing.T, cases []placement) {
	t.Helper()
	for _, c := range cases {
		o := gpuOptions(t)
		o.Offload = c.offload
		if c.context > 0 {
			o.ContextSize = c.context
		}
		info, err := open(t, o).Info(t.Context())
		if err != nil {
			t.Fatalf("%+v: %v", c.offload, err)
		}
		if !strings.HasPrefix(info.Device, c.device) || !strings.HasSuffix(info.Device, c.parts) {
			t.Errorf("%+v: it computes on %q, want %q … %q", c.offload, info.Device, c.device, c.parts)
		}
		if !strings.Contains(info.Note, c.note) || (info.Note == "") != (c.note == "") {
			t.Errorf("%+v: the note is %q, want %q", c.offload, info.Note, c.note)
		}
	}
}

type placement struct {
	offload             Offload
	context             int
	device, parts, note string
}

func TestPlacedOnTheGPU(t *testing.T) {
	t.Parallel()
	if !lavapipe.Alone(t) {
		return
	}
	placements(t, []placement{
		{Offload{}, 0, "Vulkan0 (llvmpipe", "), 6/6 layers, projector on GPU", ""},
		{Offload{Layers: number(AllLayers)}, 0, "Vulkan0 (llvmpipe", "), 6/6 layers, projector on GPU", ""},
		{Offload{Layers: number(2), ProjectorOnCPU: true}, 0, "Vulkan0 (llvmpipe", "), 2/6 layers, projector on CPU", ""},
		{Offload{Devices: []string{"Vulkan0"}, SplitMode: "none"}, 0, "Vulkan0 (llvmpipe", "), 6/6 layers, projector on GPU", ""},
		{Offload{Layers: number(0)}, 0, "CPU", "CPU", ""},
		{Offload{Devices: []string{NoDevice}}, 0, "CPU", "CPU", ""},
	})
	// And it answers.
	o := gpuOptions(t)
	o.Offload.Layers, o.Offload.ProjectorOnCPU = number(1), true
	e, alone := open(t, o), open(t, options(t))
	alone.spec.Offload.Devices = []string{NoDevice}
	question := engine.Text(engine.User, "Who are you?")
	got, want := mustAsk(t, e, greedy, question), mustAsk(t, alone, greedy, question)
	if got.text != want.text {
		t.Errorf("with a layer on the GPU the answer is %q, without %q", got.text, want.text)
	}
}

// With buffers of at most four megabytes, a KV cache of five doesn't fit, nor
// does what the projector may need.
func TestStepsDown(t *testing.T) {
	t.Parallel()
	if !lavapipe.Alone(t, "GGML_VK_FORCE_MAX_BUFFER_SIZE=4000000") {
		return
	}
	placements(t, []placement{
		{Offload{}, 256, "Vulkan0 (llvmpipe", "), 6/6 layers, projector on CPU", "for the projector beside the model"},
		{Offload{}, 2048, "Vulkan0 (llvmpipe", "), 3/6 layers, projector on CPU", "3 of 6 layers"},
		{Offload{Layers: number(3)}, 2048, "Vulkan0 (llvmpipe", "), 3/6 layers, projector on CPU", "for the projector beside the model"},
		{Offload{ProjectorOnCPU: true}, 256, "Vulkan0 (llvmpipe", "), 6/6 layers, projector on CPU", ""},
	})
	o := gpuOptions(t)
	o.ContextSize, o.Offload.Layers = 2048, number(6)
	_, err := open(t, o).Info(t.Context())
	var refused *engine.Error
	if !errors.As(err, &refused) || refused.Kind != engine.OutOfMemory || !strings.Contains(refused.Hint, "--gpu-layers") {
		t.Errorf("the error is %+v", err)
	}
}
