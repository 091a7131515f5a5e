package tasks

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// Classifier tells how well labels fit pictures: a dual encoder by the similarity of
// the two (BySimilarity), a chat model by how readily it says them (ByLikelihood).
type Classifier interface {
	// Prepare reads the labels of a choice once, for all pictures about which it is made.
	Prepare(ctx context.Context, choice Choice, progress Progress) (Fitter, error)
}

// Fitter tells how well the labels of one choice fit pictures. It may be used by several
// goroutines at once.
type Fitter interface {
	// Fit returns, for each picture, a number for each label, a logit. The softmax of
	// them are the labels' probabilities; where several labels may fit, the sigmoid of
	// one is the probability of that label by itself.
	Fit(ctx context.Context, pictures []*images.Picture, progress Progress) ([][]float64, error)
	// Basis says what the numbers come from.
	Basis() Basis
}

// Basis is what a classification comes from.
type Basis struct {
	Method     string   `json:"method"` // "similarity" or "likelihood"
	Model      string   `json:"model"`
	Space      string   `json:"space,omitempty"` // that of an encoder
	Device     string   `json:"device,omitempty"`
	Templates  []string `json:"templates,omitempty"`  // into which an encoder's labels were put
	Neutral    []string `json:"neutral,omitempty"`    // words that stand for anything at all, to which each label was compared
	Question   string   `json:"question,omitempty"`   // that a chat model was asked; {} is a label
	Calibrated bool     `json:"calibrated,omitempty"` // what a chat model says of a blank picture was taken off
}

// Choice is what there is to choose from, and how.
type Choice struct {
	Labels    []Label
	Multi     bool    // several labels may fit, or none: each has a probability of its own
	Top       int     // so many labels at most are told, 0 for all
	Threshold float64 // those that are less probable are not told
}

// Labelled is a label and how probable it is, of those that were to choose from.
type Labelled struct {
	Label       string  `json:"label"`
	Probability float64 `json:"probability"`
	Logit       float64 `json:"logit"` // of which the probability was made
}

// Classify tells for each picture which labels of a choice fit, the most probable first.
func Classify(ctx context.Context, c Classifier, pictures []*images.Picture, choice Choice, progress Progress) ([][]Labelled, error) {
	f, err := c.Prepare(ctx, choice, progress)
	if err != nil {
		return nil, err
	}
	fits, err := f.Fit(ctx, pictures, progress)
	if err != nil {
		return nil, err
	}
	var all [][]Labelled
	for _, logits := range fits {
		found, err := choice.Of(logits)
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	return all, nil
}

// Of makes of a Fitter's logits for one picture what is told of it. There may be no label
// that fits, where there is a threshold. The error is of logits that are no numbers.
func (c Choice) Of(logits []float64) ([]Labelled, error) {
	if slices.ContainsFunc(logits, math.IsNaN) {
		return nil, &engine.Error{Kind: engine.Failed, Message: "the model computed something that is no number, so it can't be told which label fits"}
	}
	probabilities := softmax(logits)
	if c.Multi {
		for i, x := range logits {
			probabilities[i] = sigmoid(x)
		}
	}
	found := make([]Labelled, len(logits))
	for i, p := range probabilities {
		found[i] = Labelled{c.Labels[i].Name, p, logits[i]}
	}
	slices.SortStableFunc(found, func(a, b Labelled) int {
		switch {
		case a.Logit > b.Logit:
			return -1
		case a.Logit < b.Logit:
			return 1
		}
		return 0
	})
	if c.Top > 0 {
		found = found[:min(c.Top, len(found))]
	}
	if fewer := slices.IndexFunc(found, func(l Labelled) bool { return l.Probability < c.Threshold }); fewer >= 0 {
		found = found[:fewer]
	}
	return found, nil
}

// Check refuses a choice in which there is nothing to choose.
func (c Choice) Check() error {
	bad := func(format string, values ...any) error {
		return &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf(format, values...), Hint: "labels stand between commas: cat, dog, neither"}
	}
	seen := map[string]int{}
	for i, l := range c.Labels {
		plain := l.plain()
		if plain == "" {
			return bad("label %d of %d is empty", i+1, len(c.Labels))
		}
		if !utf8.ValidString(l.Name) || !strings.ContainsFunc(plain, visible) {
			return bad("label %d of %d, %q, is no text that could be read", i+1, len(c.Labels), l.Name)
		}
		if first, ok := seen[plain]; ok {
			return bad("the label %q is there twice, as number %d and number %d", l.Name, first+1, i+1)
		}
		seen[plain] = i
	}
	switch {
	case len(c.Labels) == 0:
		return bad("there are no labels to choose from")
	case len(c.Labels) < 2 && !c.Multi:
		return bad("there are two labels at least to choose from, and here is 1")
	}
	return nil
}

// visible tells whether a character is seen when it is printed.
func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// softmax turns numbers into probabilities.
func softmax(x []float64) []float64 {
	most := math.Inf(-1)
	for _, v := range x {
		most = max(most, v)
	}
	sum := 0.0
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Exp(v - most)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// sigmoid is the probability that a logit stands for.
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
