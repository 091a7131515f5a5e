package images

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestFromWindows(t *testing.T) {
	t.Setenv("WSL_DISTRO_NAME", "Debian")
	for written, want := range map[string]string{
		`C:\Users\me\a cat.png`:               "/mnt/c/Users/me/a cat.png",
		`d:/cat.png`:                          "/mnt/d/cat.png",
		`\\wsl.localhost\Debian\home\cat.png`: "/home/cat.png",
		`\\WSL$\debian\home\cat.png`:          "/home/cat.png",
		`\\wsl$\Other\home\cat.png`:           "",
		`\\server\share\cat.png`:              "",
		`\\`:                                  "",
		"/home/cat.png":                       "",
		"C:":                                  "",
		"1:/x.png":                            "",
	} {
		if got := fromWindows(written); got != want {
			t.Errorf("%s: %s, want %s", written, got, want)
		}
	}
}

func TestWithVariables(t *testing.T) {
	t.Setenv("VLMCHAT_TEST_FOLDER", `C:\Users\me`)
	for written, want := range map[string]string{
		`%VLMCHAT_TEST_FOLDER%\a.png`:        `C:\Users\me\a.png`,
		`%VLMCHAT_TEST_FOLDER%\100%.png`:     `%VLMCHAT_TEST_FOLDER%\100%.png`,
		`%VLMCHAT_TEST_NO_SUCH_THING%\a.png`: `%VLMCHAT_TEST_NO_SUCH_THING%\a.png`,
		`a.png`:                              `a.png`,
		`100%`:                               `100%`,
	} {
		if got := withVariables(written); got != want {
			t.Errorf("%s: %s, want %s", written, got, want)
		}
	}
}

func TestLoadAWindowsPathElsewhere(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("here they are paths")
	}
	for _, source := range []string{`C:\no such folder\cat.png`, `"C:\no such folder\cat.png"`, `\\server\share\cat.png`} {
		if _, err := Load(t.Context(), source, Limits{}); reasonOf(err) != Missing || !strings.Contains(err.Error(), "a path of Windows") {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// A part behind a # is a selection only where no file is called so, and there is one
// without it.
func TestLocateASelection(t *testing.T) {
	t.Parallel()
	dir := tree(t, "doc.pdf", "issue#2", "my doc.pdf", "issue", "a.gif", "b.gif")
	locate := func(source string) (string, error) {
		files, err := locate(t.Context(), source)
		var names []string
		for _, f := range files {
			name := filepath.Base(f.path)
			if f.given() {
				name += "#"
			}
			names = append(names, name)
		}
		return strings.Join(names, " "), err
	}
	for source, want := range map[string]string{
		"doc.pdf#2-4":    "doc.pdf#",
		"issue#2":        "issue#2",
		"issue#3":        "issue#",
		"issue#2#1":      "issue#2#",
		"my doc.pdf#2":   "my doc.pdf#",
		"*.gif#t=1s":     "a.gif# b.gif#",
		"doc.pdf#page=2": "doc.pdf#",
	} {
		if got, err := locate(filepath.Join(dir, source)); got != want || err != nil {
			t.Errorf("%s: %s, %v", source, got, err)
		}
		if got, err := locate(`"` + filepath.Join(dir, source) + `"`); got != want || err != nil {
			t.Errorf("%s in quotes: %s, %v", source, got, err)
		}
	}
	if got, err := locate("file://" + filepath.ToSlash(dir) + "/my%20doc.pdf#2"); runtime.GOOS != "windows" && (got != "my doc.pdf#" || err != nil) {
		t.Error(got, err)
	}
	for source, reason := range map[string]Reason{
		"doc.pdf#": BadSelection, "doc.pdf#intro": BadSelection, "doc.pdf#4-2": BadSelection, "*.gif#x": BadSelection,
		"no.pdf#2": Missing, "no*#2": NoMatch,
	} {
		if got, err := locate(filepath.Join(dir, source)); reasonOf(err) != reason {
			t.Errorf("%s: %s, %v", source, got, err)
		}
	}
}

// However a path is written, what is looked for begins with what is written, is never
// nothing twice, and is found out in little time.
func FuzzCandidates(f *testing.F) {
	for _, s := range []string{`'a b'`, `a\ b`, "file:///a%20b#2", `C:\a\b`, `\\wsl$\x\y`, "%HOME%", "~/a", "*.png#2-", "#", "[", `"`, "file://", `\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		all := Paths(source)
		if all[0] != source || len(all) > 8 {
			t.Errorf("%q: %q", source, all)
		}
		for i, path := range all {
			if slices.Contains(all[:i], path) {
				t.Errorf("%q: %q twice", source, path)
			}
		}
		withVariables(source)
		inFolder(source)
		patternIn(source)
		if _, _, err := withSelection(source, source); err != nil && reasonOf(err) != BadSelection {
			t.Error(err)
		}
	})
}

func TestLoadAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, source := range []string{dir, dir + "/", `"` + dir + `"`} {
		if _, err := Load(t.Context(), source, Limits{}); reasonOf(err) != Directory || !strings.HasSuffix(err.Error(), dir+"/* for all") {
			t.Error(err)
		}
	}
}
