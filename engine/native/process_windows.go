package native

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// detach lets the worker outlive the command that started it and keeps the
// console's signals (Ctrl+C) away from it.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
	}
}

// checkPrivate trusts the temporary directory, which Windows makes within the
// user's profile and for the user alone.
func checkPrivate(string) error { return nil }

// exitReason says how a process ended.
func exitReason(state *os.ProcessState) string {
	return fmt.Sprintf("it exited with code %#x", uint32(state.ExitCode()))
}
