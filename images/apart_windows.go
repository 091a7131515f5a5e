package images

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// separate keeps the console's signals (Ctrl+C) away from a process that decodes: it
// ends when nobody asks any more.
func separate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
}
