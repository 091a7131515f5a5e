package native

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// socketDir returns the private directory in which workers listen, and makes
// it. Its path is short, as a socket's may have 104 bytes only.
func socketDir() (string, error) {
	dir := ""
	if run := os.Getenv("XDG_RUNTIME_DIR"); run != "" {
		dir = filepath.Join(run, "vlmchat")
	} else {
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
