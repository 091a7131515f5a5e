//go:build !windows

package cli

import (
	"context"
	"os/exec"
)

// shell is a command as people write it in a terminal.
func shell(ctx context.Context, command string) *exec.Cmd {
	return exec.CommandContext(ctx, "/bin/sh", "-c", command)
}
