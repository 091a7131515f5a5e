package native

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// withFile is the demo model with one of its two files replaced.
func withFile(t *testing.T, c hostile.Case, projector bool) Options {
	t.Helper()
	o := options(t)
	path := filepath.Join(t.TempDir(), "hostile.gguf")
	if err := os.WriteFile(path, c.Make(), 0o600); err != nil {
		t.Fatal(err)
	}
	if projector {
		o.Model = models.Model{Path: o.Model.Path, Projector: path, EncoderLayers: o.Model.EncoderLayers}
	} else {
		o.Model = models.Model{Path: path}
	}
	return o
}

// Our own check stands before llama.cpp in the worker (its table is in package
// models), and what it leaves to llama.cpp is refused as well.
func TestHostileFilesAreRefused(t *testing.T) {
	t.Parallel()
	try := func(name string, projector bool, cases ...hostile.Case) {
		for _, c := range cases {
			t.Run(name+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				o := withFile(t, c, projector)
				_, err := open(t, o).Info(t.Context())
				if engine.KindOf(err) != engine.ModelInvalid || !strings.Contains(err.Error(), c.Want) || !strings.Contains(err.Error(), "hostile.gguf") {
					t.Errorf("the error is %v (%s); want %q", err, engine.KindOf(err), c.Want)
				}
			})
		}
	}
	try("checked model", false, hostile.Models[0], hostile.Files[5])
	try("checked projector", true, hostile.Projectors[0], hostile.Files[5])
	try("model", false, hostile.RefusedModels...)
	try("projector", true, hostile.RefusedProjectors...)
}

// What nobody can see beforehand costs a worker, and the next question on
// another model has its answer.
func TestHostileFilesCostTheWorkerOnly(t *testing.T) {
	t.Parallel()
	picture := sample(t, "scene-01.png")
	good := open(t, options(t))
	whole := mustAsk(t, good, greedy, engine.Ask("Describe this image.", picture))
	try := func(projector bool, cases []hostile.Case) {
		for _, c := range cases {
			message := engine.Text(engine.User, "Who are you?")
			if projector {
				message = engine.Ask("Describe this image.", picture)
			}
			o := withFile(t, c, projector)
			_, err := ask(t.Context(), open(t, o), greedy, message)
			var died *engine.Error
			if !errors.As(err, &died) || died.Kind != engine.WorkerDied && died.Kind != engine.Unreachable || !strings.Contains(died.Message, c.Want) {
				t.Errorf("%s: the error is %v (%s); want %q", c.Name, err, engine.KindOf(err), c.Want)
			}
			if again := mustAsk(t, good, greedy, engine.Ask("Describe this image.", picture)); again.text != whole.text {
				t.Errorf("after %s the good model answers %q", c.Name, again.text)
			}
		}
	}
	try(false, hostile.FatalModels)
	try(true, hostile.FatalProjectors)
}
