// Package lavapipe lets tests compute on Mesa's software Vulkan device, which
// stands in for a GPU: what is placed on it is not the CPU backend's, and its
// memory can be made small.
package lavapipe

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// child is set in the environment of a test that runs on the device.
const child = "VLMCHAT_TEST_LAVAPIPE"

// Environ returns the variables with which llama.cpp's Vulkan backend finds the
// device and nothing else. It skips the test where the driver is not installed.
func Environ(t *testing.T) []string {
	t.Helper()
	for _, dir := range []string{"/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"} {
		drivers, _ := filepath.Glob(filepath.Join(dir, "lvp_icd*.json")) // the pattern is good
		if len(drivers) > 0 {
			return []string{
				"VK_ICD_FILENAMES=" + drivers[0],
				"GGML_VK_VISIBLE_DEVICES=0", // or software devices are left out
				"LP_NUM_THREADS=1",
				"LP_NATIVE_VECTOR_WIDTH=256", // with 128 bits it computes other numbers
				"GGML_VK_DISABLE_F16=1",      // which is emulated, and takes long to compile
			}
		}
	}
	t.Skip("there is no software Vulkan driver here: 'make lavapipe' installs Mesa's where it can")
	return nil
}

// Alone reports whether the test runs in a process that sees the device. If not,
// it runs the test in one, with more variables, and passes on how it went.
func Alone(t *testing.T, more ...string) bool {
	t.Helper()
	if os.Getenv(child) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(append(append(os.Environ(), child+"=1"), Environ(t)...), more...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("on the software GPU: %v\n%s", err, out)
	} else {
		t.Logf("on the software GPU:\n%s", out)
	}
	return false
}
