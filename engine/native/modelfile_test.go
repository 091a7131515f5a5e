package native

import (
	"reflect"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
)

func TestModelfileAndPerson(t *testing.T) {
	t.Parallel()
	f := modelfile{system: "Be terse.", stop: []string{"###"}}
	question := engine.Text(engine.User, "Hello?")
	own := engine.Text(engine.System, "Be long.")
	for _, c := range []struct {
		name  string
		given engine.Request
		want  engine.Request
	}{
		{"nothing asked for", engine.Request{Messages: []engine.Message{question}},
			engine.Request{Messages: []engine.Message{engine.Text(engine.System, "Be terse."), question}, Sampling: engine.Sampling{Stop: []string{"###"}}}},
		{"a system message", engine.Request{Messages: []engine.Message{own, question}},
			engine.Request{Messages: []engine.Message{own, question}, Sampling: engine.Sampling{Stop: []string{"###"}}}},
		{"stops", engine.Request{Messages: []engine.Message{own, question}, Sampling: engine.Sampling{Stop: []string{"."}}},
			engine.Request{Messages: []engine.Message{own, question}, Sampling: engine.Sampling{Stop: []string{"."}}}},
	} {
		if got := f.request(c.given); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: the request is %+v", c.name, got)
		}
	}
}

// The model's own system message and stops reach the model: the answer ends where
// the Modelfile says, and the prompt has the message's tokens.
func TestModelfileReachesTheModel(t *testing.T) {
	t.Parallel()
	o := options(t)
	plain := open(t, o)
	o.Model.System, o.Model.Stop = "You are terse.", []string{" a white"}
	laidDown := open(t, o)
	question := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	own := engine.Text(engine.System, o.Model.System)
	without, with := mustAsk(t, plain, greedy, question), mustAsk(t, laidDown, greedy, question)
	stopping := greedy
	stopping.Stop = o.Model.Stop
	if want := mustAsk(t, plain, stopping, own, question); with.text != want.text || with.text == without.text {
		t.Errorf("the answer is %q, want %q, as if it had been asked for; without it is %q", with.text, want.text, without.text)
	}
	counted, err := laidDown.Count(t.Context(), engine.Request{Messages: []engine.Message{question}})
	if err != nil {
		t.Fatal(err)
	}
	if want, err := plain.Count(t.Context(), engine.Request{Messages: []engine.Message{own, question}}); err != nil || !reflect.DeepEqual(counted, want) {
		t.Errorf("counted are %+v, want %+v, %v", counted, want, err)
	}
}

// Adapters that are part of a model come before those that were asked for.
func TestAdaptersOfTheModel(t *testing.T) {
	t.Parallel()
	got := withOwn(models.Model{LoRAs: []string{"/a", "/b"}}, []LoRA{{Path: "/c", Scale: 0.5}})
	if want := []LoRA{{Path: "/a", Scale: 1}, {Path: "/b", Scale: 1}, {Path: "/c", Scale: 0.5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("the adapters are %+v", got)
	}
}
