package images

import (
	"path/filepath"
	"slices"
	"strings"
)

// What files are told by their names, for who goes through folders: none is opened for it.

// pictureKinds are the endings of the names of pictures, and whether there may be several
// pages in one.
var pictureKinds = map[string]bool{
	".jpg": false, ".jpeg": false, ".jfif": false, ".png": false, ".bmp": false, ".ico": false, ".svg": false,
	".avif": false, ".heic": false, ".heif": false, ".gif": false, ".webp": false,
	".tif": true, ".tiff": true, ".pdf": true,
}

// movingKinds are those of which frames can be taken.
var movingKinds = []string{".gif", ".webp", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ogv", ".wmv", ".flv", ".ts", ".3gp"}

// IsNamedPicture tells by its name whether a file is a picture or a document of pages.
func IsNamedPicture(path string) bool {
	_, is := pictureKinds[ending(path)]
	return is
}

// MayHavePages tells by its name whether there may be several pictures in a file.
func MayHavePages(path string) bool { return pictureKinds[ending(path)] }

// MayMove tells by its name whether a file may be an animation or a video.
func MayMove(path string) bool { return slices.Contains(movingKinds, ending(path)) }

func ending(path string) string { return strings.ToLower(filepath.Ext(path)) }
