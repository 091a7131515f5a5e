package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// footprint is the memory of some processes together, in KiB.
type footprint struct {
	resident, proportional, anonymous int
	peak                              int // sum of each one's own
}

// footprintOf adds up a process and those that it has started, as Linux tells it.
func footprintOf(pid int) (footprint, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(dirs) == 0 {
		return footprint{}, errors.New("memory is read from /proc, which is Linux's")
	}
	var f footprint
	for _, dir := range dirs {
		status := filepath.Join(dir, "status")
		parent, err := count(status, "PPid")
		if err != nil { // it has ended meanwhile
			continue
		}
		if dir != fmt.Sprintf("/proc/%d", pid) && parent != pid {
			continue
		}
		for _, what := range []struct {
			file, name string
			to         *int
		}{
			{status, "VmRSS", &f.resident},
			{status, "VmHWM", &f.peak},
			{status, "RssAnon", &f.anonymous},
			{filepath.Join(dir, "smaps_rollup"), "Pss", &f.proportional},
		} {
			n, err := count(what.file, what.name)
			if err != nil {
				return footprint{}, err
			}
			*what.to += n
		}
	}
	if f.resident == 0 {
		return footprint{}, fmt.Errorf("the process %d has ended", pid)
	}
	return f, nil
}

// count reads a number of a file of lines "Name: number unit".
func count(file, name string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if n, value, ok := strings.Cut(line, ":"); ok && n == name {
			number, _, _ := strings.Cut(strings.TrimSpace(value), " ")
			return strconv.Atoi(number)
		}
	}
	return 0, fmt.Errorf("%s tells no %s", file, name)
}
