package cli

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// collectLate puts off the first garbage collection of a process that soon ends: a command
// that asks about one picture would collect in the middle of its few milliseconds, and what
// it saves ends with it. From the first collection on all is as ever.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return // somebody has it their own way
	}
	const first = 64 << 20 // bytes of the process at which it comes
	debug.SetMemoryLimit(first)
	usual := debug.SetGCPercent(-1)
	runtime.AddCleanup(new(*int), func(usual int) {
		debug.SetGCPercent(usual)
		debug.SetMemoryLimit(math.MaxInt64)
	}, usual)
}
