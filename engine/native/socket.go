package native

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// maxSocketDir keeps a socket's path within the 104 bytes that systems allow.
const maxSocketDir = 104 - len("/0123456789abcdef.sock") - 1

// socketDir returns the private directory in which workers listen, and makes
// it: in XDG_RUNTIME_DIR, or in the temporary directory where that is not set or
// not the user's to use, as after su.
func socketDir() (string, error) {
	wanted, other := socketPlaces()
	if filepath.IsAbs(wanted) && makePrivate(wanted) == nil {
		return wanted, nil
	}
	return other, makePrivate(other)
}

// socketDirs returns the directories in which workers may listen: that of today,
// and that of a session in which XDG_RUNTIME_DIR was not set, or was.
func socketDirs() []string {
	var dirs []string
	wanted, other := socketPlaces()
	for _, dir := range []string{wanted, other} {
		if filepath.IsAbs(dir) && checkPrivate(dir) == nil {
			if _, err := os.Stat(dir); err == nil {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// socketPlaces names the two directories, the better one first.
func socketPlaces() (wanted, other string) {
	name := "vlmchat"
	if uid := os.Getuid(); uid >= 0 {
		name += "-" + strconv.Itoa(uid)
	}
	return filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "vlmchat"), filepath.Join(os.TempDir(), name)
}

// makePrivate makes a directory for sockets that only the user can enter, or
// takes the one that is there.
func makePrivate(dir string) error {
	if len(dir) > maxSocketDir {
		return fmt.Errorf("the path %s is too long for the worker's socket; set XDG_RUNTIME_DIR to a directory of yours with a shorter one", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the private directory for the worker's socket: %w", err)
	}
	return checkPrivate(dir)
}

// files of a worker with a key.
func socketPath(dir, key string) string { return filepath.Join(dir, key+".sock") }
func lockPath(dir, key string) string   { return filepath.Join(dir, key+".lock") }
func logPath(dir, key string) string    { return filepath.Join(dir, key+".log") }
func errPath(dir, key string) string    { return filepath.Join(dir, key+".err") }
