package cli

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// With the built-in encoder scenes are found by what their captions say. Of as many hits as
// there are scenes that show what is searched for, nearly all show it where that is the
// background, and most where it is a shape, of which a scene has up to four.
func TestScenesAreFound(t *testing.T) {
	t.Parallel()
	samples, place := filepath.Join("..", "testdata", "tinyvlm", "samples"), filepath.Join(t.TempDir(), "scenes")
	captions := map[string]string{}
	for line := range strings.Lines(string(mustRead(t, filepath.Join(samples, "captions.jsonl")))) {
		var scene struct {
			Image      string
			References []string
		}
		if err := json.Unmarshal([]byte(line), &scene); err != nil {
			t.Fatal(err)
		}
		captions[scene.Image] = scene.References[0]
	}
	vlmchat := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := Main(append(args, "--index", place), strings.NewReader(""), &stdout, &stderr); code != exitOK {
			t.Fatalf("%q ends with %d: %s", args, code, &stderr)
		}
		return stdout.String()
	}
	vlmchat("index", samples, "--glob", "scene-*")
	for _, kind := range []struct {
		words  []string
		behind string
		least  float64 // part of the hits that are right
	}{
		{[]string{"black", "white", "yellow", "blue", "green", "red"}, " background", 0.85},
		{[]string{"heart", "star", "ring", "cross", "diamond", "triangle", "circle", "square"}, "", 0.7},
	} {
		right, all := 0, 0
		for _, word := range kind.words {
			shown, meant := word+kind.behind, 0
			for _, caption := range captions {
				if strings.Contains(caption, shown) {
					meant++
				}
			}
			if meant == 0 {
				continue
			}
			all += meant
			before := right
			for path := range strings.Lines(vlmchat("search", "a "+shown, "-k", strconv.Itoa(meant))) {
				if strings.Contains(captions[filepath.Base(strings.TrimSpace(path))], shown) {
					right++
				}
			}
			t.Logf("a %s: %d of %d", shown, right-before, meant)
		}
		if all == 0 || float64(right) < kind.least*float64(all) {
			t.Errorf("%d of %d hits are right for %q", right, all, kind.words)
		}
	}
}
