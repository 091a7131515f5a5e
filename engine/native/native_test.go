package native

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

// The tests' executable serves as the worker, as vlmchat's own does.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == WorkerCommand {
		os.Exit(WorkerMain(os.Stdin))
	}
	os.Exit(m.Run())
}

func TestQuick(t *testing.T) {
	rt, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := models.Find("", "")
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{Model: m, Runtime: rt, KeepAlive: time.Second})
	defer e.Close()
	p, err := images.Load(context.Background(), "../../testdata/tinyvlm/samples/scene-01.png", images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	msgs := []engine.Message{engine.Ask("Describe this image.", p)}
	for range 2 {
		out := ""
		for ev, err := range e.Chat(context.Background(), engine.Request{Messages: msgs, Sampling: engine.Sampling{MaxTokens: 100}}) {
			if err != nil {
				t.Fatal(err)
			}
			if ev.Kind == engine.Delta {
				out += ev.Text
			}else {
				t.Logf("%+v %+v", ev, ev.Usage)
			}
		}
		t.Log(out)
		msgs = append(msgs, engine.Text(engine.Assistant, out), engine.Text(engine.User, "What color is the digit?"))
	}
	info, err := e.Info(context.Background())
	t.Logf("%+v %v", info, err)
}
