package cli

import (
	"context"
	"os"

	"github.com/vlmchat/vlmchat/images/clipboard"
)

// checkClipboard says by what means the clipboard could be read. It is not read:
// what was copied is nobody's business.
func (d *doctor) checkClipboard(context.Context) []check {
	by, err := clipboard.By()
	return []check{judgeClipboard(by, err, isTerminal(d.stdin) && clipboard.Speaks(os.Getenv))}
}

func judgeClipboard(by string, err error, terminal bool) check {
	switch {
	case err == nil:
		return fine("clipboard", "%s", by)
	case terminal:
		return note("clipboard", "the terminal's, if it tells: %v", err)
	}
	return note("clipboard", "none: %v", err)
}
