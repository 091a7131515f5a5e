package runtimes

import (
	"path/filepath"

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
