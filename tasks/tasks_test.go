package tasks

import (
	"context"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

// The tests' executable serves as the native engine's worker.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == native.WorkerCommand {
		os.Exit(native.WorkerMain(os.Stdin))
	}
	dir, err := os.MkdirTemp("", "vlm")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_RUNTIME_DIR", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func openNative(t testing.TB) *native.Engine {
	t.Helper()
	libraries, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	model, err := models.Find("", "")
	if err != nil {
		t.Fatal(err)
	}
	e := native.New(native.Options{Model: model, Runtime: libraries, Threads: 1})
	t.Cleanup(func() { e.Close() })
	return e
}

// scenes is the folder of the scenes that are judged: the demo model's samples, or
// fresh ones that testdata/tinyvlm/make_samples.py has made.
func scenes() string {
	if dir := os.Getenv("VLMCHAT_TEST_SCENES"); dir != "" {
		return dir
	}
	return filepath.Join("..", "testdata", "tinyvlm", "samples")
}

func scene(t testing.TB, name string) *images.Picture {
	t.Helper()
	p, err := images.Load(t.Context(), filepath.Join(scenes(), name), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rows reads a file of JSON lines that belongs to the scenes.
func rows[T any](t testing.TB, name string) []T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(scenes(), name))
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for line := range strings.Lines(string(data)) {
		var row T
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// mute is an engine that answers nothing and tells nothing of given texts.
type mute struct{}

func (mute) Info(context.Context) (engine.Info, error) { return engine.Info{}, nil }
func (mute) Chat(context.Context, engine.Request) iter.Seq2[engine.Event, error] {
	return func(func(engine.Event, error) bool) {}
}
func (mute) Close() error { return nil }

// teller is an engine that tells what a test has it tell of given texts.
type teller struct {
	mute
	tell func(engine.ScoreRequest) ([]engine.Score, error)
}

func (e teller) Score(ctx context.Context, r engine.ScoreRequest) ([]engine.Score, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return e.tell(r)
}

// isBlank tells whether there is but one colour on a request's first picture.
func isBlank(r engine.ScoreRequest) bool {
	rgb := engine.Pictures(r.Messages)[0].RGB()
	for _, v := range rgb {
		if v != rgb[0] {
			return false
		}
	}
	return true
}
