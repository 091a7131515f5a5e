package sessions

import "golang.org/x/sys/unix"

// Remote names the kind of file system of a folder that other machines may have open, too,
// as "NFS"; it is empty for a disk of this machine (statfs(2)).
func Remote(dir string) string {
	const cifs, smb2 = 0xff534d42, 0xfe534d42
	var fs unix.Statfs_t
	if unix.Statfs(dir, &fs) != nil {
		return ""
	}
	switch uint32(fs.Type) {
	case unix.NFS_SUPER_MAGIC:
		return "NFS"
	case unix.SMB_SUPER_MAGIC, cifs, smb2:
		return "SMB"
	case unix.AFS_SUPER_MAGIC:
		return "AFS"
	case unix.CODA_SUPER_MAGIC:
		return "Coda"
	case unix.V9FS_MAGIC:
		return "9P"
	}
	return ""
}
