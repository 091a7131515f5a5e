package memory

import (
	"bufio"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Read asks the system.
func Read() Facts { return readBelow("/") }

// readBelow reads the kernel's files below a root.
func readBelow(root string) Facts {
	info := numbersIn(filepath.Join(root, "proc/meminfo"))
	m := Facts{Total: info["MemTotal:"] << 10, Available: info["MemAvailable:"] << 10}
	limit, left := controlGroup(root)
	if limit > 0 && limit < m.Total {
		m.Limit, m.Available = limit, min(m.Available, left)
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
				// Files in memory can be dropped again, a model's among them.
				used, stat := numberIn(filepath.Join(dir, usageFile)), numbersIn(filepath.Join(dir, "memory.stat"))
				used -= min(used, stat["inactive_file"]+stat["active_file"])
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
