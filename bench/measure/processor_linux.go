package measure

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ProcessorTime is what a process has used of all cores so far: it says what work
// there was on a machine that had other work as well.
func ProcessorTime(pid int) (time.Duration, error) {
	// The clock of another process, as clock_getcpuclockid(3) makes it.
	const processClock = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|processClock), &ts); err != nil {
		return 0, fmt.Errorf("the clock of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// PeakMemory is how large a process that runs was at most so far, in bytes.
func PeakMemory(pid int) (int64, error) {
	status := filepath.Join("/proc", strconv.Itoa(pid), "status")
	kilobytes, err := strconv.ParseInt(strings.TrimSuffix(field(status, "VmHWM", ":"), " kB"), 10, 64)
	return kilobytes << 10, err
}

// Worker finds the worker that this process has started: its own executable.
func Worker() (pid int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	statuses, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return 0, err
	}
	for _, status := range statuses {
		dir := filepath.Dir(status)
		exe, err := os.Readlink(filepath.Join(dir, "exe"))
		if err != nil || exe != self || field(status, "PPid", ":") != strconv.Itoa(os.Getpid()) {
			continue
		}
		return strconv.Atoi(filepath.Base(dir))
	}
	return 0, fmt.Errorf("no worker of %s runs", self)
}
