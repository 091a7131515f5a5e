package measure

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Machine is what numbers mean nothing without.
type Machine struct {
	CPU        string `json:"cpu"`
	Cores      int    `json:"cores"`
	System     string `json:"system"`
	Platform   string `json:"platform"`
	Go         string `json:"go"`
	LoadBefore string `json:"load_before"` // the load average of a minute, as the run began
	LoadAfter  string `json:"load_after"`
}

// ThisMachine is the one at hand, as a run begins.
func ThisMachine() Machine {
	return Machine{
		CPU: cpuModel(), Cores: runtime.NumCPU(), System: systemName(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), LoadBefore: Load(),
	}
}

func cpuModel() string {
	if name := field("/proc/cpuinfo", "model name", ":"); name != "" {
		return name
	}
	if out, err := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
		return strings.TrimSpace(string(out))
	}
	return "unknown CPU"
}

func systemName() string {
	if name := field("/etc/os-release", "PRETTY_NAME", "="); name != "" {
		return strings.Trim(name, `"`)
	}
	return runtime.GOOS
}

// Load is the load average of the last minute, as Linux tells it.
func Load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(b), " ")
	return one
}

// field reads the first value of a name in a file of such lines.
func field(file, name, separator string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if n, value, ok := strings.Cut(line, separator); ok && strings.TrimSpace(n) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
