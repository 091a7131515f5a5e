package ui

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// Whoever names a model, a folder or a message of old may have written more than letters.
// None of it reaches the terminal.
func TestForeignNames(t *testing.T) {
	t.Parallel()
	const evil = "two\x1b]0;owned\a\u202e"
	one, two := newServer("one", say("First.")), newServer(evil, say("Second."))
	p := open(t, Options{Setup: between(one, map[string]engine.Engine{"moondream:latest": two})})
	safe := func(where string) {
		t.Helper()
		if raw := p.m.View().Content; strings.ContainsAny(raw, "\a\u202e") || strings.Contains(raw, "\x1b]") {
			t.Errorf("%s: %q", where, raw)
		}
	}
	p.sees("one · ollama")
	p.asks("What?")
	p.enter("/compare moondream:latest")
	p.sees("Second.")
	safe("a column")
	p.until("the end", func() bool { return !p.m.comparison.grows() })
	p.write("2")
	p.sees("the answer of two stands")
	safe("what is said once")

	p.m.composer.set("a\tb" + evil)
	safe("what was sent before")
	p.m.composer.set("/model t")
	p.m.completing.names, p.m.completing.asked = map[kind][]suggestion{models: {{name: evil, text: evil}}}, map[kind]int{models: p.m.turn}
	p.press(keyTab)
	if got := p.m.composer.value(); got != "/model two " {
		t.Errorf("completed to %q", got)
	}
	safe("a name that is completed")

	if runtime.GOOS == "windows" {
		return // where no folder can be called so
	}
	dir := filepath.Join(t.TempDir(), evil)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	p.run(p.m.openPictures(dir))
	p.sees("Pictures in")
	safe("a folder's name")
}
