package runtimes

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// manifestFile lies in every installed runtime's folder.
const manifestFile = "vlmchat-runtime.json"

// manifest says where an installed runtime came from.
type manifest struct {
	Name      string    `json:"name"`
	Origin    string    `json:"origin"` // the archive, as its publisher names it
	SHA256    string    `json:"sha256"` // of the archive
	Installed time.Time `json:"installed"`
}

// readManifest reports false for a folder that Install didn't make.
func readManifest(dir string) (m manifest, ok bool) {
	data, err := os.ReadFile(filepath.Join(dir, manifestFile))
	return m, err == nil && json.Unmarshal(data, &m) == nil
}

func (m manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestFile), append(data, '\n'), 0o644)
}
