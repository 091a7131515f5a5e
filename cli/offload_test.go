package cli

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/testdata/lavapipe"
)

// onGPU runs vlmchat where there is a software GPU. It skips the test if the
// runtime doesn't see it.
func onGPU(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	sockets, err := os.MkdirTemp("", "vlm") // their paths have to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	t.Setenv("XDG_RUNTIME_DIR", sockets)
	return runCommand(t, os.Getenv("VLMCHAT_DATA_DIR"), args...)
}

func TestDevices(t *testing.T) {
	if !lavapipe.Alone(t) {
		return
	}
	code, stdout, stderr := onGPU(t, "devices", "--json")
	var devices []native.Device
	if err := json.Unmarshal([]byte(stdout), &devices); code != exitOK || err != nil {
		t.Fatalf("%d %q %v", code, stderr, err)
	}
	type kind struct{ backend, kind string }
	var kinds []kind
	for _, d := range devices {
		kinds = append(kinds, kind{d.Backend, d.Type})
		if d.Name == "" || d.Description == "" || d.Free > d.Total {
			t.Errorf("%+v", d)
		}
	}
	if !slices.Contains(kinds, kind{"CPU", "cpu"}) || !slices.Contains(kinds, kind{"Vulkan", "gpu"}) {
		t.Errorf("the devices are %+v", devices)
	}
	code, stdout, _ = onGPU(t, "devices")
	for _, d := range devices {
		if code != exitOK || !strings.Contains(stdout, d.Name) || !strings.Contains(stdout, d.Description) {
			t.Errorf("%s is not in the table:\n%s", d.Name, stdout)
		}
	}
}

// Where nothing of the model fits the GPU, the CPU answers, and that is said.
func TestNoRoomOnTheGPU(t *testing.T) {
	if !lavapipe.Alone(t, "GGML_VK_FORCE_MAX_BUFFER_SIZE=600000") {
		return
	}
	args := []string{"--json", "--keep-alive", "0", "--temperature", "0", "--threads", "1", "-p", "Describe this image.", "../testdata/tinyvlm/samples/scene-01.png"}
	code, stdout, stderr := onGPU(t, args...)
	var got tasks.Answer
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil {
		t.Fatalf("%d %q %v", code, stderr, err)
	}
	if got.Device != "CPU" || !strings.Contains(got.Note, "no room") || !strings.Contains(got.Answer, "red digit 9") {
		t.Errorf("%+v", got)
	}
	// Who names a number wants that or nothing.
	code, _, stderr = onGPU(t, append(args, "--gpu-layers", "2")...)
	if code != exitEngine || !strings.Contains(stderr, "--gpu-layers auto") {
		t.Errorf("%d %q", code, stderr)
	}
}
