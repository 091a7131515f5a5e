package runtimes

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// installedAt puts a runtime into root as an installation does.
func installedAt(t testing.TB, root, folder string) string {
	t.Helper()
	dir := filepath.Join(root, folder)
	writeTree(t, dir, linuxRuntime())
	if err := (manifest{Name: folder, Installed: time.Now()}).write(dir); err != nil {
		t.Fatal(err)
	}
	known(t, root, folder)
	return dir
}

// refuses expects an *engine.Error with all the parts in its message and hint.
func refuses(t *testing.T, err error, kind engine.ErrorKind, parts ...string) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Fatalf("error %v (%s), want kind %s", err, engine.KindOf(err), kind)
	}
	for _, part := range parts {
		if !strings.Contains(e.Message+"\n"+e.Hint, part) {
			t.Errorf("%q with the hint %q does not say %q", e.Message, e.Hint, part)
		}
	}
}

func TestUseRefuses(t *testing.T) {
	t.Parallel()
	h, machineRoot := machine(t, "linux")
	root := t.TempDir()
	installedAt(t, root, "good")
	bad := t.TempDir()
	writeTree(t, bad, with(linuxRuntime(), "libmtmd.so.0", nil))
	absent := filepath.Join(root, "absent")

	_, err := use(h, root, bad)
	refuses(t, err, engine.RuntimeIncompatible, bad, "not libmtmd", "vlmchat runtime install")
	_, err = use(h, root, absent)
	refuses(t, err, engine.RuntimeMissing, absent, "vlmchat runtime install")
	_, err = use(h, absent, "")
	refuses(t, err, engine.RuntimeMissing, "no llama.cpp runtime is installed", "vlmchat runtime install")

	// What others put there is never taken, but told.
	brew := filepath.Join(machineRoot, "home", "linuxbrew", ".linuxbrew", "lib")
	writeTree(t, brew, linuxRuntime())
	writeTree(t, filepath.Join(machineRoot, "usr", "lib"), with(linuxRuntime(), "libmtmd.so.0", nil))
	_, err = use(h, absent, "")
	refuses(t, err, engine.RuntimeMissing, "no llama.cpp runtime is installed; found elsewhere, but never chosen: llama.cpp (Homebrew)",
		"vlmchat runtime install", "vlmchat runtime use "+brew)
	var e *engine.Error
	if errors.As(err, &e) && strings.Contains(e.Hint, filepath.Join("usr", "lib")) {
		t.Errorf("one that can't be used is offered: %q", e.Hint)
	}
	if r, err := use(h, root, ""); err != nil || r.Source != Installed {
		t.Errorf("uses %+v (%v), want the installed one", r, err)
	}
	if r, err := use(h, root, brew); err != nil || r.Dir != brew || !r.Trusted {
		t.Errorf("named, it is %+v (%v)", r, err)
	}
}

// What lies in the data directory and was not put there by Install, or by one
// that noted nothing, is not used on its own either.
func TestUnknownContents(t *testing.T) {
	t.Parallel()
	h, root := linuxHost(t), t.TempDir()
	dir := filepath.Join(root, "by hand")
	writeTree(t, dir, linuxRuntime())
	_, err := use(h, root, "")
	refuses(t, err, engine.RuntimeMissing, dir, "is not known", "vlmchat runtime install", "vlmchat runtime use 'by hand'")
	r, err := resolve(h, root, "by hand")
	if err != nil || r.Trusted {
		t.Fatalf("resolved %+v (%v)", r, err)
	}
	if err := remember(root, r); err != nil {
		t.Fatal(err)
	}
	if r, err := use(h, root, ""); err != nil || r.Dir != dir || !r.Trusted || !r.Chosen {
		t.Errorf("chosen, it is %+v (%v)", r, err)
	}
}

func TestChoice(t *testing.T) {
	t.Parallel()
	h, machineRoot := machine(t, "linux")
	root := filepath.Join(t.TempDir(), "data", "runtimes")
	first, second := installedAt(t, root, "first"), installedAt(t, root, "second")
	brew := filepath.Join(machineRoot, "home", "linuxbrew", ".linuxbrew", "lib")
	writeTree(t, brew, linuxRuntime())
	own := filepath.Join(t.TempDir(), "it's mine")
	writeTree(t, own, linuxRuntime())

	for _, test := range []struct {
		what, dir string
		source    Source // of it in a list
	}{
		{"first", first, Installed},
		{second, second, Installed},
		{brew, brew, Homebrew},
		{"homebrew", brew, Homebrew},
		{"Llama.cpp", brew, Homebrew},
		{own, own, Chosen},
		{filepath.Join(own, "libllama.so.0"), own, Chosen},
	} {
		r, err := resolve(h, root, test.what)
		if err != nil || r.Dir != test.dir {
			t.Fatalf("%s means %+v (%v)", test.what, r, err)
		}
		if err := remember(root, r); err != nil {
			t.Fatal(err)
		}
		if r, err := use(h, root, ""); err != nil || r.Dir != test.dir || !r.Chosen || !r.Trusted {
			t.Errorf("%s chosen, but %+v used (%v)", test.what, r, err)
		}
		found, err := find(h, root, "")
		if err != nil || len(found) == 0 || found[0].Dir != test.dir || found[0].Source != test.source || !found[0].Chosen {
			t.Fatalf("%s chosen, but found is %+v (%v)", test.what, found, err)
		}
		for _, other := range found[1:] {
			if other.Dir == test.dir || other.Chosen {
				t.Errorf("%s is found again: %+v", test.what, other)
			}
		}
		if r, err := use(h, root, first); err != nil || r.Dir != first {
			t.Errorf("%s chosen, first named: %+v (%v)", test.what, r, err)
		}
	}
	info, err := os.Stat(filepath.Join(root, choiceFile))
	if err != nil || canSymlink && info.Mode().Perm() != 0o600 {
		t.Errorf("the choice's file: %v %v", info, err)
	}

	// One that vanished is an error, not another one.
	if err := os.RemoveAll(own); err != nil {
		t.Fatal(err)
	}
	_, err = use(h, root, "")
	refuses(t, err, engine.RuntimeMissing, own+", which 'vlmchat runtime use' chose,", "no such folder", "vlmchat runtime use auto")
	if found, err := find(h, root, ""); err != nil || found[0].Problem == nil || !found[0].Chosen {
		t.Errorf("found %+v (%v)", found, err)
	}
	if err := errors.Join(forget(root), forget(root)); err != nil {
		t.Error(err)
	}
	if r, err := use(h, root, ""); err != nil || r.Source != Installed || r.Chosen {
		t.Errorf("forgotten, but %+v used (%v)", r, err)
	}

	for _, damaged := range []string{"{", `{"installed":"../first"}`, `{"installed":".."}`} {
		writeTree(t, root, map[string][]byte{choiceFile: []byte(damaged)})
		_, err = use(h, root, "")
		refuses(t, err, engine.RuntimeMissing, choiceFile, "vlmchat runtime use auto")
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	h, root := linuxHost(t), t.TempDir()
	for _, folder := range []string{"a", "b"} {
		if err := (manifest{Name: "llama.cpp b1", Installed: time.Now()}).write(filepath.Dir(installedAt(t, root, folder))); err != nil {
			t.Fatal(err)
		}
		if err := (manifest{Name: "llama.cpp b1"}).write(filepath.Join(root, folder)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := resolve(h, root, "llama.cpp b1")
	refuses(t, err, engine.RuntimeMissing, "several", filepath.Join(root, "a"), filepath.Join(root, "b"))
	_, err = resolve(h, root, "nonesuch")
	refuses(t, err, engine.RuntimeMissing, `no llama.cpp runtime called "nonesuch"`, "vlmchat runtime list")
	r, err := resolve(h, root, filepath.Join(root, "nonesuch"))
	if err != nil || r.Problem == nil {
		t.Errorf("a path that isn't there: %+v (%v)", r, err)
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	if !canSymlink { // a shell of Windows quotes in its own way
		return
	}
	for in, want := range map[string]string{"/opt/x-1.0": "/opt/x-1.0", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$(x)": "'$(x)'"} {
		if got := shellQuote(in); got != want {
			t.Errorf("%q is quoted %s, want %s", in, got, want)
		}
	}
}
