package cli

import (
	"context"
	"os"
	"os/exec"
	"syscall"
)

// shell is a command as people write it in a terminal. The command line is given
// as it is: cmd reads quotes in a way of its own.
func shell(ctx context.Context, command string) *exec.Cmd {
	name := os.Getenv("ComSpec")
	if name == "" {
		name = "cmd.exe"
	}
	cmd := exec.CommandContext(ctx, name)
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `"` + name + `" /D /S /C "` + command + `"`}
	return cmd
}

// withoutTerminal has a command run without a console to ask on.
func withoutTerminal(cmd *exec.Cmd) {
	const createNoWindow = 0x08000000
	cmd.SysProcAttr.CreationFlags |= createNoWindow
}
