package llamacpp

import (
	"slices"
	"sync"
	"testing"
)

// heard is told what the libraries log while it is set.
var heard struct {
	sync.Mutex
	line func(string)
}

func hear(_ Level, text string) {
	heard.Lock()
	defer heard.Unlock()
	if heard.line != nil {
		heard.line(text)
	}
}

// Lines come out whole when several threads log at once.
//
// It is not parallel: it would hear what other tests log.
func TestLogOfManyThreads(t *testing.T) {
	r := newRig(t)
	picture := bitmap(t, "scene-01.png")
	tokenize := func() {
		c, err := r.projector.Tokenize(prompt, true, []Bitmap{picture})
		if err != nil {
			t.Error(err)
			return
		}
		c.Close()
	}
	var lines []string
	heard.Lock()
	heard.line = func(text string) { lines = append(lines, text) }
	heard.Unlock()
	t.Cleanup(func() {
		heard.Lock()
		heard.line = nil
		heard.Unlock()
	})
	tokenize()
	alone := slices.Clone(lines)
	if len(alone) == 0 {
		t.Fatal("tokenizing a picture logs nothing: this test needs something that does")
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				tokenize()
			}
		})
	}
	all.Wait()
	if want := 201 * len(alone); len(lines) != want {
		t.Errorf("%d lines were logged, want %d", len(lines), want)
	}
	for _, l := range lines {
		if !slices.Contains(alone, l) {
			t.Fatalf("a line is %q, and one at a time they are %q", l, alone)
		}
	}
}
