//go:build !linux

package main

import (
	"errors"
	"os"
)

// peakOf is how large a process was at most, which is read on Linux only.
func peakOf(*os.ProcessState) (int64, error) {
	return 0, errors.New("peak memory is measured on Linux only")
}
