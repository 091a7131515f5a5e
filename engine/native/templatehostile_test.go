package native

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// withModel is the demo with another model's file.
func withModel(t *testing.T, file []byte) Options {
	t.Helper()
	o := options(t)
	path := filepath.Join(t.TempDir(), "model.gguf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	o.Model = models.Model{Path: path, Projector: o.Model.Projector, EncoderLayers: o.Model.EncoderLayers, Name: "model"}
	return o
}

// A template that is of no use is replaced by that of the model's family, and a
// person is told. The worker does not suffer.
func TestHostileTemplates(t *testing.T) {
	t.Parallel()
	question := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	whole := mustAsk(t, open(t, options(t)), greedy, question)
	for _, c := range hostile.Templates {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			e := open(t, withModel(t, hostile.WithTemplate(c.Source)))
			if got := mustAsk(t, e, greedy, question); got.text != whole.text {
				t.Errorf("the answer is %q, want %q", got.text, whole.text)
			}
			info, err := e.Info(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(info.Note, "The model's own chat template is not used") || !tells(info.Note, c) ||
				!strings.Contains(info.Note, "the one for ChatML stands in") {
				t.Errorf("the note is %q, want %q", info.Note, c.Want)
			}
		})
	}
}

func TestModelWithoutTemplate(t *testing.T) {
	t.Parallel()
	question := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	whole := mustAsk(t, open(t, options(t)), greedy, question)
	e := open(t, withModel(t, hostile.WithoutTemplate()))
	if got := mustAsk(t, e, greedy, question); got.text != whole.text {
		t.Errorf("the answer is %q, want %q", got.text, whole.text)
	}
	info, err := e.Info(t.Context())
	if want := "The model's file has no chat template; the one for ChatML stands in."; err != nil || info.Note != want {
		t.Errorf("the note is %q, %v; want %q", info.Note, err, want)
	}
}

// tells reports whether a text has what is wanted of a template. On a busy machine the
// time that a template may take can be over before the memory is.
func tells(text string, c hostile.Template) bool {
	return strings.Contains(text, c.Want) || strings.Contains(c.Want, "of memory") && strings.Contains(text, "come to an end")
}

// A template that shows its nature in the middle of a chat costs the worker. The
// chat is told what happened, and goes on.
func TestTemplatesThatTurnHostile(t *testing.T) {
	t.Parallel()
	for _, c := range hostile.Sleepers {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			e := open(t, withModel(t, hostile.WithTemplate(c.Source)))
			if got := mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?")); got.text == "" {
				t.Error("there is no answer before")
			}
			_, err := ask(t.Context(), e, greedy, engine.Text(engine.User, "boom"))
			switch {
			case c.Fatal:
				if engine.KindOf(err) != engine.WorkerDied {
					t.Errorf("the error is %v (%s)", err, engine.KindOf(err))
				}
			case engine.KindOf(err) != engine.Failed || !strings.Contains(err.Error(), "the model's chat template") || !tells(err.Error(), c):
				t.Errorf("the error is %v (%s); want %q", err, engine.KindOf(err), c.Want)
			}
			got, err := ask(t.Context(), e, greedy, engine.Text(engine.User, "Who are you?"))
			if engine.KindOf(err) == engine.WorkerDied { // it was ending still
				got, err = ask(t.Context(), e, greedy, engine.Text(engine.User, "Who are you?"))
			}
			if err != nil || got.text == "" {
				t.Errorf("the answer afterwards is %q, %v", got.text, err)
			}
		})
	}
}
