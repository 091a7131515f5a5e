//go:build !windows

package native

import (
	"syscall"
	"time"
)

// exertion is what this process did so far.
func exertion() effort {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return effort{}
	}
	return effort{
		computing: time.Duration(u.Utime.Nano() + u.Stime.Nano()),
		reads:     u.Majflt + u.Inblock, // of a mapped file, each is a fault
	}
}
