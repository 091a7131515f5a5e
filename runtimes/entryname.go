package runtimes

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"
)

// maxName bounds a path in an archive, and a link's target.
const maxName = 1024

// canSymlink is false where making a link takes rights that most don't have.
const canSymlink = runtime.GOOS != "windows"

// entryName checks the name of an archive's entry and returns it clean, with
// slashes and without a leading "./". The rules are the same on every system,
// so that an archive that is refused on one is refused on all.
func entryName(name string) (string, error) {
	refused := func(why string) (string, error) {
		if len(name) > 100 {
			name = name[:100] + "…"
		}
		return "", fmt.Errorf("%q %s", name, why)
	}
	switch {
	case name == "":
		return refused("is no name")
	case len(name) > maxName:
		return refused("is too long a name")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return refused("is no proper name")
	case strings.ContainsAny(name, `\:`):
		return refused("is no portable name")
	case strings.HasPrefix(name, "/"):
		return refused("is an absolute path")
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return refused("points outside")
		}
	}
	clean := path.Clean(name)
	if !filepath.IsLocal(filepath.FromSlash(clean)) {
		return refused("points outside")
	}
	return clean, nil
}

// checkTarget checks a symbolic link. Its ".." may only come first, where they
// climb from the link's own, real folder; behind the name of another link they
// would climb from wherever that one leads.
func checkTarget(name, target string) error {
	switch {
	case target == "" || len(target) > maxName || strings.ContainsAny(target, "\x00\\:"):
		return fmt.Errorf("%q is a link to an improper name", name)
	case strings.HasPrefix(target, "/"), climbsLate(target),
		!filepath.IsLocal(filepath.FromSlash(path.Join(path.Dir(name), target))):
		return fmt.Errorf("%q is a link to %q, which is outside", name, target)
	}
	return nil
}

// climbsLate reports a ".." behind a name.
func climbsLate(target string) bool {
	named := false
	for part := range strings.SplitSeq(target, "/") {
		if part == ".." && named {
			return true
		}
		named = named || part != ".." && part != "." && part != ""
	}
	return false
}
