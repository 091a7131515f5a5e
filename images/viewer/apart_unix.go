//go:build unix

package viewer

import (
	"context"
	"os/exec"
	"syscall"
)

// apart has a program live in a session of its own: it does not end with the
// terminal, nor hear of its Ctrl+C.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

func openSystem(context.Context, string) error {
	return &NoAccess{"how files are opened on this system is not known"}
}
