//go:build unix

package images

import (
	"os/exec"
	"syscall"
)

// separate keeps the terminal's signals (Ctrl+C) away from a process that decodes:
// it ends when nobody asks any more.
func separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
