package llamacpp

import (
	"errors"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/testdata/hostile"
)

const tinyvlm = "../../testdata/tinyvlm/"

// library loads the runtime, once for all tests, as a process can have one.
var library = sync.OnceValues(func() (*Library, error) {
	r, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		return nil, err
	}
	return Load(Paths{GGMLBase: r.GGMLBase, GGML: r.GGML, Llama: r.Llama, MTMD: r.MTMD, Backends: r.BackendDir},
		hear)
})

// rig is a model that is ready to be asked.
type rig struct {
	lib       *Library
	model     *Model
	context   *Context
	projector *Projector
	parts     int // in which a picture is read; 0: at once
}

func newRig(t *testing.T) *rig {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	r := &rig{lib: lib}
	if r.model, err = lib.LoadModel(tinyvlm+"tiny-vlm.gguf", ModelOptions{}, func(done float32) bool {
		if done < 0 || done > 1 {
			t.Errorf("a part of %v is loaded", done)
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.model.Close)
	if r.context, err = r.model.NewContext(ContextOptions{Size: 512, Threads: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.context.Close)
	r.projector, err = r.model.LoadProjector(tinyvlm+"tiny-vlm-mmproj.gguf", ProjectorOptions{Threads: 1, Marker: "<PICTURE>", Layers: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.projector.Close)
	return r
}

func bitmap(t *testing.T, name string) Bitmap {
	t.Helper()
	f, err := os.Open(filepath.Join(tinyvlm, "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := Bitmap{ID: name, Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	for y := range b.Height {
		for x := range b.Width {
			red, green, blue, _ := img.At(x, y).RGBA()
			b.RGB = append(b.RGB, byte(red>>8), byte(green>>8), byte(blue>>8))
		}
	}
	return b
}

const prompt = "<|im_start|>user\n<PICTURE>Describe this image.<|im_end|>\n<|im_start|>assistant\n"

// sampler is closed with the test.
func (r *rig) sampler(t *testing.T, o engine.Sampling) *Sampler {
	t.Helper()
	s, err := r.model.NewSampler(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// describe reads the prompt and writes the likeliest answer, and returns where
// the sequence ends.
func (r *rig) describe(t *testing.T, picture Bitmap) (string, int) {
	t.Helper()
	sampler := r.sampler(t, engine.Sampling{})
	return r.answer(t, picture, func() (Token, error) { return sampler.Sample(r.context, -1) })
}

// answer reads the prompt and writes an answer of the tokens that next chooses.
func (r *rig) answer(t *testing.T, picture Bitmap, next func() (Token, error)) (string, int) {
	t.Helper()
	chunks, err := r.projector.Tokenize(prompt, r.model.AddsBOS(), []Bitmap{picture})
	if err != nil {
		t.Fatal(err)
	}
	defer chunks.Close()
	pos := 0
	for i, c := range chunks.All {
		if c.Tokens != nil {
			err = r.context.DecodeTokens(0, c.Tokens, pos, i == len(chunks.All)-1)
		} else {
			if c.ID != picture.ID || c.Count != 64 {
				t.Errorf("the picture's chunk is %+v", c)
			}
			var embeddings []float32
			if embeddings, err = r.projector.Encode(c, func(float64) bool { return true }); err == nil {
				step := c.Count / max(1, r.parts)
				for from := 0; from < c.Count && err == nil; from += step {
					err = r.context.DecodeTile(0, c.Tile, embeddings, pos, from, min(step, c.Count-from))
				}
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		pos += c.Positions
	}
	var answer []byte
	for {
		token, err := next()
		if err != nil {
			t.Fatal(err)
		}
		if r.model.IsEnd(token) {
			return string(answer), pos
		}
		answer = r.model.Piece(answer, token)
		if err := r.context.DecodeTokens(0, []Token{token}, pos, true); err != nil {
			t.Fatal(err)
		}
		pos++
	}
}

const described = "The image shows one object on a white background: a large red digit 9 in the top right."

func TestPictureInParts(t *testing.T) {
	r := newRig(t)
	for _, r.parts = range []int{1, 3, 64} {
		r.context.Clear()
		if got, _ := r.describe(t, bitmap(t, "scene-01.png")); got != described {
			t.Errorf("read in %d parts, the picture is described as %q", r.parts, got)
		}
	}
	tile := Tile{Count: 4}
	embeddings := make([]float32, 4*r.model.EmbeddingSize())
	for _, c := range []struct{ from, n int }{{0, 5}, {-1, 2}, {4, 1}, {0, 0}} {
		if err := r.context.DecodeTile(0, tile, embeddings, 0, c.from, c.n); err == nil {
			t.Errorf("%d tokens from %d on of a picture of 4 were computed", c.n, c.from)
		}
	}
	if err := r.context.DecodeTile(0, tile, embeddings[1:], 0, 0, 4); err == nil {
		t.Error("a picture was computed that lacks a number")
	}
}

// Sequences of one batch don't see each other, and a fork sees what it was made of.
func TestSequences(t *testing.T) {
	r := newRig(t)
	c, err := r.model.NewContext(ContextOptions{Size: 512, Sequences: 4, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tokens, err := r.model.Tokenize("<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n", false, true)
	if err != nil {
		t.Fatal(err)
	}
	half := len(tokens) / 2
	likeliest := func(index int) Token {
		logits := c.Logits(index)
		best := 0
		for i, v := range logits {
			if v > logits[best] {
				best = i
			}
		}
		return Token(best)
	}
	if err := c.DecodeTokens(0, tokens, 0, true); err != nil {
		t.Fatal(err)
	}
	want := likeliest(-1)
	c.Clear()
	if err := c.DecodeTokens(0, tokens[:half], 0, false); err != nil {
		t.Fatal(err)
	}
	if !c.Fork(0, 1, half) || !c.Fork(0, 2, half-1) || c.Holds(3) || !c.Holds(1) {
		t.Fatal("a sequence can't be forked")
	}
	c.Drop(0)
	b := NewBatch(c.BatchSize())
	var last [3]int
	for i, t := range tokens[half-1:] {
		if i > 0 {
			last[1] = b.Add(t, half-1+i, 1, true)
		}
		last[2] = b.Add(t, half-1+i, 2, true)
		last[0] = b.Add(7, i, 3, false)
	}
	if err := c.Decode(b); err != nil {
		t.Fatal(err)
	}
	for _, i := range last[1:] {
		if got := likeliest(i); got != want {
			t.Errorf("forked and among others, the next token is %d, alone %d", got, want)
		}
	}
	if c.Logits(last[0]) != nil {
		t.Error("logits that nobody wanted are there")
	}
	if c.Holds(0) {
		t.Error("a sequence that was dropped holds something")
	}
}

func TestDescribe(t *testing.T) {
	r := newRig(t)
	picture := bitmap(t, "scene-01.png")
	if got, _ := r.describe(t, picture); got != described {
		t.Errorf("the answer is %q", got)
	}
	// Collecting garbage in between must not matter to C.
	r.context.Clear()
	stop := make(chan struct{})
	var collecting sync.WaitGroup
	collecting.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	got, end := r.describe(t, picture)
	close(stop)
	collecting.Wait()
	if got != described {
		t.Errorf("under garbage collection the answer is %q", got)
	}
	if !r.context.Truncate(0, end-5) {
		t.Error("the sequence can't be cut")
	}
}

func TestState(t *testing.T) {
	r := newRig(t)
	_, end := r.describe(t, bitmap(t, "scene-02.png"))
	next := func() Token {
		if err := r.context.DecodeTokens(0, []Token{100}, end, true); err != nil {
			t.Fatal(err)
		}
		sampler := r.sampler(t, engine.Sampling{})
		token, err := sampler.Sample(r.context, -1)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	state, err := r.context.SaveState(0, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	want := next()
	for _, bad := range hostile.States {
		if err := r.context.RestoreState(0, bad.Edit(slices.Clone(state)), "tiny"); err == nil || !strings.Contains(err.Error(), bad.Want) {
			t.Errorf("%s: the error is %v; want %q", bad.Name, err, bad.Want)
		}
	}
	if err := r.context.RestoreState(0, state, "another"); err == nil {
		t.Error("another model's state was restored")
	}
	// A whole state of bytes that are none of llama.cpp's is its own to refuse.
	if err := r.context.RestoreState(0, sealed(make([]byte, 3), r.context.stateOf("tiny")), "tiny"); !errors.Is(err, errNoState) {
		t.Errorf("for 3 zeros the error is %v", err)
	}
	if err := r.context.RestoreState(0, state, "tiny"); err != nil {
		t.Fatal(err)
	}
	if got := next(); got != want {
		t.Errorf("after the state is restored the next token is %d, and was %d", got, want)
	}
}

func TestLoadIsStopped(t *testing.T) {
	lib := newRig(t).lib
	if _, err := lib.LoadModel(tinyvlm+"tiny-vlm.gguf", ModelOptions{}, func(float32) bool { return false }); !errors.Is(err, ErrCancelled) {
		t.Errorf("the error is %v", err)
	}
	if _, err := lib.LoadModel(tinyvlm+"README.md", ModelOptions{}, func(float32) bool { return true }); err == nil || errors.Is(err, ErrCancelled) {
		t.Errorf("a text file loaded as a model: %v", err)
	}
}

func TestDecodeIsCancelled(t *testing.T) {
	r := newRig(t)
	tokens := make([]Token, 400)
	r.context.Cancel()
	if err := r.context.DecodeTokens(0, tokens, 0, true); !errors.Is(err, ErrCancelled) {
		t.Errorf("the error is %v", err)
	}
	r.context.Resume()
	r.context.Truncate(0, 0)
	if got, _ := r.describe(t, bitmap(t, "scene-01.png")); got != described {
		t.Errorf("after a cancelled decode the answer is %q", got)
	}
}

func TestEncodeIsCancelled(t *testing.T) {
	r := newRig(t)
	picture := bitmap(t, "scene-01.png")
	chunks, err := r.projector.Tokenize(prompt, false, []Bitmap{picture})
	if err != nil {
		t.Fatal(err)
	}
	defer chunks.Close()
	asked := 0
	if _, err := r.projector.Encode(chunks.All[1], func(float64) bool { asked++; return asked < 2 }); !errors.Is(err, ErrCancelled) {
		t.Errorf("the error is %v", err)
	}
	if asked != 2 {
		t.Errorf("the encoder asked %d times after it was told to stop", asked-2)
	}
	last := 0.0
	if _, err := r.projector.Encode(chunks.All[1], func(done float64) bool {
		if done < last || done > 1 {
			t.Errorf("progress went from %g to %g", last, done)
		}
		last = done
		return true
	}); err != nil || last == 0 {
		t.Errorf("encoding again: progress up to %g, %v", last, err)
	}
	if got, _ := r.describe(t, picture); got != described {
		t.Errorf("after a cancelled encoding the answer is %q", got)
	}
}

func TestContextFull(t *testing.T) {
	r := newRig(t)
	size := r.context.Size()
	if err := r.context.DecodeTokens(0, make([]Token, size), 0, true); err != nil {
		t.Fatal(err)
	}
	if err := r.context.DecodeTokens(0, make([]Token, 1), size, true); !errors.Is(err, ErrContextFull) {
		t.Errorf("the error is %v", err)
	}
	if err := r.context.DecodeTokens(0, make([]Token, r.context.BatchSize()+1), 0, true); err == nil {
		t.Error("more tokens than a batch takes were accepted")
	}
	if err := r.context.DecodeTokens(0, nil, 0, true); err == nil {
		t.Error("an empty batch was accepted")
	}
}

// A special token's text is that token, and a control token has no piece.
func TestSpecials(t *testing.T) {
	r := newRig(t)
	found := map[string]bool{}
	for _, s := range r.model.Specials() {
		found[s.Text] = s.Control
		if tokens, err := r.model.Tokenize(s.Text, false, true); err != nil || len(tokens) != 1 || tokens[0] != s.Token {
			t.Errorf("%q is the tokens %v, %v; want %d", s.Text, tokens, err, s.Token)
		}
		if piece := r.model.Piece(nil, s.Token); s.Control != (len(piece) == 0) {
			t.Errorf("%+v has the piece %q", s, piece)
		}
	}
	if !found["<|im_start|>"] || !found["<|im_end|>"] {
		t.Errorf("the frame's marks are not among %v", found)
	}
}

func TestTokenize(t *testing.T) {
	r := newRig(t)
	text := "héllo <|im_end|> 😀"
	for _, special := range []bool{false, true} {
		tokens, err := r.model.Tokenize(text, false, special)
		if err != nil {
			t.Fatal(err)
		}
		var back []byte
		control := 0
		for _, token := range tokens {
			back = r.model.Piece(back, token)
			if r.model.IsEnd(token) {
				control++
			}
		}
		want, wantControl := text, 0
		if special {
			want, wantControl = "héllo  😀", 1
		}
		if string(back) != want || control != wantControl {
			t.Errorf("special %v: %q came back with %d control tokens", special, back, control)
		}
	}
}

func TestBadPictures(t *testing.T) {
	r := newRig(t)
	if _, err := r.projector.Tokenize(prompt, false, nil); err == nil {
		t.Error("a marker without a picture was accepted")
	}
	if _, err := r.projector.Tokenize(prompt, false, []Bitmap{{ID: "x", Width: 10, Height: 10, RGB: make([]byte, 10)}}); err == nil {
		t.Error("a picture with too few bytes was accepted")
	}
	one := Bitmap{ID: "dot", Width: 1, Height: 1, RGB: make([]byte, 3)}
	chunks, err := r.projector.Tokenize(prompt, false, []Bitmap{one})
	if err != nil {
		t.Fatal(err)
	}
	chunks.Close()
}

func TestLoadTwice(t *testing.T) {
	newRig(t)
	if _, err := Load(Paths{}, func(Level, string) {}); err == nil {
		t.Error("a second runtime was loaded")
	}
}
