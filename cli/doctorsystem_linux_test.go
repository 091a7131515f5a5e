package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// machineOf writes the kernel's files of another machine, and returns their root.
func machineOf(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestMemory(t *testing.T) {
	t.Parallel()
	const meminfo = "MemTotal:       16000 kB\nMemFree:  1 kB\nMemAvailable:    8000 kB\nHugePages_Total:       0\n"
	const kB = 1 << 10
	for name, c := range map[string]struct {
		files map[string]string
		want  memoryFacts
	}{
		"nothing known": {nil, memoryFacts{}},
		"no groups":     {map[string]string{"proc/meminfo": meminfo}, memoryFacts{16000 * kB, 8000 * kB, 0}},
		"no limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
		}, memoryFacts{16000 * kB, 8000 * kB, 0}},
		"a limit above": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n",
			"sys/fs/cgroup/a/memory.max":   "4096000\n", "sys/fs/cgroup/a/memory.current": "3072000\n",
			"sys/fs/cgroup/a/memory.stat": "anon 5\ninactive_file 1024000\n",
		}, memoryFacts{16000 * kB, 2000 * kB, 4000 * kB}},
		"in a container": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "1024000", "sys/fs/cgroup/memory.current": "2048000",
		}, memoryFacts{16000 * kB, 0, 1000 * kB}},
		"version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "3:cpu:/x\n2:memory:/y\n1:name=systemd:/z\n",
			"sys/fs/cgroup/memory/y/memory.limit_in_bytes": "2048000", "sys/fs/cgroup/memory/y/memory.usage_in_bytes": "1024000",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
		}, memoryFacts{16000 * kB, 1000 * kB, 2000 * kB}},
	} {
		if got := memoryBelow(machineOf(t, c.files)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if m := readMemory(); m.total == 0 || m.available == 0 || m.available > m.total {
		t.Errorf("this machine's is %+v", m)
	}
}

func TestGraphics(t *testing.T) {
	t.Parallel()
	const pci = "sys/bus/pci/devices/"
	root := machineOf(t, map[string]string{
		pci + "0000:00:02.0/class": "0x030000\n", pci + "0000:00:02.0/vendor": "0x8086\n",
		pci + "0000:00:03.0/class": "0x020000\n", pci + "0000:00:03.0/vendor": "0x8086\n", // a network card
		pci + "0000:01:00.0/class": "0x030200\n", pci + "0000:01:00.0/vendor": "0x10de\n",
		"proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA L4\nIRQ:   \t\t 16\n",
		pci + "0000:02:00.0/class":                         "0x038000\n", pci + "0000:02:00.0/vendor": "0x1002\n",
		pci + "0000:03:00.0/class": "0x030000\n", pci + "0000:03:00.0/vendor": "0x1af4\n", // a virtual display
		pci + "0000:04:00.0/class": "0x030000\n", pci + "0000:04:00.0/vendor": "0x8086\n",
	})
	want := []graphics{
		{"Intel", "", true}, {"NVIDIA", "NVIDIA L4", false}, {"AMD", "", false}, {"Intel", "", false},
	}
	if got := graphicsBelow(root); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
