package tasks

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// BySimilarity classifies by how near a picture is to sentences about the labels in the
// space of a dual encoder (CLIP, arXiv:2103.00020, section 3.1).
type BySimilarity struct {
	Encoder engine.Encoder
	// Templates are the sentences, with {} for the label; DefaultTemplate if there are
	// none. Of several, a label's vector is the mean of theirs, as in CLIP's section 3.1.4.
	Templates []string
}

// DefaultTemplate is the sentence that CLIP's paper has for any picture.
const DefaultTemplate = "a photo of a {}."

// slot is where the label stands in a template.
const slot = "{}"

// neutral stand in a template for anything at all. They are the canonical phrases of LERF
// (arXiv:2303.09553, section 3.3), to which it compares what CLIP says of a word. LERF takes the
// one that fits best; here it is their mean, as one of them may be said of every picture that an
// encoder was trained on: to the demo's all scenes have an "object", better than any one thing.
var neutral = []string{"object", "things", "stuff", "texture"}

// encodedTogether is how many sentences are encoded in one request.
const encodedTogether = 64

// CheckTemplate refuses a template that says the same of each label.
func CheckTemplate(template string) error {
	if strings.Contains(template, slot) {
		return nil
	}
	return &engine.Error{
		Kind:    engine.BadOption,
		Message: "the template " + quoted(template) + " has no {} in it, where the label is to stand",
		Hint:    "such as " + quoted(DefaultTemplate),
	}
}

func quoted(text string) string { return `"` + text + `"` }

// Prepare computes the labels' vectors.
func (c BySimilarity) Prepare(ctx context.Context, choice Choice, progress Progress) (Fitter, error) {
	if err := choice.Check(); err != nil {
		return nil, err
	}
	templates := c.Templates
	if len(templates) == 0 {
		templates = []string{DefaultTemplate}
	}
	for _, t := range templates {
		if err := CheckTemplate(t); err != nil {
			return nil, err
		}
	}
	space, err := c.Encoder.Space(ctx)
	if err != nil {
		return nil, err
	}
	f := &similarities{encoder: c.Encoder, space: space, multi: choice.Multi}
	f.basis = Basis{Method: "similarity", Model: space.Model, Space: space.ID, Device: space.Device, Templates: templates}
	labels := choice.Labels
	if f.multi && !space.Sigmoid {
		f.basis.Neutral = neutral
		labels = slices.Clone(labels)
		for _, word := range neutral {
			labels = append(labels, Label{Name: word})
		}
	}
	if f.labels, err = encodeLabels(ctx, c.Encoder, labels, templates, progress); err != nil {
		return nil, err
	}
	n := len(choice.Labels)
	f.labels, f.neutral = f.labels[:n], f.labels[n:]
	return f, nil
}

// encodeLabels returns a vector of unit length for each label: the mean of those of all
// sentences about it.
func encodeLabels(ctx context.Context, e engine.Encoder, labels []Label, templates []string, progress Progress) ([][]float32, error) {
	vectors := make([][]float32, len(labels))
	var sentences []string
	var about []int // which label
	flush := func() error {
		encoded, err := e.EncodeTexts(ctx, sentences)
		if err != nil {
			return err
		}
		for i, v := range encoded {
			sum := vectors[about[i]]
			if sum == nil {
				vectors[about[i]] = slices.Clone(v)
				continue
			}
			for d, x := range v {
				sum[d] += x
			}
		}
		sentences, about = sentences[:0], about[:0]
		return nil
	}
	for i, l := range labels {
		for _, said := range l.texts() {
			for _, t := range templates {
				sentences, about = append(sentences, strings.ReplaceAll(t, slot, said)), append(about, i)
				if len(sentences) < encodedTogether {
					continue
				}
				progress.tell(i, len(labels))
				if err := flush(); err != nil {
					return nil, err
				}
			}
		}
	}
	if len(sentences) > 0 {
		if err := flush(); err != nil {
			return nil, err
		}
	}
	for _, v := range vectors {
		normalise(v)
	}
	return vectors, nil
}

// normalise gives a vector unit length.
func normalise(v []float32) {
	length := math.Sqrt(dot(v, v))
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

// similarities is what an encoder makes of pictures.
type similarities struct {
	encoder engine.Encoder
	space   engine.Space
	multi   bool
	basis   Basis
	labels  [][]float32
	neutral [][]float32 // of sentences about anything; none where they are not needed
}

// Basis says what the labels were put into.
func (f *similarities) Basis() Basis { return f.basis }

// Fit returns the space's logit of each label. Where several labels may fit, that is what
// SigLIP was trained for; CLIP only knows how much better one text fits than another, so
// there the logit is how much better the label fits than the same sentence about anything.
func (f *similarities) Fit(ctx context.Context, pictures []*images.Picture, progress Progress) ([][]float64, error) {
	progress.tell(0, len(pictures))
	vectors, err := f.encoder.EncodePictures(ctx, pictures)
	if err != nil {
		return nil, err
	}
	var all [][]float64
	for _, v := range vectors {
		rest := 0.0
		for _, n := range f.neutral {
			rest += f.space.Logit(dot(v, n)) / float64(len(f.neutral))
		}
		logits := make([]float64, len(f.labels))
		for i, l := range f.labels {
			logits[i] = f.space.Logit(dot(v, l)) - rest
		}
		all = append(all, logits)
	}
	progress.tell(len(pictures), len(pictures))
	return all, nil
}
