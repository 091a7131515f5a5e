package sessions

import (
	"slices"

	"golang.org/x/sys/unix"
)

// isRemote tells a folder that other machines may have open, too (statfs(2)).
func isRemote(dir string) bool {
	const cifs, smb2 = 0xff534d42, 0xfe534d42
	remote := []uint32{unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, cifs, smb2, unix.AFS_SUPER_MAGIC, unix.CODA_SUPER_MAGIC, unix.V9FS_MAGIC}
	var fs unix.Statfs_t
	return unix.Statfs(dir, &fs) == nil && slices.Contains(remote, uint32(fs.Type))
}
