package runtimes

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/config"
)

// Dir is the folder that installed runtimes live in. It need not exist.
func Dir() (string, error) {
	data, err := config.DataDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(data, "runtimes"), nil
}

// InstalledNames are what the runtimes in the data directory are called; none is looked at.
func InstalledNames() []string {
	dir, err := Dir()
	if err != nil {
		return nil
	}
	entries, _ := os.ReadDir(dir) // what can't be read has none
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	return names
}
