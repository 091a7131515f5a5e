package sessions

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Remote names the kind of file system of a folder that other machines may have open, too;
// it is empty for a disk of this machine.
func Remote(dir string) string {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil || windows.GetDriveType(root) != windows.DRIVE_REMOTE {
		return ""
	}
	return "a network drive"
}
