package datasets

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/images"
)

// pictures finds the files of the pictures that a dataset names.
type pictures struct {
	given string   // the folder that was named; its names alone count, wherever they were
	roots []string // where they may be, the likeliest first
	seen  map[string]picture
}

// picture is what came of a name.
type picture struct{ file, why string }

// usualFolders are those beside a dataset's file in which its pictures are, as they are
// published.
var usualFolders = []string{".", "images", "Images", "flickr30k_images", "flickr30k-images", "Flicker8k_Dataset", "Flickr8k_Dataset"}

// look says where the pictures of a file may be: in the folder that was named, or beside the
// file. Of several parts, the one that is meant may have a folder of its own, also beside
// that of the file: annotations/captions_val2014.json is about val2014/.
func (p *pictures) look(file, given string, parts ...string) {
	p.given, p.seen = given, map[string]picture{}
	if given != "" {
		p.roots = []string{given}
		for _, part := range parts {
			p.roots = append(p.roots, filepath.Join(given, part))
		}
		return
	}
	dir := filepath.Dir(file)
	p.roots = nil
	for _, folder := range usualFolders {
		p.roots = append(p.roots, filepath.Join(dir, folder))
	}
	for _, part := range parts {
		p.roots = append(p.roots, filepath.Join(dir, part), filepath.Join(dir, "images", part),
			filepath.Join(dir, "..", part), filepath.Join(dir, "..", "images", part))
	}
	if len(parts) > 0 {
		p.roots = append(p.roots, filepath.Join(dir, ".."), filepath.Join(dir, "..", "images"))
	}
}

// find returns the file of a picture, and where there is none also why.
func (p *pictures) find(name string) (file, why string) {
	if known, ok := p.seen[name]; ok {
		return known.file, known.why
	}
	file, why = p.search(name)
	p.seen[name] = picture{file, why}
	return file, why
}

func (p *pictures) search(name string) (file, why string) {
	switch {
	case images.IsURL(name):
		return name, ""
	case strings.ContainsRune(name, 0):
		return name, "there is a NUL in the picture's name"
	case filepath.IsAbs(name):
		if isFile(name) {
			return name, ""
		}
		if p.given == "" {
			return name, fmt.Sprintf("there is no %s", name)
		}
	default:
		for n, root := range p.roots {
			for _, form := range []string{name, strings.ReplaceAll(name, `\`, "/")} {
				if file := filepath.Join(root, filepath.FromSlash(form)); isFile(file) {
					p.roots[0], p.roots[n] = p.roots[n], p.roots[0] // the others are there, too
					return file, ""
				}
			}
		}
	}
	base := path.Base(strings.ReplaceAll(filepath.ToSlash(name), `\`, "/"))
	if p.given != "" {
		if file := filepath.Join(p.given, base); isFile(file) {
			return file, ""
		}
	}
	file = filepath.Join(p.roots[0], filepath.FromSlash(name))
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return file, fmt.Sprintf("%s is a folder", file)
	}
	if len(p.roots) > 1 && p.given == "" {
		return file, fmt.Sprintf("there is no %s, and none in the folders beside it in which pictures usually are", file)
	}
	return file, fmt.Sprintf("there is no %s", file)
}

// isFile tells whether there is a file, of which a page may be named: report.pdf#3.
func isFile(path string) bool {
	info, err := os.Stat(path)
	if err == nil {
		return info.Mode().IsRegular()
	}
	if document, _, found := strings.Cut(path, "#"); found && images.MayHavePages(document) {
		return isFile(document)
	}
	return false
}
