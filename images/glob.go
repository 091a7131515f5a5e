package images

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// MaxPictures is how many pictures one source can mean. More are rather a mistake
// than a conversation.
const MaxPictures = 100

// maxEntries is how many files a pattern looks at before it is given up.
const maxEntries = 200_000

// errTooWide says that a pattern leads through more files than are worth a wait.
var errTooWide = errors.New("too many files to look through")

// IsPattern tells whether a path has wildcards, and makes sense with them.
func IsPattern(name string) bool {
	_, err := path.Match(name, "")
	return err == nil && strings.ContainsAny(name, "*?[")
}

// Glob returns the files that match a pattern as shells have it: *, ?, […] within a
// name, and ** for any folders in between. Names that begin with a dot are matched
// by such patterns only, folders are none of the files, and a backslash takes a
// character as it is, except on Windows. The files come in the order in which people
// count: img2 before img10. If there are none and a folder could not be looked into,
// that is the error, and so it is if the pattern leads through too many files.
func Glob(ctx context.Context, pattern string) ([]string, error) {
	volume := filepath.VolumeName(pattern)
	rest := filepath.ToSlash(pattern[len(volume):])
	g := globber{ctx: ctx}
	root := volume
	if strings.HasPrefix(rest, "/") {
		root += "/"
	}
	for part := range strings.SplitSeq(rest, "/") {
		again := part == "**" && len(g.parts) > 0 && g.parts[len(g.parts)-1] == "**" // it says no more
		if part != "" && !again {
			g.parts = append(g.parts, part)
		}
	}
	if err := g.walk(root, 0); err != nil {
		return nil, err
	}
	if len(g.found) == 0 {
		return nil, g.shut
	}
	slices.SortFunc(g.found, naturally)
	return slices.Compact(g.found), nil
}

// globber follows a pattern through the folders.
type globber struct {
	ctx   context.Context
	parts []string
	found []string
	seen  int   // entries
	shut  error // of a folder that can't be looked into
}

// walk matches the parts from at on with what is in dir, "" for the working
// directory.
func (g *globber) walk(dir string, at int) error {
	part, last := g.parts[at], at == len(g.parts)-1
	if part == "**" {
		return g.below(dir, at)
	}
	if !IsPattern(part) {
		name := part
		if runtime.GOOS != "windows" {
			name = unescape(part)
		}
		return g.step(dir+name, at, last)
	}
	entries, err := g.list(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if matchName(part, e.Name()) {
			if err := g.step(dir+e.Name(), at, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// step takes a name that matched: a file at the pattern's end, a folder before it.
func (g *globber) step(name string, at int, last bool) error {
	info, err := os.Stat(name)
	switch {
	case err != nil: // a link to nowhere, or not what the pattern wants here
		return nil
	case !last && info.IsDir():
		return g.walk(name+"/", at+1)
	case last && !info.IsDir():
		g.found = append(g.found, filepath.FromSlash(name))
	}
	return nil
}

// below matches what follows a ** in dir and all folders below. It follows no links,
// which may lead in a circle, and leaves out hidden folders.
func (g *globber) below(dir string, at int) error {
	if at == len(g.parts)-1 {
		g.parts = append(slices.Clone(g.parts), "*")
	}
	if err := g.walk(dir, at+1); err != nil {
		return err
	}
	entries, err := g.list(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			if err := g.below(dir+e.Name()+"/", at); err != nil {
				return err
			}
		}
	}
	return nil
}

// list returns what is in a folder. One that can't be read holds nobody up.
func (g *globber) list(dir string) ([]fs.DirEntry, error) {
	if err := g.ctx.Err(); err != nil {
		return nil, err
	}
	name := dir
	if name == "" {
		name = "."
	}
	entries, err := os.ReadDir(name)
	if errors.Is(err, fs.ErrPermission) {
		g.shut = err
	}
	if g.seen += len(entries) + 1; g.seen > maxEntries {
		return nil, errTooWide
	}
	return entries, nil
}

// matchName matches one name with a part of a pattern.
func matchName(part, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(part, ".") {
		return false
	}
	part = strings.ReplaceAll(part, "[!", "[^") // a shell's way to say so
	if runtime.GOOS == "windows" {
		part, name = strings.ToLower(part), strings.ToLower(name)
	}
	ok, err := path.Match(part, name)
	return ok && err == nil
}

// naturally compares names as people sort them: numbers by their value.
func naturally(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		m, n := leadingDigits(x), leadingDigits(y)
		if m == 0 || n == 0 {
			if x[0] != y[0] {
				return int(x[0]) - int(y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:n], "0")
		if c := cmp.Or(len(p)-len(q), strings.Compare(p, q)); c != 0 {
			return c
		}
		x, y = x[m:], y[n:]
	}
	return cmp.Or(len(x)-len(y), strings.Compare(a, b))
}

// leadingDigits is how many digits a text begins with.
func leadingDigits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}
