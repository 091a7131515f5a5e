package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/images/viewer"
)

// viewing shows pictures in the system's viewer. What is no file any more, or never
// was one, it puts into files of its own, which only the user can read and which are
// gone when the chat ends.
type viewing struct {
	mu     sync.Mutex
	folder string // "" before it is needed
	opener func(ctx context.Context, path string) error
}

func newViewing() *viewing { return &viewing{opener: viewer.Open} }

// show opens a picture.
func (v *viewing) show(ctx context.Context, p *images.Picture) error {
	if err := p.Load(ctx); err != nil {
		return err
	}
	path := original(p)
	if path == "" {
		var err error
		if path, err = v.file(p); err != nil {
			return err
		}
	}
	return v.opener(ctx, path)
}

// viewable are the extensions of the formats' files: what has another may be more than
// a picture to the system, such as a program.
var viewable = map[string][]string{
	"png": {".png"}, "jpeg": {".jpg", ".jpeg", ".jfif"}, "gif": {".gif"}, "webp": {".webp"}, "bmp": {".bmp"},
	"tiff": {".tif", ".tiff"}, "avif": {".avif"}, "heic": {".heic", ".heif"}, "svg": {".svg"},
}

// original is the path of the file that a picture came from, if that is there with the
// same bytes; else it is empty.
func original(p *images.Picture) string {
	if len(p.Data) == 0 || images.IsURL(p.Source) {
		return ""
	}
	for _, path := range images.Paths(p.Source) {
		if slices.Contains(viewable[p.Format], strings.ToLower(filepath.Ext(path))) && holds(path, p) {
			return path
		}
	}
	return ""
}

// holds reports whether a file has a picture's bytes.
func holds(path string, p *images.Picture) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(p.Data)) {
		return false
	}
	data, err := os.ReadFile(path)
	return err == nil && bytes.Equal(data, p.Data)
}

// file writes what is seen of a picture to a file of its own.
func (v *viewing) file(p *images.Picture) (string, error) {
	data, mime, err := p.Wire(images.WireLimits{})
	if err != nil {
		return "", err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.folder == "" {
		if v.folder, err = os.MkdirTemp("", "vlmchat-view-"); err != nil {
			return "", fmt.Errorf("there is no place for a file of it: %w", err)
		}
	}
	extension := ".png"
	if mime == "image/jpeg" {
		extension = ".jpg"
	}
	path := filepath.Join(v.folder, p.SHA256[:min(16, len(p.SHA256))]+extension)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return "", fmt.Errorf("a file of it can't be written: %w", err)
	}
	return path, nil
}

// close removes the files.
func (v *viewing) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.folder != "" {
		os.RemoveAll(v.folder)
	}
}
