package cli

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine/native"
)

func TestJudgeDevices(t *testing.T) {
	t.Parallel()
	cpu := native.Device{Name: "CPU", Type: "cpu", Backend: "CPU"}
	vulkan := native.Device{Name: "Vulkan0", Type: "gpu", Backend: "Vulkan", Description: "Some GPU", Free: 1e9, Total: 2e9}
	intel := graphics{vendor: "Intel", integrated: true}
	for name, c := range map[string]struct {
		devices  []native.Device
		backends []string
		there    []graphics
		want     checkStatus
		said     string // in the message, the hint or a detail
	}{
		"no GPU":              {[]native.Device{cpu}, []string{"cpu", "vulkan"}, nil, statusOK, "CPU"},
		"used":                {[]native.Device{vulkan, cpu}, []string{"cpu", "vulkan"}, []graphics{{vendor: "AMD"}}, statusOK, "Vulkan0: gpu, Some GPU through Vulkan, 1.0 GB of 2.0 GB free"},
		"no backend for it":   {[]native.Device{cpu}, []string{"cpu", "blas", "rpc"}, []graphics{{vendor: "AMD", name: "Radeon"}}, statusWarning, "AMD Radeon is idle: the runtime has no backend but the CPU's"},
		"no driver":           {[]native.Device{cpu}, []string{"cpu", "vulkan"}, []graphics{{vendor: "NVIDIA"}}, statusWarning, "libvulkan1"},
		"no CUDA":             {[]native.Device{cpu}, []string{"cpu", "cuda"}, []graphics{{vendor: "NVIDIA"}}, statusWarning, "the runtime has cuda, which finds no device"},
		"integrated":          {[]native.Device{cpu}, []string{"cpu"}, []graphics{intel}, statusOK, "not used: Intel GPU"},
		"integrated and not":  {[]native.Device{cpu}, []string{"cpu"}, []graphics{intel, {vendor: "NVIDIA"}}, statusWarning, "NVIDIA GPU is idle"},
		"none at all":         {nil, nil, nil, statusWarning, "runtime install --force"},
		"Apple without Metal": {[]native.Device{cpu}, []string{"cpu"}, []graphics{{vendor: "Apple", name: "Apple M4"}}, statusWarning, "llama.cpp with Metal"},
	} {
		got := judgeDevices(c.devices, c.backends, c.there)
		if text := strings.Join(append(got.Details, got.Message, got.Hint), "\n"); got.Status != c.want || !strings.Contains(text, c.said) {
			t.Errorf("%s: %+v", name, got)
		}
		if (got.Hint == "") != (got.Status == statusOK) {
			t.Errorf("%s: the hint is %q", name, got.Hint)
		}
	}
}
