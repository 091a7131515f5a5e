package llamacpp

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/runtimes"
)

// Windows does not say which DLL it is that a library lacks.
func TestMissingDLL(t *testing.T) {
	t.Parallel()
	r, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(r.GGMLBase)
	if err != nil {
		t.Fatal(err)
	}
	for replaced, missing := range map[string]string{"KERNEL32.dll": "KERNEL39.dll", "VCRUNTIME140.dll": "VCRUNTIME149.dll"} {
		path := filepath.Join(t.TempDir(), "ggml-base.dll")
		if err := os.WriteFile(path, bytes.ReplaceAll(whole, []byte(replaced), []byte(missing)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := openLibrary(path)
		if err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
		if err != nil && strings.Contains(err.Error(), "Visual C++") != (missing == "VCRUNTIME149.dll") {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}
