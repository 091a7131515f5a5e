package runtimes

import (
	"os"
	"path/filepath"
)

// hasVulkan reports whether programs can find a Vulkan loader here.
func hasVulkan(h host) bool {
	switch h.goos {
	case "linux":
		return h.linker.find("libvulkan.so.1") != ""
	case "windows":
		return existing(filepath.Join(os.Getenv("SystemRoot"), "System32", "vulkan-1.dll")) != ""
	}
	return false
}
