//go:build !windows

package cli

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// endInterrupted ends the process by the interrupt to which it has come to an end, of which
// shells make code 130. A shell ends a loop or a script only if the program in it ended so: with
// a code of its own it would have dealt with the interrupt, and the loop goes on. It returns
// if interrupts are not for this process, as of one in the background.
func endInterrupted() {
	signal.Reset(os.Interrupt)
	if signal.Ignored(os.Interrupt) || syscall.Kill(syscall.Getpid(), syscall.SIGINT) != nil {
		return
	}
	time.Sleep(time.Second) // it comes on another thread
}
