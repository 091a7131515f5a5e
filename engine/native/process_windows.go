package native

import (
	"errors"
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

// listenReason says why a worker can't listen.
func listenReason(err error) string {
	if errors.Is(err, windows.WSAEAFNOSUPPORT) {
		return "this Windows has no Unix sockets, over which vlmchat talks to it; they came with Windows 10 version 1803 and Windows Server 2019"
	}
	return err.Error()
}

// exitReason says how a process ended.
func exitReason(state *os.ProcessState) string {
	return fmt.Sprintf("it exited with code %#x", uint32(state.ExitCode()))
}

// killed reports whether somebody ended a process: the task manager and Kill
// give it this code, which no exception has.
func killed(state *os.ProcessState) bool { return state.ExitCode() == 1 }
