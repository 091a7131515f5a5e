package cli

import (
	"bufio"
	"os"
	"path"
	"path/filepath"
	"strconv"
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

func readMemory() memoryFacts { return memoryBelow("/") }

// memoryBelow reads the memory from the kernel's files below a root.
func memoryBelow(root string) memoryFacts {
	info := numbersIn(filepath.Join(root, "proc/meminfo"))
	m := memoryFacts{total: info["MemTotal:"] << 10, available: info["MemAvailable:"] << 10}
	limit, left := controlGroup(root)
	if limit > 0 && limit < m.total {
		m.limit, m.available = limit, min(m.available, left)
	}
	return m
}

// numbersIn reads lines of a name and a number.
func numbersIn(file string) map[string]uint64 {
	numbers := map[string]uint64{}
	f, err := os.Open(file)
	if err != nil {
		return numbers
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) > 1 {
			if n, err := strconv.ParseUint(words[1], 10, 64); err == nil {
				numbers[words[0]] = n
			}
		}
	}
	return numbers
}

// controlGroup returns the least memory that this process's control group and
// those above it were given, and what is left of it; 0 if there is no limit.
func controlGroup(root string) (limit, left uint64) {
	text, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		// Version 2 has one hierarchy without a name, version 1 one for memory.
		mount, limitFile, usageFile := "sys/fs/cgroup", "memory.max", "memory.current"
		switch {
		case parts[1] == "memory":
			mount, limitFile, usageFile = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
		case parts[1] != "":
			continue
		}
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			dir := filepath.Join(root, mount, group)
			if most := numberIn(filepath.Join(dir, limitFile)); most > 0 && (limit == 0 || most < limit) {
				// Files in memory can be dropped again.
				used := numberIn(filepath.Join(dir, usageFile))
				used -= min(used, numbersIn(filepath.Join(dir, "memory.stat"))["inactive_file"])
				limit, left = most, most-min(most, used)
			}
			if group == "/" {
				break
			}
		}
	}
	return limit, left
}

// numberIn reads a file's number, 0 for a word such as "max".
func numberIn(file string) uint64 {
	text, _ := os.ReadFile(file)
	n, _ := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return n
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
