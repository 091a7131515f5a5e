package metrics

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

func TestRanksClassesAndPerplexityAreNumpys(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/ranks.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Classification struct {
			Said, Right []string
			Places      []int
			Scores      map[string]float64
		}
		Retrieval struct {
			Ranks    [][]int
			Searched int
			Scores   map[string]float64
		}
		Perplexity struct {
			Logprobs []float64
			Tokens   []int
			Scores   map[string]float64
		}
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	c, q, p := f.Classification, f.Retrieval, f.Perplexity
	searched := make([]int, len(q.Ranks))
	for i := range searched {
		searched[i] = q.Searched
	}
	compare(t, c.Scores, TopK(1, c.Places), TopK(5, c.Places), MeanPerClass(c.Said, c.Right), MacroF1(c.Said, c.Right))
	compare(t, q.Scores, RecallAt(1, q.Ranks), RecallAt(5, q.Ranks), RecallAt(10, q.Ranks), MAP(q.Ranks), MRR(q.Ranks), MedianRank(q.Ranks, searched))
	compare(t, p.Scores, Perplexity(p.Logprobs, p.Tokens))
}

func compare(t *testing.T, want map[string]float64, got ...Result) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d results, and %d in the reference", len(got), len(want))
	}
	for _, r := range got {
		if d := math.Abs(r.Score() - want[r.Name]); !(d < 1e-9) {
			t.Errorf("%s is %v, and %v in the reference", r.Name, r.Score(), want[r.Name])
		}
		if low, high := r.Interval(); !(low <= r.Score() && r.Score() <= high && low < high) {
			t.Errorf("%s is %v, and from %v to %v", r.Name, r.Score(), low, high)
		}
	}
}

func TestRanksOfWhatWasNotFound(t *testing.T) {
	t.Parallel()
	ranks, searched := [][]int{{}, {0, 0}, {2, 0}}, []int{7, 7, 7}
	for _, c := range []struct {
		r    Result
		want []float64
	}{
		{TopK(1, []int{0, 1, 2}), []float64{0, 1, 0}},
		{RecallAt(5, ranks), []float64{0, 0, 1}},
		{MAP(ranks), []float64{0, 0, 0.25}},
		{MRR(ranks), []float64{0, 0, 0.5}},
		{MedianRank(ranks, searched), []float64{8, 8, 2}},
	} {
		for i, want := range c.want {
			if c.r.Items[i] != want {
				t.Errorf("%s of query %d is %v, want %v", c.r.Name, i, c.r.Items[i], want)
			}
		}
	}
}

func TestMedianOfAnEvenNumberOfRanks(t *testing.T) {
	t.Parallel()
	if got := MedianRank([][]int{{1}, {7}, {4}, {2}}, []int{9, 9, 9, 9}).Score(); got != 3 {
		t.Errorf("that of 1, 2, 4 and 7 is %v", got)
	}
}
