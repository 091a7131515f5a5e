package tasks

import (
	"os"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

// openTinyCLIP opens the demo encoder.
func openTinyCLIP(t testing.TB) engine.Encoder {
	t.Helper()
	libraries, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	found, err := models.FindEncoder("")
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.NewEncoder(found.Folder, found.Name, found.Demo, native.Options{Runtime: libraries, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// The demo encoder picks the right one of four labels, and the right shape of all.
func TestZeroShotScenes(t *testing.T) {
	t.Parallel()
	by := BySimilarity{Encoder: openTinyCLIP(t)}
	right, n, shapes, of := 0, 0, 0, 0
	for _, row := range rows[struct {
		Image, Label, Type string
		Labels             []string
	}](t, "labels.jsonl") {
		likeliest := func(labels []string) string {
			found, err := Classify(t.Context(), by, []*images.Picture{scene(t, row.Image)}, Choice{Labels: named(labels...)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return found[0][0].Label
		}
		if n++; likeliest(row.Labels) == row.Label {
			right++
		}
		if row.Type == "shape" {
			if of++; likeliest(attributes[1]) == row.Label {
				shapes++
			}
		}
	}
	t.Logf("%d of %d labels are right, and %d of %d shapes", right, n, shapes, of)
	if right*4 < n*3 {
		t.Errorf("%d of %d labels are right, and three in four are the least", right, n)
	}
	if shapes*2 < of {
		t.Errorf("%d of %d shapes are right of %d, and a half is the least", shapes, of, len(attributes[1]))
	}
}

// The demo encoder tells of most labels whether they fit.
func TestSeveralBySimilarity(t *testing.T) {
	t.Parallel()
	if right, n := judgeSeveral(t, BySimilarity{Encoder: openTinyCLIP(t)}); right*10 < n*8 {
		t.Errorf("%d of %d are right, and eight in ten are the least", right, n)
	}
}
