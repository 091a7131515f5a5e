package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/images"

	"github.com/vlmchat/vlmchat/testprogram"
)

// copying puts a program before others that stands for the clipboard: xclip, with
// what a clipboard has in each of its types.
func copying(t *testing.T, types map[string]string) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\ncase \"$5\" in\nTARGETS) echo " + "TARGETS; "
	for kind := range types {
		script += "echo '" + kind + "'; "
	}
	script += ";;\n"
	for kind, file := range types {
		script += fmt.Sprintf("'%s') exec cat '%s' ;;\n", kind, file)
	}
	script = strings.ReplaceAll(script, "; ;;", ";;") + "*) exit 1 ;;\nesac\n"
	testprogram.Write(t, filepath.Join(dir, "xclip"), []byte(script))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("DISPLAY", ":99")
	for _, other := range []string{"WAYLAND_DISPLAY", "SSH_TTY", "SSH_CONNECTION"} {
		t.Setenv(other, "")
	}
}

func TestFromClipboard(t *testing.T) {
	picture := sample(t, "scene-01.png")
	text := func(s string) string {
		path := filepath.Join(t.TempDir(), "text")
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		types  map[string]string
		source string
		err    string
	}{
		"a picture":      {map[string]string{"image/png": picture, "text/html": text("<img>")}, "clipboard", ""},
		"a file":         {map[string]string{"text/uri-list": text("file://" + picture + "\r\n")}, "file://" + picture, ""},
		"a path":         {map[string]string{"UTF8_STRING": text(picture + "\n")}, picture, ""},
		"words":          {map[string]string{"UTF8_STRING": text("some words")}, "", "clipboard: it holds text, not a picture"},
		"no picture":     {map[string]string{"image/png": text("no picture")}, "", "clipboard: not a picture: it looks like text"},
		"nothing":        {nil, "", "clipboard: it holds neither a picture nor files nor text"},
		"a missing file": {map[string]string{"text/uri-list": text("file:///missing.png")}, "", "file:///missing.png: no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			copying(t, c.types)
			a := &app{loader: &images.Loader{}}
			got, err := a.fromClipboard(t.Context())
			switch {
			case c.err == "" && (err != nil || len(got) != 1 || got[0].Source != c.source || got[0].Width != 640):
				t.Error(got, err)
			case c.err != "" && (err == nil || err.Error() != c.err || exitCode(err) != exitPicture):
				t.Error(got, err)
			}
		})
	}
}
