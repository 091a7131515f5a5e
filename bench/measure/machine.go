package measure

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Machine is what numbers mean nothing without.
type Machine struct {
	cpu, system string
	load        string // when the run began
	began       time.Time
}

// ThisMachine is the one at hand, as the run begins.
func ThisMachine() Machine {
	return Machine{cpu: cpuModel(), system: systemName(), load: load(), began: time.Now()}
}

// Print says what was measured, on what, and how to read it.
func (m Machine) Print(w io.Writer, b *Bench) {
	fmt.Fprintf(w, "- %s, %d cores; load average %s at the start, %s at the end\n", m.cpu, runtime.NumCPU(), m.load, load())
	fmt.Fprintf(w, "- %s (%s/%s), %s\n", m.system, runtime.GOOS, runtime.GOARCH, runtime.Version())
	if !b.Alone {
		fmt.Fprintf(w, "- runtime %s, model %s, %s on both sides\n", b.Runtime.Name, b.Model.Name, threads(b.Threads))
	}
	fmt.Fprintf(w, "- %s, %d s\n", m.began.Format(time.DateOnly), int(time.Since(m.began).Seconds()))
	fmt.Fprint(w, "- each cell: minimum / **median** / maximum; the ratio is of the two cells before it, pair by pair\n\n")
}

func threads(n int) string {
	if n == 1 {
		return "one thread"
	}
	return fmt.Sprintf("%d threads", n)
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

func load() string {
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
