//go:build unix

package clipboard

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testprogram"
)

func TestWayland(t *testing.T) {
	t.Parallel()
	read := wayland(testprogram.Script(t, "wl-paste", `case "$*" in
--list-types) printf 'text/plain\nimage/png\n' ;;
"--no-newline --type image/png") printf 'a\n\0b' ;;
*) exit 9 ;;
esac`))
	if got, err := read(t.Context()); err != nil || string(got.Picture) != "a\n\x00b" {
		t.Errorf("%q %v", got.Picture, err)
	}
	empty := wayland(testprogram.Script(t, "wl-paste", "echo 'Nothing is copied' >&2; exit 1"))
	if _, err := empty(t.Context()); !errors.Is(err, ErrEmpty) {
		t.Error(err)
	}
	broken := wayland(testprogram.Script(t, "wl-paste", "echo 'Failed to connect to a Wayland server: No such file' >&2; echo more >&2; exit 1"))
	_, err := broken(t.Context())
	if none := (*NoAccess)(nil); !errors.As(err, &none) || none.Detail != "wl-paste failed: Failed to connect to a Wayland server: No such file" {
		t.Error(err)
	}
}

func TestX11(t *testing.T) {
	t.Parallel()
	read := x11(testprogram.Script(t, "xclip", `case "$*" in
*TARGETS) printf 'TARGETS\nx-special/gnome-copied-files\ntext/uri-list\nUTF8_STRING\n' ;;
*x-special/gnome-copied-files) printf 'copy\nfile:///a%%20b.png' ;;
*) exit 9 ;;
esac`))
	if got, err := read(t.Context()); err != nil || !slices.Equal(got.Sources, []string{"file:///a%20b.png"}) {
		t.Errorf("%q %v", got, err)
	}
	empty := x11(testprogram.Script(t, "xclip", "echo 'Error: target TARGETS not available' >&2; exit 1"))
	if _, err := empty(t.Context()); !errors.Is(err, ErrEmpty) {
		t.Error(err)
	}
	closed := x11(testprogram.Script(t, "xclip", `echo "Error: Can't open display: :9" >&2; exit 1`))
	_, err := closed(t.Context())
	if none := (*NoAccess)(nil); !errors.As(err, &none) || !strings.Contains(none.Detail, "Can't open display") {
		t.Error(err)
	}
}

func TestOsascript(t *testing.T) {
	t.Parallel()
	for printed, want := range map[string]Content{
		`'picture\nP\n\000G\n'`:         {Picture: []byte("P\n\x00G")},
		`'files\n/a b.png\000/c.png\n'`: {Sources: []string{"/a b.png", "/c.png"}},
		`'text\nhow are you\n'`:         {Text: "how are you"},
	} {
		read := osascript(testprogram.Script(t, "osascript", `test "$1 $2 $3" = "-l JavaScript -e" && printf `+printed))
		got, err := read(t.Context())
		if err != nil || string(got.Picture) != string(want.Picture) || got.Text != want.Text || !slices.Equal(got.Sources, want.Sources) {
			t.Errorf("%s: %q %v", printed, got, err)
		}
	}
	for printed, want := range map[string]error{`'nothing\n\n'`: ErrEmpty, `'other\n\n'`: ErrOther, `'text\n\n'`: ErrEmpty} {
		if _, err := osascript(testprogram.Script(t, "osascript", "printf "+printed))(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: %v", printed, err)
		}
	}
}

// What a program may print, and how long it may take, is bounded.
func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	if _, err := output(t.Context(), testprogram.Script(t, "endless", "exec head -c 200000000 /dev/zero")); !errors.Is(err, errTooMuch) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	path := testprogram.Script(t, "hangs", "exec sleep 60")
	go cancel()
	if _, err := output(ctx, path); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := output(t.Context(), "/nowhere/xclip"); err == nil || !strings.HasPrefix(err.Error(), "xclip can't be run") {
		t.Error(err)
	}
}

// A text goes to a program as its input, where no list of processes shows it, and a
// program that leaves another one behind with its output is not waited for.
func TestFeeding(t *testing.T) {
	t.Parallel()
	took := filepath.Join(t.TempDir(), "took")
	write := feeding(testprogram.Script(t, "xclip", `test "$*" = "-selection clipboard -in" && cat >"`+took+`" && (sleep 5 &)`), "-selection", "clipboard", "-in")
	const text = "a 'text'\n\x00 with 红色 $(in) it"
	if err := write(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(took); err != nil || string(got) != text {
		t.Errorf("took %q %v", got, err)
	}
	closed := feeding(testprogram.Script(t, "xclip", `echo "Error: Can't open display: :9" >&2; exit 1`))
	if err := closed(t.Context(), text); err == nil || err.Error() != "xclip failed: Error: Can't open display: :9" {
		t.Error(err)
	}
	if err := feeding("/nowhere/wl-copy")(t.Context(), text); err == nil || !strings.HasPrefix(err.Error(), "wl-copy can't be run") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if err := feeding(testprogram.Script(t, "hangs", "exec sleep 60"))(ctx, text); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
