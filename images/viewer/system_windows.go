package viewer

import (
	"context"
	"fmt"
	"os/exec"

	"golang.org/x/sys/windows"
)

// openSystem has the shell of Windows open a file. No command line is made of it.
func openSystem(_ context.Context, path string) error {
	file, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	verb, err := windows.UTF16PtrFromString("open")
	if err != nil {
		return err
	}
	if err := windows.ShellExecute(0, verb, file, nil, nil, windows.SW_SHOWNORMAL); err != nil {
		return fmt.Errorf("the system can't open it: %w", err)
	}
	return nil
}

func apart(*exec.Cmd) {}
