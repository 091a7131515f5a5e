package ui

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// folder is what there is in a folder that a person may mean: pictures first, then
// folders, then what by its name is neither.
type folder struct {
	dir     string
	entries []folderEntry
}

// folderEntry is a file or a folder in one.
type folderEntry struct {
	name  string
	lower string // the name in small letters, in which it is looked for
	kind  entryKind
}

// entryKind is what an entry is, by its name alone.
type entryKind int

const (
	pictureFile entryKind = iota
	subfolder
	otherFile
)

// mostEntries is how many are read of a folder. Whoever has more writes more of a name.
const mostEntries = 200_000

// readFolder reads a folder. It is for commands: a folder may be on a slow disk, or huge.
func readFolder(ctx context.Context, dir string) (*folder, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := &folder{dir: dir}
	for len(all.entries) < mostEntries && ctx.Err() == nil {
		const some = 1024
		entries, err := f.ReadDir(some)
		for _, e := range entries {
			all.entries = append(all.entries, folderEntry{e.Name(), strings.ToLower(e.Name()), kindOf(dir, e)})
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all.entries, func(a, b folderEntry) int {
		if a.kind != b.kind {
			return int(a.kind) - int(b.kind)
		}
		return strings.Compare(a.lower, b.lower)
	})
	return all, ctx.Err()
}

func kindOf(dir string, e fs.DirEntry) entryKind {
	isFolder := e.IsDir()
	if e.Type()&fs.ModeSymlink != 0 {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		isFolder = err == nil && info.IsDir()
	}
	switch {
	case isFolder:
		return subfolder
	case endsAsPicture().MatchString(e.Name()):
		return pictureFile
	}
	return otherFile
}

// mostFound is how many entries are of use to somebody who looks for one.
const mostFound = 500

// find returns the first entries that begin with a text, and behind them those that
// have it elsewhere. What is hidden is found by its dot.
func (f *folder) find(written string) []folderEntry {
	written = strings.ToLower(written)
	var begin, have []folderEntry
	for _, e := range f.entries {
		switch {
		case e.name[0] == '.' && !strings.HasPrefix(written, "."):
		case len(begin) == mostFound:
			return begin
		case strings.HasPrefix(e.lower, written):
			begin = append(begin, e)
		case written[:min(1, len(written))] != "." && len(have) < mostFound && strings.Contains(e.lower, written):
			have = append(have, e)
		}
	}
	all := append(begin, have...)
	return all[:min(len(all), mostFound)]
}

// splitPath parts what was written of a path into the folder, with its separator, and
// the beginning of a name in it.
func splitPath(path string) (dir, base string) {
	i := strings.LastIndexFunc(path, func(r rune) bool { return r < 0x80 && os.IsPathSeparator(byte(r)) })
	return path[:i+1], path[i+1:]
}

// folderOf is the folder that what was written of its path means.
func folderOf(dir string) string {
	if rest, ok := strings.CutPrefix(dir, "~"); ok && rest != "" && os.IsPathSeparator(rest[0]) {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if dir == "" {
		return "."
	}
	return dir
}
