package memory

import (
	"os/exec"
	"strconv"
	"strings"
)

// Resident is what a process has in memory, in bytes, 0 if that is not
// known. The system tells it to its own ps.
func Resident(pid int) int64 {
	text, err := exec.Command("/bin/ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0
	}
	kib, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return kib << 10
}
