package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/lavapipe"
	"github.com/vlmchat/vlmchat/ui/ptytest"
)

// Where a GPU has no room for an encoder, the CPU takes over, and each command that has one
// says so: into a log what takes long, the others to who looks on.
func TestEncoderNoRoomOnTheGPU(t *testing.T) {
	if !lavapipe.Alone(t, "GGML_VK_FORCE_MAX_BUFFER_SIZE=100000") {
		return
	}
	const note = "There is no room on Vulkan0 for the encoder"
	const picture = "../testdata/tinyvlm/samples/scene-01.png"
	place := filepath.Join(t.TempDir(), "place")
	for _, c := range []struct {
		args []string
		told bool
	}{
		{[]string{"index", picture, "--index", place}, true},
		{[]string{"index", picture, "--index", place, "--quiet"}, false},
		{[]string{"index", picture, "--index", place, "--device", "none"}, false},
		{[]string{"search", "circle", "--index", place}, false},
	} {
		code, _, stderr := onGPU(t, c.args...)
		if code != exitOK || strings.Contains(stderr, note) != c.told {
			t.Errorf("%q ends with %d: %s", c.args, code, stderr)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"search", "circle", "--index", place, "--no-pictures"},
		{"index", "stats", "--index", place},
		{"classify", picture, "-l", "heart,star"},
	} {
		cmd := exec.Command(self, args...)
		cmd.Args[0] = "vlmchat"
		cmd.Env = append(os.Environ(), "VLMCHAT_CONFIG="+t.TempDir()+"/none")
		shown := ptytest.Start(t, cmd, 120, 40)
		shown.WaitFor(note, patience)
		if code := shown.Wait(patience); code != exitOK {
			t.Errorf("%q ends with %d", args, code)
		}
	}
}
