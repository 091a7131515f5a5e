package images

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Paths returns the paths that a person may mean by what was typed, pasted
// or dragged, the likeliest first: the words as they are (a file may well be
// called "it's"), then without quotes, file://, ~ and backslashes, then what is
// Windows's on this machine.
func Paths(source string) []string {
	all := []string{source}
	add := func(path string) {
		if path != "" && !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	s := strings.TrimSpace(source)
	add(home(s))
	s = unquoted(s)
	add(home(s))
	if p, ok := fileURL(s); ok {
		add(p)
		return all
	}
	if runtime.GOOS == "windows" {
		add(withVariables(s))
		return all
	}
	add(home(unescape(s)))
	add(fromWindows(s))
	return all
}

// unquoted takes away the quotes around a text.
func unquoted(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

// withVariables puts the values in the place of %NAME%, as Windows does in most
// places where one types a path.
func withVariables(s string) string {
	parts := strings.Split(s, "%")
	for i := 1; i+1 < len(parts); i += 2 {
		value, ok := os.LookupEnv(parts[i])
		if !ok {
			return s
		}
		parts[i] = value
	}
	if len(parts)%2 == 0 {
		return s
	}
	return strings.Join(parts, "")
}

// isWindowsPath recognises C:\… and \\server\….
func isWindowsPath(s string) bool {
	drive := len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') && strings.ContainsRune(letters, rune(s[0]|0x20))
	return drive || strings.HasPrefix(s, `\\`)
}

const letters = "abcdefghijklmnopqrstuvwxyz"

// fromWindows returns the place of a Windows path in Linux on Windows (WSL), "" for
// what is none: C:\ is /mnt/c there, and \\wsl.localhost\NAME\ is its root.
func fromWindows(s string) string {
	if !isWindowsPath(s) {
		return ""
	}
	s = strings.ReplaceAll(s, `\`, "/")
	if s[1] == ':' {
		return "/mnt/" + strings.ToLower(s[:1]) + s[2:]
	}
	host, rest, _ := strings.Cut(s[2:], "/")
	name, path, _ := strings.Cut(rest, "/")
	here := os.Getenv("WSL_DISTRO_NAME")
	if here != "" && strings.EqualFold(name, here) && (strings.EqualFold(host, "wsl.localhost") || strings.EqualFold(host, "wsl$")) {
		return "/" + path
	}
	return ""
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
