package clip

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/engine/llamacpp/runtimetest"
	"github.com/vlmchat/vlmchat/models/safetensors"
)

// reference is what transformers makes of a random model: testdata/clip/make_parity.py.
type reference struct {
	Config   json.RawMessage  `json:"config"`
	Tensors  map[string][]int `json:"tensors"`
	Pictures [][]float64      `json:"pictures"`
	Texts    [][]float64      `json:"texts"`
	Logits   [][]float64      `json:"logits"` // of each text with each picture
}

func references(t testing.TB) map[string]reference {
	t.Helper()
	data, err := os.ReadFile("../../testdata/clip/parity.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]reference
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// pictures makes the pictures that the script makes.
func (r reference) pictures(name string, c Config) [][]byte {
	var all [][]byte
	for i := range r.Pictures {
		all = append(all, randomPicture(name, i, int(c.Vision.Size)))
	}
	return all
}

// texts makes the texts that the script makes.
func (r reference) texts(name string, c Config) [][]int32 {
	var all [][]int32
	for i, n := range []int{1, 4, 4, 7, c.Text.Length - 2} {
		all = append(all, randomText(name, i, n, c.Text.Vocabulary))
	}
	return all
}

// TestParity compares with transformers, for each type of weights. Those of half
// precision are rounded from the ones that the reference has.
func TestParity(t *testing.T) {
	t.Parallel()
	lib := runtimetest.Library(t)
	for name, r := range references(t) {
		for kind, allowed := range map[safetensors.Type]struct{ logit, cosine float64 }{
			safetensors.F32:  {3e-5, 1e-10},
			safetensors.F16:  {0.05, 1e-5},
			safetensors.BF16: {0.5, 1e-3},
		} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				c := checkpoint(t, r, kind)
				m := load(t, lib, c, nil)
				pictures, err := m.Pictures(context.Background(), r.pictures(name, c.Config))
				if err != nil {
					t.Fatal(err)
				}
				texts, err := m.Texts(context.Background(), r.texts(name, c.Config))
				if err != nil {
					t.Fatal(err)
				}
				worst := max(apart(t, pictures, r.Pictures), apart(t, texts, r.Texts))
				if worst > allowed.cosine {
					t.Errorf("a vector's cosine with the reference's is 1-%g", worst)
				}
				off := 0.0
				for i, text := range texts {
					for j, picture := range pictures {
						off = max(off, math.Abs(c.Space().Logit(dot(text, picture))-r.Logits[i][j]))
					}
				}
				if off > allowed.logit {
					t.Errorf("a logit is off by %g", off)
				}
				t.Logf("cosines are 1 up to %.2g, logits off by up to %.2g", worst, off)
			})
		}
	}
}

// TestParityTogether looks whether a text's vector depends on the texts that are
// computed with it, and a picture's on the others.
func TestParityTogether(t *testing.T) {
	t.Parallel()
	lib := runtimetest.Library(t)
	for name, r := range references(t) {
		c := checkpoint(t, r, safetensors.F32)
		m := load(t, lib, c, nil)
		texts := r.texts(name, c.Config)
		slices.Reverse(texts)
		reversed := slices.Clone(r.Texts)
		slices.Reverse(reversed)
		together, err := m.Texts(context.Background(), texts)
		if err != nil {
			t.Fatal(err)
		}
		if worst := apart(t, together, reversed); worst > 1e-10 {
			t.Errorf("%s: in another order a cosine is 1-%g", name, worst)
		}
		for i := range texts {
			alone, err := m.Texts(context.Background(), texts[i:i+1])
			if err != nil {
				t.Fatal(err)
			}
			if worst := apart(t, alone, reversed[i:i+1]); worst > 1e-10 {
				t.Errorf("%s: alone a cosine is 1-%g", name, worst)
			}
		}
	}
}

// apart is one less the smallest cosine of vectors with those that they should be.
func apart(t *testing.T, got [][]float32, want [][]float64) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("there are %d vectors of %d", len(got), len(want))
	}
	worst := 0.0
	for i, v := range got {
		if len(v) != len(want[i]) {
			t.Fatalf("a vector has %d dimensions of %d", len(v), len(want[i]))
		}
		var ab, aa, bb float64
		for j, x := range v {
			ab, aa, bb = ab+float64(x)*want[i][j], aa+float64(x)*float64(x), bb+want[i][j]*want[i][j]
		}
		if math.Abs(aa-1) > 1e-6 {
			t.Errorf("a vector has the length %g", math.Sqrt(aa))
		}
		worst = max(worst, 1-ab/math.Sqrt(aa*bb))
	}
	return worst
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

// checkpoint writes the model of a reference, and opens it.
func checkpoint(t testing.TB, r reference, kind safetensors.Type) *Checkpoint {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), r.Config, 0o600); err != nil {
		t.Fatal(err)
	}
	writeWeights(t, dir, r.Tensors, kind, nil)
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// load loads a model until the test ends.
func load(t testing.TB, lib *llamacpp.Library, c *Checkpoint, device *llamacpp.Device) *Model {
	t.Helper()
	m, err := c.Load(lib, Options{Threads: 1, Device: device}, func(float64) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}
