//go:build !windows

package native

import (
	"errors"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/lavapipe"
)

// An encoder is placed as a chat model is, and computes the same there, pictures and texts in
// turns.
func TestEncoderOnTheGPU(t *testing.T) {
	t.Parallel()
	if !lavapipe.Alone(t) {
		return
	}
	var want [][]float32
	for _, c := range []placement{
		{offload: Offload{Devices: []string{NoDevice}}, device: "CPU"},
		{offload: Offload{Layers: number(0)}, device: "CPU"},
		{device: "Vulkan0"},
		{offload: Offload{Devices: []string{"Vulkan0"}}, device: "Vulkan0"},
	} {
		d, s := placedEncoder(t, c.offload)
		if s.Device != c.device || s.Note != "" {
			t.Errorf("%+v: it computes on %q, want %q, with the note %q", c.offload, s.Device, c.device, s.Note)
		}
		pictures, texts := inputs(t)
		var got [][]float32
		for _, n := range []int{1, 3, 2} {
			of, err := d.EncodeTexts(t.Context(), texts[:4*n])
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, of...)
			if of, err = d.EncodePictures(t.Context(), pictures[:n]); err != nil {
				t.Fatal(err)
			}
			got = append(got, of...)
		}
		if want == nil {
			want = got
		}
		if worst := apart(t, got, want); worst > 1e-6 {
			t.Errorf("%+v: a cosine with the CPU's is 1-%g", c.offload, worst)
		}
	}
}

// With buffers too small for its largest tensor, the GPU can't have an encoder.
func TestEncoderStepsDown(t *testing.T) {
	t.Parallel()
	if !lavapipe.Alone(t, "GGML_VK_FORCE_MAX_BUFFER_SIZE=100000") {
		return
	}
	d, s := placedEncoder(t, Offload{})
	if s.Device != "CPU" || !strings.Contains(s.Note, "no room on Vulkan0") {
		t.Errorf("it computes on %q, and the note is %q", s.Device, s.Note)
	}
	if _, err := d.EncodeTexts(t.Context(), []string{"a star"}); err != nil {
		t.Error(err)
	}
	folder, o := encoderOptions(t)
	o.Runtime, o.Offload.Devices = gpuOptions(t).Runtime, []string{"Vulkan0"}
	_, err := openEncoder(t, folder, o).Space(t.Context())
	var refused *engine.Error
	if !errors.As(err, &refused) || refused.Kind != engine.OutOfMemory || !strings.Contains(refused.Hint, "--device none") {
		t.Errorf("the error is %+v", err)
	}
}

// placedEncoder opens an encoder of its own, with GPUs in sight.
func placedEncoder(t *testing.T, o Offload) (*DualEncoder, engine.Space) {
	t.Helper()
	folder, all := encoderOptions(t)
	all.Runtime, all.Offload = gpuOptions(t).Runtime, o
	d := openEncoder(t, folder, all)
	s, err := d.Space(t.Context())
	if err != nil {
		t.Fatalf("%+v: %v", o, err)
	}
	return d, s
}
