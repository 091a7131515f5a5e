//go:build !windows

package cli

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// shell is a command as people write it in a terminal.
func shell(ctx context.Context, command string) *exec.Cmd {
	return exec.CommandContext(ctx, "/bin/sh", "-c", command)
}

// withoutTerminal has a command, and what it starts, run where there is no
// terminal to ask on: it fails in place of asking. All of them end together.
func withoutTerminal(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GPG_TTY=") { // by which gpg finds it nevertheless
			cmd.Env = append(cmd.Env, v)
		}
	}
}
