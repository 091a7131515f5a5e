package sessions

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// isRemote tells a folder that other machines may have open, too.
func isRemote(dir string) bool {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	return err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE
}
