package images

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// candidates returns the paths that a person may mean by what was typed, pasted
// or dragged, the likeliest first: the words as they are (a file may well be
// called "it's"), then without quotes, file://, ~ and backslashes.
func candidates(source string) []string {
	all := []string{source}
	add := func(path string) {
		for _, p := range all {
			if p == path {
				return
			}
		}
		if path != "" {
			all = append(all, path)
		}
	}
	s := strings.TrimSpace(source)
	add(home(s))
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		s = s[1 : n-1]
		add(home(s))
	}
	if p, ok := fileURL(s); ok {
		add(p)
		return all
	}
	if runtime.GOOS != "windows" {
		add(home(unescape(s)))
	}
	return all
}

// home puts the person's home directory in the place of a leading ~.
func home(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return path
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(dir, rest)
}

// unescape takes away the backslashes that terminals put before spaces and
// brackets of a dragged file's name.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// fileURL returns the path of a file:// URL (RFC 8089) on this machine.
func fileURL(s string) (string, bool) {
	if len(s) < 7 || !strings.EqualFold(s[:7], "file://") {
		return "", false
	}
	rest := s[7:]
	if host, path, ok := strings.Cut(rest, "/"); ok && (host == "" || strings.EqualFold(host, "localhost")) {
		rest = "/" + path
	}
	if p, err := url.PathUnescape(rest); err == nil {
		rest = p
	}
	// file:///C:/pictures/cat.png
	if runtime.GOOS == "windows" && len(rest) > 2 && rest[0] == '/' && rest[2] == ':' {
		rest = rest[1:]
	}
	return filepath.FromSlash(rest), true
}
