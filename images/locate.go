package images

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// file is one that a source means, and which of its pictures.
type file struct {
	name string // for people
	path string
	selection
	loose bool // it came by a pattern that asks for no kind of file
}

// locate finds the files that a source means: a file of just this name, or else one
// with a selection behind a #, or else those that match a pattern. The error is an
// *Error, or wraps ctx's.
func locate(ctx context.Context, source string) ([]file, error) {
	all := Paths(source)
	var why error // there is none: of the likeliest path, or that it can't be looked at
	for _, path := range all {
		_, err := os.Stat(path)
		if err == nil {
			return []file{{name: source, path: path}}, nil
		}
		if why == nil || errors.Is(why, fs.ErrNotExist) && !errors.Is(err, fs.ErrNotExist) {
			why = err
		}
	}
	for _, path := range all {
		f, ok, err := withSelection(source, path)
		if ok || err != nil {
			return []file{f}, err
		}
	}
	if pattern, ok := patternIn(source); ok && !errors.Is(why, fs.ErrPermission) {
		return matching(ctx, source, pattern)
	}
	return nil, pathError(source, why)
}

// withSelection takes the part behind the last # as a selection, if there is a file
// that is called as what stands before it.
func withSelection(source, path string) (file, bool, error) {
	at := strings.LastIndexByte(path, '#')
	if at < 1 {
		return file{}, false, nil
	}
	for _, plain := range Paths(path[:at]) {
		if _, err := os.Stat(plain); err != nil {
			continue
		}
		chosen, err := parseSelection(path[at+1:])
		if err != nil {
			return file{}, false, badSelection(source, err)
		}
		return file{name: path[:at], path: plain, selection: chosen}, true, nil
	}
	return file{}, false, nil
}

// badSelection says what is wrong with the part behind the #, and how one is written.
func badSelection(source string, err error) error {
	return notThere(source, fmt.Errorf("%w (%s)", err, howToSelect))
}

// notThere says why a selection that makes sense is nothing that this file has.
func notThere(source string, err error) error {
	return &Error{Source: source, Reason: BadSelection, Detail: err.Error()}
}

// patternIn returns the path with wildcards that source means. A file:// URL is
// none: it names one file.
func patternIn(source string) (string, bool) {
	s := unquoted(strings.TrimSpace(source))
	_, isURL := fileURL(s)
	return home(s), !isURL && IsPattern(s)
}

// matching returns the files that a pattern means, which may have a selection for
// all of them behind it.
func matching(ctx context.Context, source, pattern string) ([]file, error) {
	var chosen selection
	found, err := Glob(ctx, pattern)
	if at := strings.LastIndexByte(pattern, '#'); at > 0 && err == nil && len(found) == 0 {
		if chosen, err = parseSelection(pattern[at+1:]); err != nil {
			return nil, badSelection(source, err)
		}
		pattern = pattern[:at]
		found, err = Glob(ctx, pattern)
	}
	switch {
	case errors.Is(err, errTooWide):
		return nil, &Error{Source: source, Reason: TooMany, Err: err, Detail: "this pattern leads through too many folders; begin it further down"}
	case errors.Is(err, fs.ErrPermission):
		return nil, pathError(source, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", printable(source), err)
	case len(found) == 0:
		return nil, &Error{Source: source, Reason: NoMatch, Detail: "no file matches this pattern"}
	}
	// *.jpg says which kind of file is meant, * and *.* do not.
	loose := strings.Trim(filepath.Ext(pattern), ".*?") == ""
	var files []file
	for _, path := range found {
		files = append(files, file{name: path, path: path, selection: chosen, loose: loose})
	}
	return files, nil
}

// tooMany refuses a source that means more pictures than a conversation takes.
func tooMany(source, found string) error {
	return &Error{Source: source, Reason: TooMany, Detail: fmt.Sprintf("%s, and at most %d pictures are taken at once; name fewer", found, MaxPictures)}
}
