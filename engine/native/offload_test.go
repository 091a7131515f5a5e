package native

import (
	"errors"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/lavapipe"
)

// These tests put the demo model on a software GPU. What it computes there,
// package llamacpp's tests compare with the CPU.

// onGPU are options for that device, on whose driver flash attention is not
// sound.
func onGPU(t *testing.T) Options {
	t.Helper()
	o := options(t)
	o.FlashAttn = "off"
	o.ContextSize -= 800 // for small buffers
	return o
}

// mustCompute asks for an answer and checks where it was computed.
func mustCompute(t *testing.T, o Options, device, note string) {
	t.Helper()
	e := open(t, o)
	info, err := e.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(info.Device, device) || note == "" && info.Note != "" || !strings.Contains(info.Note, note) {
		t.Errorf("it computes on %q and notes %q; want %q and %q", info.Device, info.Note, device, note)
	}
	a := mustAsk(t, e, greedy, engine.Ask("Describe this image.", sample(t, "scene-01.png")))
	if !strings.HasPrefix(a.text, "The image shows") {
		t.Errorf("the answer is %q", a.text)
	}
}

func TestOffloadEverything(t *testing.T) {
	t.Parallel()
	if !lavapipe.Alone(t) {
		return
	}
	o := onGPU(t)
	mustCompute(t, o, "6/6 layers, projector on GPU", "")
	o = onGPU(t)
	o.Offload.ProjectorOnCPU = true
	mustCompute(t, o, "6/6 layers, projector on CPU", "")
	o = onGPU(t)
	layers := 2
	o.Offload.Layers = &layers
	mustCompute(t, o, "2/6 layers", "")
	o = onGPU(t)
	o.Offload.Devices = []string{NoDevice}
	mustCompute(t, o, "CPU", "")

	devices, err := Devices(t.Context(), o.Runtime)
	if err != nil {
		t.Fatal(err)
	}
	if len(devices) < 2 || devices[0].Type != "gpu" || devices[0].Backend != "Vulkan" || devices[0].Total == 0 {
		t.Errorf("the devices are %+v", devices)
	}
}

// A device that has no buffer for the projector keeps the layers.
func TestOffloadWithoutTheProjector(t *testing.T) {
	t.Parallel()
	if lavapipe.Alone(t, "GGML_VK_FORCE_MAX_BUFFER_SIZE=3000000") {
		mustCompute(t, onGPU(t), "6/6 layers, projector on CPU", "no room for the projector")
	}
}

// One that has none for the layers either leaves them to the CPU, unless their
// number was given.
func TestOffloadNothing(t *testing.T) {
	t.Parallel()
	if !lavapipe.Alone(t, "GGML_VK_FORCE_MAX_BUFFER_SIZE=500000") {
		return
	}
	mustCompute(t, onGPU(t), "CPU", "no room for any of the model's layers")

	o := onGPU(t)
	all := AllLayers
	o.Offload.Layers = &all
	_, err := open(t, o).Info(t.Context())
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.OutOfMemory || !strings.Contains(e.Hint, "--gpu-layers auto") {
		t.Errorf("the error is %+v", err)
	}
}

// A device that isn't there is named, with those that are.
func TestOffloadToNoSuchDevice(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Offload.Devices = []string{"CUDA7"}
	_, err := open(t, o).Info(t.Context())
	if engine.KindOf(err) != engine.NoDevice || !strings.Contains(err.Error(), "CUDA7") || !strings.Contains(err.Error(), "CPU") {
		t.Errorf("the error is %v", err)
	}
}
