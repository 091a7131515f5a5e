package native

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// The conversations that every engine has to get right, with a worker.
func TestConversations(t *testing.T) {
	t.Parallel()
	o := options(t)
	enginetest.Run(t, enginetest.Subject{
		Name: "native", Model: "tiny-vlm",
		Open:    func(t testing.TB) engine.Engine { return open(t, o) },
		Endless: endlessWorker,
		Blind: func(t testing.TB) engine.Engine {
			o := options(t)
			o.Model.Projector = ""
			return open(t, o)
		},
		Unknown: func(t testing.TB, name string) engine.Engine {
			o := options(t)
			o.Model = models.Model{Path: filepath.Join(t.TempDir(), name+".gguf"), Name: name}
			return open(t, o)
		},
		Without: map[string]string{
			"model list":   "models are files, which package models finds",
			"take picture": "a worker takes pictures of any size, as pixels and once",
			"wrong key":    "a worker listens where only its user can connect, and wants no key",
		},
	})
}

// endlessWorker has a worker whose model goes on until it is told to stop.
func endlessWorker(t testing.TB) *enginetest.Endless {
	t.Helper()
	o := options(t)
	o.Model = models.Model{Path: filepath.Join(t.TempDir(), "endless.gguf"), Projector: o.Model.Projector, Name: "endless"}
	if err := os.WriteFile(o.Model.Path, tinyvlm.Endless(), 0o600); err != nil {
		t.Fatal(err)
	}
	o.ContextSize = 32768
	e := open(t, o)
	return &enginetest.Endless{
		Engine: e,
		Reopen: func(t testing.TB) engine.Engine { return open(t, o) },
		Busy:   func(t testing.TB) bool { return computes(t, e.spec.key()) },
		Kill: func(t testing.TB) {
			if c := e.current(); c == nil || !c.peer.kill() {
				t.Error("the worker can't be killed")
			}
		},
	}
}

// computes tells whether the worker of a spec is there and at work, as it says
// itself.
func computes(t testing.TB, key string) bool {
	t.Helper()
	workers, err := Workers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range workers {
		if w.key == key {
			return w.Busy || w.Silent
		}
	}
	return false
}
