package native

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// fileSum is the SHA-256 of a file.
func fileSum(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// origins are what the first piece of an answer and its end tell of where it comes from.
func origins(t *testing.T, a answer) (first, last *engine.Provenance) {
	t.Helper()
	for _, ev := range a.events {
		if ev.Provenance == nil {
			continue
		}
		if first == nil && ev.Kind == engine.Delta {
			first = ev.Provenance
		}
		last = ev.Provenance
	}
	if end := a.events[len(a.events)-1]; first == nil || end.Kind != engine.Done || end.Provenance == nil {
		t.Fatalf("an answer does not tell what it comes from: %+v", a.events)
	}
	return first, last
}

// An answer tells all that it comes from, and who has that gets it again.
func TestProvenance(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.LoRAs = []LoRA{{adapter(t, hostile.LoRA(1).Bytes()), 0.5}}
	e := open(t, o)
	s := engine.DefaultSampling()
	s.Temperature = 1.5
	question := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	a := mustAsk(t, e, s, question)
	first, last := origins(t, a)
	if first.Seed == nil || last.Seed == nil || *first.Seed != *last.Seed {
		t.Fatalf("the seed that was drawn is not told: %+v, %+v", first, last)
	}
	p, err := e.Prove(t.Context(), *last)
	if err != nil {
		t.Fatal(err)
	}
	if p.Model != fileSum(t, o.Model.Path) || p.Projector != fileSum(t, o.Model.Projector) ||
		len(p.Adapters) != 1 || p.Adapters[0] != fileSum(t, o.LoRAs[0].Path)+":0.5" {
		t.Errorf("the files are told to be %+v", p)
	}
	for name, want := range map[string]string{"threads": "1", "kv-type": "f16", "flash-attn": "auto", "image-max-tokens": "auto"} {
		if p.Options[name] != want {
			t.Errorf("%s is told to be %q, want %q", name, p.Options[name], want)
		}
	}
	if len(p.Template) != 64 || p.Device != "CPU" || p.Runtime == "" || p.Options["libraries"] == "" {
		t.Errorf("it is told that %+v", p)
	}

	// A worker of its own, with that seed. What is told by then may be less, but nothing else.
	s.Seed = p.Seed
	o.Threads, o.Parallel = 1, 3
	again := open(t, o)
	b := mustAsk(t, again, s, question)
	if b.text != a.text {
		t.Errorf("with the same seed it says %q, and said %q", b.text, a.text)
	}
	_, last = origins(t, b)
	q, err := again.Prove(t.Context(), *last)
	if err != nil || !reflect.DeepEqual(p, q) {
		t.Errorf("the same tells another origin: %+v, %+v, %v", p, q, err)
	}
}

// Digests that were read are not read again, unless the file is another one.
func TestDigestsAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "m.gguf")
	if err := os.WriteFile(path, []byte("weights"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := spec{Model: path, CacheDir: filepath.Join(t.TempDir(), "cache"), CacheBytes: 1 << 20}
	read := func() (sum string, pieces int) {
		d := &digests{disk: openDiskCache(s), pause: func() error { pieces++; return nil }}
		return d.of(path), pieces
	}
	long := make([]byte, 3<<20)
	if err := os.WriteFile(path, long, 0o600); err != nil {
		t.Fatal(err)
	}
	want := fileSum(t, path)
	if sum, pieces := read(); sum != want || pieces == 0 {
		t.Errorf("the digest is %q, want %q, after %d pieces", sum, want, pieces)
	}
	if sum, pieces := read(); sum != want || pieces != 0 {
		t.Errorf("then it is %q after %d pieces", sum, pieces)
	}
	if err := os.WriteFile(path, append(long, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if sum, pieces := read(); sum != fileSum(t, path) || pieces == 0 {
		t.Errorf("of another file it is %q after %d pieces", sum, pieces)
	}
}
