package sessions

import "golang.org/x/sys/unix"

// isRemote tells a folder that other machines may have open, too (statfs(2)).
func isRemote(dir string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(dir, &fs) == nil && fs.Flags&unix.MNT_LOCAL == 0
}
