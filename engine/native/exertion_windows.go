package native

import (
	"time"

	"golang.org/x/sys/windows"
)

// exertion is what this process did so far.
func exertion() effort {
	var created, exited, kernel, user windows.Filetime
	if windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user) != nil {
		return effort{}
	}
	// In units of 100 ns; Nanoseconds would take them for a date.
	units := func(t windows.Filetime) time.Duration {
		return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
	}
	return effort{computing: units(kernel) + units(user)}
}
