package cli

import (
	"os"
	"path/filepath"
	"strings"
)

// systemName is the distribution.
func systemName() string {
	for _, file := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
				return strings.Trim(strings.TrimSpace(name), `"'`)
			}
		}
	}
	return ""
}

func readGraphics() []graphics { return graphicsBelow("/") }

// graphicsBelow looks for GPUs on the PCI bus. Virtual machines' and servers'
// simple displays are none.
func graphicsBelow(root string) []graphics {
	var found []graphics
	vendors := map[string]string{"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
	devices, _ := filepath.Glob(filepath.Join(root, "sys/bus/pci/devices/*"))
	for _, dir := range devices {
		class, _ := os.ReadFile(filepath.Join(dir, "class"))
		vendor, _ := os.ReadFile(filepath.Join(dir, "vendor"))
		g := graphics{vendor: vendors[strings.TrimSpace(string(vendor))]}
		// Class 3 is displays: VGA, 3D and others; NVIDIA's bridges are class 6.
		if g.vendor == "" || !strings.HasPrefix(string(class), "0x03") {
			continue
		}
		address := filepath.Base(dir)
		g.integrated = g.vendor == "Intel" && strings.HasPrefix(address, "0000:00:")
		driver, _ := os.ReadFile(filepath.Join(root, "proc/driver/nvidia/gpus", address, "information"))
		for line := range strings.Lines(string(driver)) {
			if name, ok := strings.CutPrefix(line, "Model:"); ok {
				g.name = strings.TrimSpace(name)
			}
		}
		found = append(found, g)
	}
	return found
}
