package meteor

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/metrics"
)

// cache is where "make meteor" puts the reference's wheel.
const cache = "../../.cache/meteor"

var opened = sync.OnceValues(func() (*Data, error) { return Open(cache) })

// reference is METEOR's own data.
func reference(t testing.TB) *Data {
	t.Helper()
	d, err := opened()
	if err != nil {
		t.Fatalf("these tests need the reference's data (run 'make meteor'): %v", err)
	}
	return d
}

// captioned is what pycocoevalcap hands to METEOR.
func captioned(candidate string, references ...string) metrics.Captioned {
	c := metrics.Captioned{Candidate: strings.Split(candidate, " ")}
	for _, r := range references {
		c.References = append(c.References, strings.Split(r, " "))
	}
	return c
}

// TestScoresAreThoseOfPycocoevalcap holds captions against what pycocoevalcap makes of them,
// with all that METEOR has; and says how far off the score is without its data.
func TestScoresAreThoseOfPycocoevalcap(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../testdata/captions.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Corpus map[string]float64
		Items  []struct {
			Tokens          string
			ReferenceTokens []string `json:"reference_tokens"`
			Scores          map[string]float64
		}
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	var all []metrics.Captioned
	for _, i := range f.Items {
		all = append(all, captioned(i.Tokens, i.ReferenceTokens...))
	}
	if len(all) < 200 {
		t.Fatalf("%d captions", len(all))
	}
	r, err := reference(t).Score(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "METEOR" {
		t.Errorf("the score is called %q", r.Name)
	}
	if d := math.Abs(r.Score() - f.Corpus["METEOR"]); !(d < 1e-9) {
		t.Errorf("METEOR is %v, and %v in the reference", r.Score(), f.Corpus["METEOR"])
	}
	for i, item := range f.Items {
		if d := math.Abs(r.Items[i] - item.Scores["METEOR"]); !(d < 1e-9) {
			t.Errorf("METEOR of %q is %v, and %v in the reference", item.Tokens, r.Items[i], item.Scores["METEOR"])
		}
	}

	var none *Data
	without, err := none.Score(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	if want := "METEOR (exact, stem; own function words)"; without.Name != want {
		t.Errorf("the score without data is called %q, not %q", without.Name, want)
	}
	listed, err := (&Data{function: reference(t).function}).Score(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("without data: %.4f for %.4f, correlation of captions %.3f", without.Score(), r.Score(), correlation(without.Items, r.Items))
	t.Logf("of the same modules with the reference's function words: %.4f, correlation %.4f", listed.Score(), correlation(without.Items, listed.Items))
	if c := correlation(without.Items, listed.Items); c < 0.99 {
		t.Errorf("with function words of our own the captions' scores correlate by %.3f only", c)
	}
}

// correlation is Pearson's.
func correlation(x, y []float64) float64 {
	mean := func(v []float64) float64 {
		sum := 0.0
		for _, a := range v {
			sum += a
		}
		return sum / float64(len(v))
	}
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
	}
	return xy / math.Sqrt(xx*yy)
}

// jarSays is testdata/reference.json: what METEOR's jar makes of words, texts and captions.
type jarSays struct {
	Stems      map[string]string
	Normalized [][2]string
	Alignments [][5]json.RawMessage
}

func readJar(t *testing.T) *jarSays {
	t.Helper()
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r jarSays
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestStemsAreTheJars(t *testing.T) {
	t.Parallel()
	for word, want := range readJar(t).Stems {
		if got := stem(word); got != want {
			t.Errorf("the stem of %q is %q, not %q", word, got, want)
		}
	}
}

func TestTextsAreNormalizedAsTheJarDoes(t *testing.T) {
	t.Parallel()
	for _, pair := range readJar(t).Normalized {
		if got, want := normalize(pair[0]), strings.FieldsFunc(pair[1], isBlank); !slices.Equal(got, want) {
			t.Errorf("%q becomes %q, not %q", pair[0], got, want)
		}
	}
}

// TestAlignmentsAreTheJars holds the statistics of each caption against the jar's, with as
// many modules as there are data for.
func TestAlignmentsAreTheJars(t *testing.T) {
	t.Parallel()
	full := reference(t)
	rows := readJar(t).Alignments
	var all []metrics.Captioned
	for _, row := range rows {
		var candidate string
		var references []string
		if json.Unmarshal(row[0], &candidate) != nil || json.Unmarshal(row[1], &references) != nil {
			t.Fatal("reference.json is no longer what it was")
		}
		all = append(all, captioned(candidate, references...))
	}
	for i, d := range []*Data{{function: full.function}, {function: full.function, synonyms: full.synonyms}, full} {
		t.Run(d.Name(), func(t *testing.T) {
			found, err := d.statistics(t.Context(), all)
			if err != nil {
				t.Fatal(err)
			}
			for j, row := range rows {
				var want []int
				if err := json.Unmarshal(row[2+i], &want); err != nil {
					t.Fatal(err)
				}
				if got := found[j].numbers(); !slices.Equal(got, want) {
					t.Errorf("%q against %s:\n got  %v\n want %v", all[j].Candidate, row[1], got, want)
				}
			}
		})
	}
}

// numbers are statistics in the order in which the jar prints them.
func (s *statistics) numbers() []int {
	c, r := &s.candidate, &s.reference
	n := []int{c.words, r.words, c.functionWords, r.functionWords}
	for i := range modules {
		n = append(n, c.content[i], r.content[i], c.function[i], r.function[i])
	}
	return append(n, s.chunks, c.matched(), r.matched())
}

func TestScoresOfOddCaptions(t *testing.T) {
	t.Parallel()
	var none *Data
	for _, c := range []struct {
		name string
		item metrics.Captioned
		want float64
	}{
		{"nothing at all", metrics.Captioned{}, 0},
		{"no references", captioned("a dog"), 0},
		{"an empty candidate", captioned("", "a dog runs"), 0},
		{"an empty reference", captioned("a dog runs", ""), 0},
		{"the same", captioned("a dog runs", "a cat", "a dog runs"), 1},
		{"nothing in common", captioned("two horses", "a dog runs"), 0},
		{"bars that separate references", captioned("a dog runs", "a cat ||| a dog runs"), 1},
		{"bars in a candidate", captioned("a ||| dog runs", "a dog runs"), 1},
	} {
		r, err := none.Score(t.Context(), []metrics.Captioned{c.item})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.Items[0]-c.want) > 1e-12 || math.Abs(r.Score()-c.want) > 1e-12 {
			t.Errorf("%s has %v and %v together, not %v", c.name, r.Items[0], r.Score(), c.want)
		}
	}
	r, err := none.Score(t.Context(), nil)
	if err != nil || !math.IsNaN(r.Score()) {
		t.Errorf("no captions have the score %v, %v", r.Score(), err)
	}
}

// TestSearchIsBounded aligns a caption that says one word over and over.
func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	var none *Data
	text := strings.Repeat("the dog ", 60)
	r, err := none.Score(t.Context(), []metrics.Captioned{captioned(text, "dog "+text)})
	if err != nil || !(r.Items[0] > 0.2) {
		t.Errorf("got %v, %v", r.Items, err)
	}
}

func TestEveryPlaceOfTheDataIsFound(t *testing.T) {
	t.Parallel()
	if name := reference(t).Name(); name != "METEOR" {
		t.Errorf("with a wheel the score is called %q", name)
	}
	folder := folderOf(t, map[string][]byte{jarName: jarOf(t, small(t))})
	name := func(path, want string) {
		t.Helper()
		d, err := Open(filepath.Join(folder, path))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if d.Name() != want {
			t.Errorf("with %q the score is called %q, not %q", path, d.Name(), want)
		}
	}
	name("", "METEOR (exact, stem, synonym)")
	name(jarName, "METEOR (exact, stem, synonym)")
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "data", tableName), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	name("", "METEOR")
	name(jarName, "METEOR")

	above := t.TempDir()
	if err := os.Rename(folder, filepath.Join(above, "meteor")); err != nil {
		t.Fatal(err)
	}
	folder = above
	name("", "METEOR")
}

func BenchmarkScore(b *testing.B) {
	var all []metrics.Captioned
	for range 5000 {
		all = append(all, captioned("a young man is riding a wave on top of a surfboard",
			"a man riding a wave on a surfboard in the ocean", "a surfer rides a large wave in the sea",
			"a person on a surf board riding a wave", "the man is surfing on the ocean's waves", "a man surfs a wave near the beach"))
	}
	d := reference(b)
	b.ResetTimer()
	for range b.N {
		if _, err := d.Score(b.Context(), all); err != nil {
			b.Fatal(err)
		}
	}
}
