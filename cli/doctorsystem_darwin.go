package cli

import (
	"runtime"

	"golang.org/x/sys/unix"
)

func systemName() string {
	v, err := unix.Sysctl("kern.osproductversion")
	if err != nil {
		return "macOS"
	}
	return "macOS " + v
}

// readGraphics knows Apple's own, which every Mac with their processor has.
func readGraphics() []graphics {
	if runtime.GOARCH != "arm64" {
		return nil
	}
	name, _ := unix.Sysctl("machdep.cpu.brand_string")
	return []graphics{{vendor: "Apple", name: name}}
}
