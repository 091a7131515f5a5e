package tasks

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// drawn is an encoder whose vectors a test has drawn up: those of texts, and one for all
// pictures.
type drawn struct {
	space   engine.Space
	texts   map[string][]float32
	picture []float32
	asked   *[]int // how many texts were encoded at once
}

func (d drawn) Space(context.Context) (engine.Space, error) { return d.space, nil }
func (d drawn) Close() error                                { return nil }

func (d drawn) EncodePictures(_ context.Context, pictures []*images.Picture) ([][]float32, error) {
	return slices.Repeat([][]float32{d.picture}, len(pictures)), nil
}

func (d drawn) EncodeTexts(_ context.Context, texts []string) ([][]float32, error) {
	if d.asked != nil {
		*d.asked = append(*d.asked, len(texts))
	}
	var all [][]float32
	for _, text := range texts {
		v, ok := d.texts[text]
		if !ok {
			v = []float32{1, 0}
		}
		all = append(all, v)
	}
	return all, nil
}

// A label is as near as the mean of what is said of it, by each template.
func TestBySimilarity(t *testing.T) {
	t.Parallel()
	up, right, picture := []float32{0, 1}, []float32{1, 0}, []float32{0.6, 0.8}
	e := drawn{space: engine.Space{Model: "m", ID: "s", Scale: 10, Bias: -3}, picture: picture, texts: map[string][]float32{
		"a cat": up, "no cat": right, "a dog": right, "no dog": right, "a hound": up, "no hound": up,
		"a photo of a cat.": up, "a photo of a dog.": right, "a photo of a object.": {0.8, 0.6}, "a photo of a stuff.": up,
	}}
	half := float32(math.Sqrt(0.5))
	dot := func(a []float32) float64 {
		return 10*(float64(a[0])*float64(picture[0])+float64(a[1])*float64(picture[1])) - 3
	}
	anything := (dot([]float32{0.8, 0.6}) + dot(up) + 2*dot(right)) / 4
	labels := []Label{{Name: "cat"}, {"dog", []string{"dog", "hound"}}}
	for _, row := range []struct {
		name      string
		templates []string
		choice    Choice
		sigmoid   bool
		want      []float64
	}{
		{"one template", nil, Choice{Labels: Labels("cat,dog")}, false, []float64{dot(up), dot(right)}},
		{"several", []string{"a {}", "no {}"}, Choice{Labels: labels}, false, []float64{dot([]float32{half, half}), dot([]float32{half, half})}},
		{"SigLIP", nil, Choice{Labels: Labels("cat,dog"), Multi: true}, true, []float64{dot(up), dot(right)}},
		{"CLIP", nil, Choice{Labels: Labels("cat,dog"), Multi: true}, false,
			[]float64{dot(up) - anything, dot(right) - anything}},
	} {
		e.space.Sigmoid = row.sigmoid
		f, err := BySimilarity{e, row.templates}.Prepare(t.Context(), row.choice, nil)
		if err != nil {
			t.Fatal(err)
		}
		fits, err := f.Fit(t.Context(), make([]*images.Picture, 2), nil)
		if err != nil || len(fits) != 2 || !slices.EqualFunc(fits[1], row.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-5 }) {
			t.Errorf("%s: %v, %v, want %v", row.name, fits, err, row.want)
		}
		if b := f.Basis(); b.Method != "similarity" || b.Space != "s" || len(b.Templates) == 0 {
			t.Errorf("%s: %+v", row.name, b)
		}
	}
}

// Labels by the thousand are encoded in parts, in their order.
func TestManyLabels(t *testing.T) {
	t.Parallel()
	var names []string
	e := drawn{space: engine.Space{Scale: 1}, picture: []float32{0, 1}, texts: map[string][]float32{}, asked: new([]int)}
	for i := range 1000 {
		names = append(names, strings.Repeat("x", i+1))
		angle := float64(i) / 1000 * math.Pi / 2
		for _, t := range []string{"a ", "the "} {
			e.texts[t+names[i]] = []float32{float32(math.Cos(angle)), float32(math.Sin(angle))}
		}
	}
	last := 0
	found, err := Classify(t.Context(), BySimilarity{e, []string{"a {}", "the {}"}}, make([]*images.Picture, 1), Choice{Labels: named(names...), Top: 2}, func(done, _ int) { last = done })
	if err != nil || found[0][0].Label != names[999] || found[0][1].Label != names[998] || last != 1 {
		t.Errorf("%v, %v, %d", found, err, last)
	}
	if most := slices.Max(*e.asked); most > encodedTogether {
		t.Errorf("%d at once", most)
	}
}

func TestTemplatesToRefuse(t *testing.T) {
	t.Parallel()
	_, err := Classify(t.Context(), BySimilarity{drawn{}, []string{"a {}", "a photo"}}, nil, Choice{Labels: Labels("a,b")}, nil)
	if engine.KindOf(err) != engine.BadOption || err.Error() != `the template "a photo" has no {} in it, where the label is to stand` {
		t.Error(err)
	}
}
