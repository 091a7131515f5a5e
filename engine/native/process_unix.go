//go:build !windows

package native

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// detach lets the worker outlive the command that started it and keeps the
// terminal's signals (Ctrl+C) away from it.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

// checkPrivate refuses a directory that is not the user's own or that others
// may enter: somebody could have made it beforehand.
func checkPrivate(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !fi.IsDir() || !ok || int(st.Uid) != os.Getuid() {
		return fmt.Errorf("%s is not a directory of yours; remove it, or set XDG_RUNTIME_DIR to one that is", dir)
	}
	if fi.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("others may enter %s (mode %o); run: chmod 700 %s", dir, fi.Mode().Perm(), dir)
	}
	return nil
}

// listenReason says why a worker can't listen.
func listenReason(err error) string { return err.Error() }

// exitReason says how a process ended.
func exitReason(state *os.ProcessState) string {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return fmt.Sprintf("it was ended by signal %d (%s)", ws.Signal(), ws.Signal())
	}
	return fmt.Sprintf("it exited with code %d", state.ExitCode())
}

// killed reports whether somebody ended a process, by signals that are sent and
// do not arise.
func killed(state *os.ProcessState) bool {
	ws, ok := state.Sys().(syscall.WaitStatus)
	return ok && ws.Signaled() && (ws.Signal() == syscall.SIGKILL || ws.Signal() == syscall.SIGTERM)
}
