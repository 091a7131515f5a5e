package memory

import (
	"os"
	"path/filepath"
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
		want  Facts
	}{
		"nothing known": {nil, Facts{}},
		"no groups":     {map[string]string{"proc/meminfo": meminfo}, Facts{16000 * kB, 8000 * kB, 0}},
		"no limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
		}, Facts{16000 * kB, 8000 * kB, 0}},
		"a limit above": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n",
			"sys/fs/cgroup/a/memory.max":   "4096000\n", "sys/fs/cgroup/a/memory.current": "3072000\n",
			"sys/fs/cgroup/a/memory.stat": "anon 5\ninactive_file 512000\nactive_file 512000\n",
		}, Facts{16000 * kB, 2000 * kB, 4000 * kB}},
		"in a container": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "1024000", "sys/fs/cgroup/memory.current": "2048000",
		}, Facts{16000 * kB, 0, 1000 * kB}},
		"version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "3:cpu:/x\n2:memory:/y\n1:name=systemd:/z\n",
			"sys/fs/cgroup/memory/y/memory.limit_in_bytes": "2048000", "sys/fs/cgroup/memory/y/memory.usage_in_bytes": "1024000",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
		}, Facts{16000 * kB, 1000 * kB, 2000 * kB}},
	} {
		if got := readBelow(machineOf(t, c.files)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if m := Read(); m.Total == 0 || m.Available == 0 || m.Available > m.Total {
		t.Errorf("this machine's is %+v", m)
	}
}
