package main

import (
	"errors"
	"os"
	"syscall"
)

// peakOf is how large a process was at most, in bytes.
func peakOf(s *os.ProcessState) (int64, error) {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the system does not tell what the process used")
	}
	return usage.Maxrss << 10, nil
}
