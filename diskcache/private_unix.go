//go:build !windows

package diskcache

import (
	"fmt"
	"os"
	"syscall"
)

// makePrivate keeps others out of a folder of the user's. One that is another
// user's, or that others could write to, it refuses: they may have put into it
// what they want to be read.
func makePrivate(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("opening the folder of the cache: %w", err)
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !fi.IsDir() || !ok || int(st.Uid) != os.Getuid() {
		return fmt.Errorf("the cache %s is not a folder of yours: remove it, or take another place (VLMCHAT_CACHE_DIR)", dir)
	}
	switch mode := fi.Mode().Perm(); {
	case mode&0o022 != 0:
		return fmt.Errorf("others may write to the cache %s (mode %o): remove it, or take another place (VLMCHAT_CACHE_DIR)", dir, mode)
	case mode != 0o700:
		if err := os.Chmod(dir, 0o700); err != nil {
			return fmt.Errorf("keeping others out of the cache: %w", err)
		}
	}
	return nil
}
