//go:build unix

package viewer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testprogram"
)

// A file's name is one argument, whatever is in it, and what a program says does not
// get onto the screen.
func TestStart(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	took := filepath.Join(folder, "took")
	program := filepath.Join(folder, "xdg-open")
	script := "#!/bin/sh\necho loud; test $# = 1 && printf %s \"$1\" >'" + took + "'\n"
	testprogram.Write(t, program, []byte(script))
	const name = "/x/$(touch y); 'a' & \"b\"\n.png"
	if err := start(t.Context(), program, name); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(took); err != nil || string(got) != name {
		t.Errorf("it got %q, %v", got, err)
	}
	testprogram.Write(t, program, []byte("#!/bin/sh\nexit 3\n"))
	if err := start(t.Context(), program, name); err == nil || !strings.Contains(err.Error(), "xdg-open found no program") {
		t.Error(err)
	}
	if err := start(t.Context(), "/nowhere/xdg-open", name); err == nil || !strings.Contains(err.Error(), "can't be run") {
		t.Error(err)
	}
}
