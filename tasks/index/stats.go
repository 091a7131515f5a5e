package index

import (
	"context"
	"math"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/vectors"
)

// Gap is how far apart an encoder puts pictures and texts (Liang et al. 2022, "Mind the Gap",
// arXiv 2203.02053): in a space that both share, they lie in cones of their own.
type Gap struct {
	Distance float64 `json:"distance"`        // between the centroids of the vectors of pictures and of texts
	Pictures float64 `json:"within_pictures"` // the mean cosine of two pictures
	Texts    float64 `json:"within_texts"`    // of two texts
	Across   float64 `json:"across"`          // of a picture and a text
}

// Temperature is what the probabilities of texts are like at one logit scale.
type Temperature struct {
	Factor  float64 `json:"factor"`          // of the model's own scale
	Scale   float64 `json:"logit_scale"`     // the inverse of the temperature
	Entropy float64 `json:"entropy_bits"`    // the mean over pictures
	Top     float64 `json:"top_probability"` // the mean probability of the likeliest text
}

// Geometry is what the vectors of an index are like beside those of some texts.
type Geometry struct {
	Gap          Gap
	Temperatures []Temperature
	Sampled      int // pictures of which the temperatures are the means
	Damaged      int // vectors that were left out
}

// factors are those by which the scale of a model is changed.
var factors = []float64{0.25, 0.5, 1, 2, 4}

// sampled is for how many pictures the temperatures are tried at most: a mean of so many is
// good to a hundredth.
const sampled = 10_000

// Geometry compares the vectors of all pictures in the index with those of texts.
func (x *Index) Geometry(ctx context.Context, space engine.Space, texts [][]float32) (g Geometry, err error) {
	s, err := x.State(ctx)
	if err != nil {
		return g, err
	}
	f, err := x.openVectors(s)
	if err != nil {
		return g, err
	}
	defer f.Close()
	live, err := x.live(ctx)
	if err != nil {
		return g, err
	}
	sumOfTexts := sumOf(texts, s.Space.Dimensions)
	sumOfPictures := make([]float64, s.Space.Dimensions)
	tried := newTrial(space, texts)
	step, n := max(1, (live.Len()+sampled-1)/sampled), 0
	damaged, err := f.Each(live, func(_ int, v []float32) bool {
		for i, value := range v {
			sumOfPictures[i] += float64(value)
		}
		if n%step == 0 {
			tried.picture(v)
		}
		n++
		return ctx.Err() == nil
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return g, x.broken(err)
	}
	g.Gap = gapOf(sumOfPictures, n, sumOfTexts, len(texts))
	g.Temperatures, g.Sampled, g.Damaged = tried.means(), tried.pictures, len(damaged)
	return g, nil
}

// live are the rows of contents that some picture has.
func (x *Index) live(ctx context.Context) (*vectors.Set, error) {
	rows, err := x.db.QueryContext(ctx, "SELECT row FROM contents WHERE id IN (SELECT content FROM pictures)")
	if err != nil {
		return nil, x.failure("reading", err)
	}
	defer rows.Close()
	live := vectors.NewSet()
	for rows.Next() {
		var row int
		if err := rows.Scan(&row); err != nil {
			return nil, x.failure("reading", err)
		}
		live.Add(row)
	}
	return live, x.failure("reading", rows.Err())
}

func sumOf(vectors [][]float32, dimensions int) []float64 {
	sum := make([]float64, dimensions)
	for _, v := range vectors {
		for i, x := range v {
			sum[i] += float64(x)
		}
	}
	return sum
}

// gapOf computes it from sums: the cosines of all pairs of n vectors of unit length with the
// sum s add up to (|s|²-n)/2.
func gapOf(pictures []float64, n int, texts []float64, m int) (g Gap) {
	if n == 0 || m == 0 {
		return g
	}
	for i := range pictures {
		d := pictures[i]/float64(n) - texts[i]/float64(m)
		g.Distance += d * d
		g.Across += pictures[i] / float64(n) * texts[i] / float64(m)
	}
	g.Distance = math.Sqrt(g.Distance)
	g.Pictures, g.Texts = within(pictures, n), within(texts, m)
	return g
}

// within is the mean cosine of two of n vectors with a sum; of one alone it is 1.
func within(sum []float64, n int) float64 {
	if n < 2 {
		return 1
	}
	square := 0.0
	for _, x := range sum {
		square += x * x
	}
	return (square - float64(n)) / (float64(n) * float64(n-1))
}

// trial tries the softmax over texts at several scales.
type trial struct {
	space    engine.Space
	texts    [][]float32
	pictures int
	entropy  []float64 // sums, for each factor
	top      []float64
}

func newTrial(space engine.Space, texts [][]float32) *trial {
	return &trial{space: space, texts: texts, entropy: make([]float64, len(factors)), top: make([]float64, len(factors))}
}

// picture tries it with the vector of one.
func (t *trial) picture(v []float32) {
	if len(t.texts) == 0 {
		return
	}
	t.pictures++
	cosines := make([]float64, len(t.texts))
	best := math.Inf(-1)
	for i, text := range t.texts {
		for j, x := range v {
			cosines[i] += float64(x) * float64(text[j])
		}
		best = max(best, cosines[i])
	}
	for i, factor := range factors {
		// With z the sum of e^d, the entropy is log z - Σ d·e^d/z.
		sum, weighted := 0.0, 0.0
		for _, c := range cosines {
			d := factor * t.space.Scale * (c - best)
			sum += math.Exp(d)
			weighted += d * math.Exp(d)
		}
		t.entropy[i] += (math.Log(sum) - weighted/sum) / math.Ln2
		t.top[i] += 1 / sum
	}
}

func (t *trial) means() []Temperature {
	all := []Temperature{}
	for i, factor := range factors {
		if t.pictures > 0 {
			all = append(all, Temperature{factor, factor * t.space.Scale, t.entropy[i] / float64(t.pictures), t.top[i] / float64(t.pictures)})
		}
	}
	return all
}
