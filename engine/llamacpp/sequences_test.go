package llamacpp

import (
	"math"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/zoo"
)

// What a model with a sliding window keeps of a sequence is enough to go on at its
// end, and not before it, when others have written over all that it may lose.
func TestForkAtTheEdgeOfTheWindow(t *testing.T) {
	t.Parallel()
	lib, err := library()
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	path, _ := zoo.Model(t, "gemma3")
	model, err := lib.LoadModel(path, ModelOptions{}, func(float32) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Close)
	c, err := model.NewContext(ContextOptions{Size: 4096, Sequences: 6, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if c.window == 0 {
		t.Fatal("the model has no sliding window")
	}
	text := make([]Token, 1000)
	for i := range text {
		text[i] = Token(300 + i*7%100)
	}
	end := len(text) - 1
	// The place of the first is taken by the fifth. The sixth comes next and finds the
	// second's keys, those that it has no use for any more, before it finds the
	// place of the third.
	for seq := range 6 {
		switch seq {
		case 4:
			c.Drop(0)
		case 5:
			c.Drop(2)
		}
		if err := c.DecodeTokens(seq, text[:end], 0, true); err != nil {
			t.Fatal(err)
		}
	}
	if c.Fork(1, 0, end-1) {
		t.Error("a sequence goes on before its end, where the window's first key is gone")
	}
	if !c.Fork(1, 2, end) {
		t.Fatal("a sequence can't go on at its end")
	}
	var after [][]float32
	for _, seq := range []int{3, 2} {
		if err := c.DecodeTokens(seq, text[end:], end, true); err != nil {
			t.Fatal(err)
		}
		after = append(after, slices.Clone(c.Logits(-1)))
	}
	for i := range after[0] {
		if math.Abs(float64(after[0][i]-after[1][i])) > 0.05 {
			t.Fatalf("logit %d is %v, and %v in the fork", i, after[0][i], after[1][i])
		}
	}
}
