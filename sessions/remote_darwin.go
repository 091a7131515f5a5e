package sessions

import (
	"strings"

	"golang.org/x/sys/unix"
)

// Remote names the kind of file system of a folder that other machines may have open, too,
// as "NFS"; it is empty for a disk of this machine (statfs(2)).
func Remote(dir string) string {
	var fs unix.Statfs_t
	if unix.Statfs(dir, &fs) != nil || fs.Flags&unix.MNT_LOCAL != 0 {
		return ""
	}
	switch name := unix.ByteSliceToString(fs.Fstypename[:]); name {
	case "smbfs":
		return "SMB"
	case "":
		return "a network file system"
	default:
		return strings.ToUpper(name)
	}
}
