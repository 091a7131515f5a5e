//go:build !linux

package measure

import (
	"errors"
	"time"
)

var errLinux = errors.New("the processor time of another process, and how large one was, are read on Linux only")

// ProcessorTime is what a process has used of all cores so far.
func ProcessorTime(int) (time.Duration, error) { return 0, errLinux }

// PeakMemory is how large a process that runs was at most so far, in bytes.
func PeakMemory(int) (int64, error) { return 0, errLinux }

// Worker finds the worker that this process has started.
func Worker() (pid int, err error) { return 0, errLinux }
