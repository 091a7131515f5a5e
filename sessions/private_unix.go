//go:build !windows

package sessions

import (
	"fmt"
	"os"
	"syscall"
)

// makePrivate makes a folder if there is none, and keeps others out of it. One that is
// another user's it refuses.
func makePrivate(dir string) error {
	const doing = "opening the folder of conversations"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return failure(doing, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return failure(doing, err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Getuid() {
		return &Error{Doing: doing, Detail: fmt.Sprintf("%s is not yours; take another place with --sessions-dir", dir), Err: os.ErrPermission}
	}
	if info.Mode().Perm()&0o077 != 0 {
		return failure(doing, os.Chmod(dir, 0o700))
	}
	return nil
}
