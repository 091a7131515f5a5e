package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/lazyregexp"
)

// shot is an example of --shot: what is seen, and how that is answered.
type shot struct{ source, answer string }

// readShot reads PICTURE=ANSWER, or PICTURE=@FILE for an answer that is in a file; an answer
// that begins with an @ is written @@.
func readShot(written string) (shot, error) {
	i := endOfPicture(written)
	if i <= 0 || strings.TrimSpace(written[i+1:]) == "" {
		return shot{}, usagef("--shot %q is not PICTURE=ANSWER", written)
	}
	s := shot{written[:i], written[i+1:]}
	switch rest, at := strings.CutPrefix(s.answer, "@"); {
	case at && strings.HasPrefix(rest, "@"):
		s.answer = rest
	case at:
		text, err := readText("answer of a shot", rest)
		if err != nil {
			return s, err
		}
		s.answer = strings.TrimRight(string(text), "\r\n")
	}
	return s, nil
}

// endOfPicture finds the = between a picture and its answer, as either may have others in
// it: behind the longest name of a file, at the end of an address the last one, and
// otherwise the first. Without one it is -1.
func endOfPicture(written string) int {
	if images.IsURL(written) {
		return strings.LastIndexByte(written, '=')
	}
	for i := len(written) - 1; i > 0; i-- {
		if written[i] == '=' && isFile(written[:i]) {
			return i
		}
	}
	return strings.IndexByte(written, '=')
}

// isFile tells whether a source names a file that is there, a part of one, or a pattern that
// some match.
func isFile(source string) bool {
	for _, name := range []string{source, beforePart(source)} {
		for _, path := range images.Paths(name) {
			if _, err := os.Stat(path); err == nil {
				return true
			}
			if found, err := filepath.Glob(path); err == nil && len(found) > 0 {
				return true
			}
		}
	}
	return false
}

// chosenPart is what stands behind the # of a source: pages, frames or moments.
var chosenPart = lazyregexp.New(`^(?i:t=|page=)?[0-9.,:hms -]+$`)

// beforePart is a source without the pages or moments that are meant.
func beforePart(source string) string {
	if i := strings.LastIndexByte(source, '#'); i > 0 && chosenPart().MatchString(source[i+1:]) {
		return source[:i]
	}
	return source
}
