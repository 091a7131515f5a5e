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
// it.
func socketDir() (string, error) {
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "vlmchat")
	if !filepath.IsAbs(dir) || len(dir) > maxSocketDir {
		name := "vlmchat"
		if uid := os.Getuid(); uid >= 0 {
			name += "-" + strconv.Itoa(uid)
		}
		dir = filepath.Join(os.TempDir(), name)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the private directory for the worker's socket: %w", err)
	}
	if err := checkPrivate(dir); err != nil {
		return "", err
	}
	return dir, nil
}

// files of a worker with a key.
func socketPath(dir, key string) string { return filepath.Join(dir, key+".sock") }
func lockPath(dir, key string) string   { return filepath.Join(dir, key+".lock") }
func logPath(dir, key string) string    { return filepath.Join(dir, key+".log") }
