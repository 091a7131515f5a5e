package index

import (
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/vectors"
)

// The sums give what all pairs, one by one, give.
func TestGap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	some := func(n int) [][]float32 {
		var all [][]float32
		for range n {
			all = append(all, unit([]float32{random.Float32(), random.Float32() - 0.5, random.Float32()}))
		}
		return all
	}
	cosine := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	pictures, texts := some(17), some(5)
	got := gapOf(sumOf(pictures, 3), 17, sumOf(texts, 3), 5)
	var inside, across float64
	for i, a := range pictures {
		for _, b := range pictures[:i] {
			inside += cosine(a, b) / (17 * 16 / 2)
		}
		for _, b := range texts {
			across += cosine(a, b) / (17 * 5)
		}
	}
	if math.Abs(got.Pictures-inside) > 1e-6 || math.Abs(got.Across-across) > 1e-6 {
		t.Errorf("%+v, where pairs have %v and %v", got, inside, across)
	}
	// |a-b|² = |a|² + |b|² - 2ab, of centroids.
	lengths := math.Pow(norm(sumOf(pictures, 3))/17, 2) + math.Pow(norm(sumOf(texts, 3))/5, 2)
	if want := math.Sqrt(lengths - 2*across); math.Abs(got.Distance-want) > 1e-6 {
		t.Errorf("the distance is %v, not %v", got.Distance, want)
	}
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// Of two texts that are as near, one bit is not known at any scale; of one that is nearer, less
// and less.
func TestTemperatures(t *testing.T) {
	t.Parallel()
	even := newTrial(engine.Space{Scale: 10}, [][]float32{{1, 0}, {1, 0}})
	even.picture([]float32{1, 0})
	for _, at := range even.means() {
		if math.Abs(at.Entropy-1) > 1e-9 || math.Abs(at.Top-0.5) > 1e-9 {
			t.Errorf("%+v", at)
		}
	}
	odd := newTrial(engine.Space{Scale: 10}, [][]float32{{1, 0}, {0.8, 0.6}})
	odd.picture([]float32{1, 0})
	all := odd.means()
	p := 1 / (1 + math.Exp(-10*0.2))
	if at := all[2]; at.Factor != 1 || at.Scale != 10 || math.Abs(at.Top-p) > 1e-6 || math.Abs(at.Entropy+p*math.Log2(p)+(1-p)*math.Log2(1-p)) > 1e-6 {
		t.Errorf("%+v, where the probability is %v", at, p)
	}
	for i, at := range all[1:] {
		if at.Entropy >= all[i].Entropy || at.Top <= all[i].Top {
			t.Errorf("%+v after %+v", at, all[i])
		}
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, t.TempDir())
	for i := range 3 {
		paint(t, filepath.Join(dir, fmt.Sprintf("red-%d.png", i)), red, i)
	}
	paint(t, filepath.Join(dir, "same.png"), red, 2) // red-2
	paint(t, filepath.Join(dir, "blue.png"), blue, 0)
	paint(t, filepath.Join(dir, "copy.png"), blue, 0)
	paint(t, filepath.Join(dir, "alone.png"), color.RGBA{200, 200, 0, 255}, 0)
	update(t, x, e, dir, "7 files, 5 encoded, 2 known, 0 same, 0 removed, 0 failed")
	groups, err := x.Duplicates(t.Context(), 0.98)
	if err != nil || len(groups) != 2 {
		t.Fatalf("the groups are %+v, %v", groups, err)
	}
	if reds := groups[0]; reds.files() != 4 || len(reds.Pictures) != 3 || reds.Score < 0.98 || reds.Score > 1 {
		t.Errorf("red are %+v", reds)
	}
	if blues := groups[1]; len(blues.Pictures) != 1 || len(blues.Pictures[0].Copies) != 1 || blues.Score != 1 {
		t.Errorf("blue are %+v", blues)
	}
	texts, err := e.EncodeTexts(t.Context(), []string{"red", "green", "blue"})
	if err != nil {
		t.Fatal(err)
	}
	space, _ := e.Space(t.Context())
	g, err := x.Geometry(t.Context(), space, texts)
	if err != nil || g.Sampled != 5 || g.Damaged != 0 || g.Gap.Distance < 0.1 || g.Gap.Distance > 2 {
		t.Errorf("the geometry is %+v, %v", g, err)
	}
}

// However pairs come, those that hang together are one group.
func TestGrouping(t *testing.T) {
	t.Parallel()
	g := grouping{parent: map[int]int{}, lowest: map[int]float32{}}
	for _, p := range []vectors.Pair{{A: 1, B: 9, Score: 0.99}, {A: 5, B: 7, Score: 0.98}, {A: 7, B: 9, Score: 0.995}, {A: 2, B: 3, Score: 1}} {
		g.join(p)
	}
	members := g.members()
	if len(members) != 2 || len(members[1]) != 4 || len(members[2]) != 2 || g.score(1) != 0.98 {
		t.Errorf("the groups are %v, %v", members, g.lowest)
	}
}
