package images

import (
	"math"
	"runtime"

	"golang.org/x/sys/unix"
)

// limitProcess has the kernel hold this process to what it may take, in case that
// the one that asks, and watches more closely, is gone or too slow: memory, and time
// of its processors.
func limitProcess(lim Limits) {
	// Go maps memory in large pieces, before it uses them.
	lower(unix.RLIMIT_DATA, uint64(lim.Memory)+uint64(lim.Memory)/4+256<<20)
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &used) == nil {
		seconds := float64(used.Utime.Sec+used.Stime.Sec) + 2*lim.Time.Seconds()*float64(runtime.GOMAXPROCS(0))
		lower(unix.RLIMIT_CPU, uint64(math.Ceil(seconds))+1)
	}
}

// lower sets a limit, as far as the system allows it.
func lower(resource int, to uint64) {
	var limit unix.Rlimit
	if unix.Getrlimit(resource, &limit) == nil {
		limit.Cur = min(to, limit.Max)
		_ = unix.Setrlimit(resource, &limit) // the one that asks watches as well
	}
}
