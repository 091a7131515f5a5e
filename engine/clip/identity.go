package clip

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/vlmchat/vlmchat/engine/clip/tokenizer"
	"github.com/vlmchat/vlmchat/models"
)

// identify tells the checkpoint's space from all others by what decides its vectors: the
// configuration, how pictures and texts are made ready, and the weights, of which a part is
// looked at (models.Fingerprint). The folder and the files' dates play no part.
func (c *Checkpoint) identify() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, "vlmchat dual encoder 1")
	for _, name := range slices.Concat([]string{"config.json"}, processorFiles, tokenizer.Files()) {
		sum, err := digest(filepath.Join(c.Dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, name, sum)
	}
	for _, path := range c.file.Files {
		print, err := models.Fingerprint(path)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, print)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// digest is the SHA-256 of a small file.
func digest(path string) (string, error) {
	if fi, err := os.Stat(path); err != nil {
		return "", err
	} else if fi.Size() > maxDigested || !fi.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file, or has more than %d MB", path, maxDigested>>20)
	}
	content, err := os.ReadFile(path)
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), err
}

// maxDigested is far more than any file has that is read whole.
const maxDigested = 256 << 20
