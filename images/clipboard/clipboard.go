// Package clipboard reads what a person copied, a picture, files, or text, and
// copies texts for them.
//
// Where the system has the clipboard behind an API, that is used (Windows);
// elsewhere the programs that people use themselves are run (wl-paste, xclip,
// osascript; to write wl-copy, xclip, xsel, pbcopy), without a shell and within
// limits. Where neither is there, as over ssh, the terminal can be asked: its
// clipboard is the one that the person copied into (Terminal).
package clipboard

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// Content is what a clipboard holds that can be of use here: one of the three.
type Content struct {
	Picture []byte   // a picture file
	Sources []string // paths or file:// and web addresses, as a file manager copies them
	Text    string
}

// ErrEmpty says that the clipboard holds nothing.
var ErrEmpty = errors.New("nothing was copied")

// ErrOther says that the clipboard holds something that is of no use here.
var ErrOther = errors.New("it holds neither a picture nor files nor text")

// NoAccess says why the clipboard can't be read from here. The terminal may be
// able to.
type NoAccess struct{ Detail string }

// Error says what is missing, and what would help.
func (e *NoAccess) Error() string { return e.Detail }

const (
	// maxTime is how long a program may take.
	maxTime = 5 * time.Second
	// maxBytes is how much it may hold: as much as a picture's file.
	maxBytes = 100 << 20
)

// Read returns what the clipboard of this machine holds. A *NoAccess is returned
// where it can't be known, or is another machine's than the person sits at.
func Read(ctx context.Context) (Content, error) {
	m, err := here().choose()
	if err != nil {
		return Content{}, err
	}
	return m.read(ctx)
}

// ReadAnywhere is Read, or asks the terminal where that can't tell and the terminal of
// programs with this environment may: by Terminal.Read or FromConsole.
func ReadAnywhere(ctx context.Context, env func(string) string, ask func(context.Context, func(string) string) (Content, error)) (Content, error) {
	c, err := Read(ctx)
	if none := (*NoAccess)(nil); !errors.As(err, &none) || !Speaks(env) {
		return c, err
	}
	asked, failed := ask(ctx, env)
	if none := (*NoAccess)(nil); errors.As(failed, &none) {
		return Content{}, &NoAccess{err.Error() + "; " + none.Detail}
	}
	return asked, failed
}

// By says what Read reads with, or returns its *NoAccess.
func By() (string, error) {
	m, err := here().choose()
	return m.name, err
}

// here is where this process runs.
func here() surroundings {
	return surroundings{os: runtime.GOOS, env: os.Getenv, find: exec.LookPath}
}
