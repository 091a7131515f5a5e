package measure

import (
	"os/exec"
	"time"
)

// Spent is what a command took.
type Spent struct {
	Clock     time.Duration
	Processor time.Duration // of all cores
	Peak      int64         // how large the process was at most, in bytes
}

// watchInterval is how often a process is asked how large it was.
const watchInterval = 10 * time.Millisecond

// Spend runs a command to its end. How large it was is read while it runs: what the system
// tells afterwards goes on counting from this process, which started it.
func Spend(cmd *exec.Cmd) (Spent, error) {
	var s Spent
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return s, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			s.Clock = time.Since(start)
			s.Processor = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			return s, err
		case <-time.After(watchInterval):
			if peak, err := PeakMemory(cmd.Process.Pid); err == nil {
				s.Peak = peak
			}
		}
	}
}
