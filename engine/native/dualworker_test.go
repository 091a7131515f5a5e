//go:build !windows

package native

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/clip"
	"github.com/vlmchat/vlmchat/engine/llamacpp/runtimetest"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
)

// encoderOptions are options for an encoder's worker, and the folder of a copy of the demo
// encoder, which nobody else uses: so the worker is the test's own.
func encoderOptions(t *testing.T) (folder string, o Options) {
	t.Helper()
	o = options(t)
	demo, err := models.FindEncoder("")
	if err != nil {
		t.Fatal(err)
	}
	folder = filepath.Join(t.TempDir(), "encoder")
	if err := os.CopyFS(folder, os.DirFS(demo.Folder)); err != nil {
		t.Fatal(err)
	}
	return folder, o
}

func openEncoder(t *testing.T, folder string, o Options) *DualEncoder {
	t.Helper()
	d, err := NewEncoder(folder, "the-encoder", false, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// inputs are more pictures and texts than go to a worker at once.
func inputs(t *testing.T) (pictures []*images.Picture, texts []string) {
	t.Helper()
	for i := range 3 * picturesAtOnce {
		name := fmt.Sprintf("scene-%02d.png", i%4+1)
		pictures = append(pictures, sample(t, name))
	}
	colours, shapes := []string{"red", "blue", "green", "yellow"}, []string{"circle", "square", "star"}
	for i := range textsAtOnce + 40 {
		texts = append(texts, strings.Repeat("a ", i%7)+colours[i%4]+" "+shapes[i%3])
	}
	return pictures, texts
}

// apart is one less the smallest cosine of vectors with those that they should be. All have
// to be of unit length.
func apart(t *testing.T, got, want [][]float32) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("there are %d vectors of %d", len(got), len(want))
	}
	worst := 0.0
	for i := range got {
		var ab, aa float64
		for j, x := range got[i] {
			ab, aa = ab+float64(x)*float64(want[i][j]), aa+float64(x)*float64(x)
		}
		if math.Abs(aa-1) > 1e-6 {
			t.Errorf("vector %d has the length %g", i, math.Sqrt(aa))
		}
		worst = max(worst, 1-ab)
	}
	return worst
}

// What comes from the worker is what the encoder computes in this process, for each picture
// and text in its place.
func TestEncodedInAWorker(t *testing.T) {
	t.Parallel()
	folder, o := encoderOptions(t)
	d := openEncoder(t, folder, o)
	pictures, texts := inputs(t)
	gotPictures, err := d.EncodePictures(t.Context(), pictures)
	if err != nil {
		t.Fatal(err)
	}
	gotTexts, err := d.EncodeTexts(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}

	checkpoint, err := clip.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	m, err := checkpoint.Load(runtimetest.Library(t), clip.Options{Threads: 1}, func(float64) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var pixels [][]byte
	for _, p := range pictures {
		pixels = append(pixels, checkpoint.Pixels(p))
	}
	var tokens [][]int32
	for _, text := range texts {
		ids, err := checkpoint.Tokens(text)
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, ids)
	}
	wantPictures, err := m.Pictures(t.Context(), pixels)
	if err != nil {
		t.Fatal(err)
	}
	wantTexts, err := m.Texts(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	if worst := max(apart(t, gotPictures, wantPictures), apart(t, gotTexts, wantTexts)); worst > 1e-6 {
		t.Errorf("a cosine with what is computed here is 1-%g", worst)
	}
	// Different ones differ, or an order could not be seen.
	if worst := apart(t, gotPictures[:1], gotPictures[1:2]); worst < 1e-3 {
		t.Errorf("two pictures have vectors with a cosine of 1-%g", worst)
	}
	none, err := d.EncodePictures(t.Context(), nil)
	if err != nil || len(none) != 0 {
		t.Errorf("of no pictures come %d vectors, %v", len(none), err)
	}
}

// Two clients use one worker at once, and 'vlmchat ps' shows it.
func TestTwoEncodersShareAWorker(t *testing.T) {
	t.Parallel()
	folder, o := encoderOptions(t)
	a, b := openEncoder(t, folder, o), openEncoder(t, folder, o)
	if _, err := a.Space(t.Context()); err != nil {
		t.Fatal(err)
	}
	pictures, texts := inputs(t)
	want, err := a.EncodeTexts(t.Context(), texts[:8])
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, d := range []*DualEncoder{a, b, a, b} {
		all.Go(func() {
			got, err := d.EncodeTexts(t.Context(), texts[:8])
			if err != nil {
				t.Error(err)
			} else if worst := apart(t, got, want); worst > 1e-6 {
				t.Errorf("beside others a cosine is 1-%g", worst)
			}
			if _, err := d.EncodePictures(t.Context(), pictures); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if a.engine.current().child == nil || b.engine.current().child != nil {
		t.Error("the second encoder started a worker of its own")
	}
	w := Worker{dir: mustSocketDir(t), key: a.engine.spec.Key}
	for w.look(t.Context()); w.Busy && t.Context().Err() == nil; w.look(t.Context()) {
		time.Sleep(10 * time.Millisecond) // an answer is there a moment before its work is over
	}
	if w.Model != "the-encoder" || w.Path != folder || w.Device != "CPU" || w.ContextSize != 0 || w.Conversations != 0 || w.Clients != 2 || w.Loaded != 1 {
		t.Errorf("the worker is %+v", w)
	}
}

// A keep-alive of 0 ends the worker with its last client, and 'vlmchat stop' ends any.
func TestEncoderWorkerEnds(t *testing.T) {
	t.Parallel()
	folder, o := encoderOptions(t)
	for _, end := range []func(*DualEncoder){
		func(d *DualEncoder) { d.Close() },
		func(d *DualEncoder) {
			w := Worker{dir: mustSocketDir(t), key: d.engine.spec.Key}
			if killed, err := w.Stop(t.Context()); killed || err != nil {
				t.Errorf("killed: %v, %v", killed, err)
			}
		},
	} {
		d := openEncoder(t, folder, o)
		if _, err := d.Space(t.Context()); err != nil {
			t.Fatal(err)
		}
		child := d.engine.current().child
		end(d)
		<-child.exited
		if code := child.state.ExitCode(); code != exitOK {
			t.Errorf("the worker ended with %d", code)
		}
	}
}

// A worker that is killed is started anew, and the vectors come.
func TestEncoderWorkerIsKilled(t *testing.T) {
	t.Parallel()
	folder, o := encoderOptions(t)
	d := openEncoder(t, folder, o)
	pictures, _ := inputs(t)
	want, err := d.EncodePictures(t.Context(), pictures)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		first := d.engine.current()
		done := make(chan struct{})
		var got [][]float32
		go func() {
			defer close(done)
			got, err = d.EncodePictures(t.Context(), pictures)
		}()
		if round > 0 { // in the middle of it, or else before it
			for !computes(t, d.engine.spec.Key) {
				select {
				case <-done:
				default:
					continue
				}
				break
			}
		}
		if !first.peer.kill() {
			t.Fatal("the worker can't be killed")
		}
		<-done
		if err != nil {
			t.Fatal(err)
		}
		if worst := apart(t, got, want); worst > 1e-6 {
			t.Errorf("from a fresh worker a cosine is 1-%g", worst)
		}
		<-first.gone
		if _, err := d.EncodeTexts(t.Context(), []string{"a star"}); err != nil {
			t.Fatal(err)
		}
	}
}

// Who cancels is let go, and the worker stays.
func TestEncodingIsCancelled(t *testing.T) {
	t.Parallel()
	folder, o := encoderOptions(t)
	d := openEncoder(t, folder, o)
	pictures, texts := inputs(t)
	if _, err := d.Space(t.Context()); err != nil {
		t.Fatal(err)
	}
	worker := d.engine.current()
	many := slices.Repeat(pictures, 50)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := d.EncodePictures(ctx, many)
		ended <- err
	}()
	for !computes(t, d.engine.spec.Key) {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; engine.KindOf(err) != engine.Cancelled {
		t.Errorf("the error is %v", err)
	}
	if _, err := d.EncodeTexts(ctx, texts); engine.KindOf(err) != engine.Cancelled {
		t.Errorf("the error is %v", err)
	}
	if _, err := d.EncodeTexts(t.Context(), texts[:3]); err != nil {
		t.Error(err)
	}
	if d.engine.current() != worker {
		t.Error("cancelling cost the worker")
	}
}

// A space is the same whenever the encoder is started, and another when a file changes.
func TestSpaceOfAnEncoder(t *testing.T) {
	t.Parallel()
	folder, o := encoderOptions(t)
	space := func() engine.Space {
		d := openEncoder(t, folder, o)
		defer d.Close()
		s, err := d.Space(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := space()
	if first.Model != "the-encoder" || first.Device != "CPU" || first.Dimensions != 128 || first.ID == "" || first.Demo || first.Sigmoid || !(first.Scale > 1) {
		t.Errorf("the space is %+v", first)
	}
	if again := space(); again != first {
		t.Errorf("the space is %+v, and before it was %+v", again, first)
	}
	path := filepath.Join(folder, "preprocessor_config.json")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if changed := space(); changed.ID == first.ID {
		t.Error("another preprocessor_config.json leaves the space the same")
	}
}

// Weights that are no numbers are an error that says so, and no vectors.
func TestEncoderWithNaN(t *testing.T) {
	t.Parallel()
	folder, o := encoderOptions(t)
	path := filepath.Join(folder, "model.safetensors")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(content) - 1<<16; i < len(content); i++ {
		content[i] = 0xff
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	d := openEncoder(t, folder, o)
	_, err = d.EncodePictures(t.Context(), []*images.Picture{sample(t, "scene-01.png")})
	if engine.KindOf(err) != engine.ModelInvalid || !strings.Contains(err.Error(), "the-encoder") {
		t.Errorf("the error is %v (%s)", err, engine.KindOf(err))
	}
}

// Who asks a worker for what its model can't do is told so, and it lives on.
func TestAskedForWhatItIsNot(t *testing.T) {
	t.Parallel()
	folder, o := encoderOptions(t)
	o.CacheDir = t.TempDir()
	d := openEncoder(t, folder, o)
	chat := open(t, o)
	picture := sample(t, "scene-01.png")
	message := engine.Ask("Describe this image.", picture)
	asked := map[string]func() error{
		"chat": func() error {
			_, err := ask(t.Context(), d.engine, greedy, message)
			return err
		},
		"score": func() error {
			_, err := d.engine.Score(t.Context(), engine.ScoreRequest{Messages: []engine.Message{message}, Candidates: []string{"yes", "no"}})
			return err
		},
		"embed": func() error {
			_, err := d.engine.Embed(t.Context(), [][]engine.Part{{{Text: "a star"}}})
			return err
		},
		"count": func() error {
			_, err := d.engine.Count(t.Context(), engine.Request{Messages: []engine.Message{message}})
			return err
		},
		"see": func() error {
			_, err := d.engine.See(t.Context(), picture)
			return err
		},
		"pictures of a chat model": func() error {
			_, err := chat.encode(t.Context(), "/encode/pictures?count=1", make([]byte, 64*64*3), 1)
			return err
		},
		"texts of a chat model": func() error {
			_, err := chat.encode(t.Context(), "/encode/texts", []byte("[[1]]"), 1)
			return err
		},
		"too many pictures": func() error {
			_, err := d.engine.encode(t.Context(), "/encode/pictures?count=1000", nil, 1000)
			return err
		},
		"half a picture": func() error {
			_, err := d.engine.encode(t.Context(), "/encode/pictures?count=1", make([]byte, 100), 1)
			return err
		},
		"no texts": func() error {
			_, err := d.engine.encode(t.Context(), "/encode/texts", []byte("[]"), 0)
			return err
		},
		"a token that there is not": func() error {
			_, err := d.engine.encode(t.Context(), "/encode/texts", []byte("[[1000000]]"), 1)
			return err
		},
	}
	if _, err := d.Space(t.Context()); err != nil {
		t.Fatal(err)
	}
	worker := d.engine.current()
	for what, do := range asked {
		switch err := do(); {
		case err == nil:
			t.Errorf("%s: there is no error", what)
		case engine.KindOf(err) == engine.WorkerDied, strings.Contains(err.Error(), "400"):
			t.Errorf("%s: the error is %v", what, err)
		}
	}
	dir := mustSocketDir(t)
	if _, err := callWith(t.Context(), dir, d.engine.spec.Key, "POST", "/forget", bytes.NewReader([]byte(`{"Sessions":["one"],"Pictures":["two"]}`)), nil); err != nil {
		t.Error(err)
	}
	if _, err := d.EncodeTexts(t.Context(), []string{"a star"}); err != nil {
		t.Error(err)
	}
	if d.engine.current() != worker {
		t.Error("it cost the worker")
	}
}
