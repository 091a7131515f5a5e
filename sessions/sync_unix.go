//go:build !windows

package sessions

import "os"

// syncDir brings a file's name to the disk, where a folder can be asked for it.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // some file systems know no such thing
		d.Close()
	}
}
