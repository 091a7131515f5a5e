package tasks

import (
	"context"

	"github.com/vlmchat/vlmchat/engine"
)

// Verdict says what a claim rests on.
type Verdict string

// A claim is supported if the pictures speak for it, guessed from language if the model would
// say it as readily without them, contradicted if they speak for something else.
const (
	ClaimSupported    Verdict = "supported"
	ClaimGuessed      Verdict = "guessed"
	ClaimContradicted Verdict = "contradicted"
)

// Checked is a claim, what is known of it, and the verdict.
type Checked struct {
	Claim
	Verdict Verdict `json:"verdict"`
	// Least and Most are the weights of the word that rests least on the pictures, and of
	// the one that rests most; nil where the engine does not tell how likely words are.
	Least *float64 `json:"least,omitempty"`
	Most  *float64 `json:"most,omitempty"`
	Probe Probe    `json:"probe"`
	Blind Probe    `json:"blind"` // of blank pictures

	// Moot says that the probe asks about a thing that is contradicted itself, so that its
	// answer says nothing: where it is, or how, is judged by the words alone.
	Moot bool `json:"moot,omitempty"`
}

// The rule was chosen on captions of 200 fresh scenes of the demo model with and without one
// wrong attribute: colour, shape, size, place, background or count. The evidence for a claim
// is its least weight, as far as that is negative, and a part of the probe's logit. By it wrong
// claims are told from right ones with an AUC of 0.998 (0.989 by the weights alone), and 98 in
// 100 wrong ones are below the limit, with 1 in 100 right ones.
const (
	probePart = 0.2
	refutedTo = -1.5
	probeGain = 1.0 // by which a yes has to be likelier than of a blank picture to be no guess
)

// Evidence is how much speaks for a claim: at refutedTo and below it is contradicted.
func (c Checked) Evidence() float64 {
	e := 0.0
	if !c.Moot {
		e = probePart * c.Probe.logit
	}
	if c.Least != nil {
		e += min(0, *c.Least)
	}
	return e
}

// judge finds the verdict.
func (c *Checked) judge() {
	gained := c.Probe.logit >= 0 && c.Probe.logit-c.Blind.logit >= probeGain
	switch {
	case c.Least == nil && (c.Probe.Said == "" || c.Moot):
		c.Verdict = ClaimGuessed
	case c.Least == nil && c.Probe.logit < 0, c.Evidence() <= refutedTo:
		c.Verdict = ClaimContradicted
	case c.Most != nil && *c.Most >= seenFrom, gained:
		c.Verdict = ClaimSupported
	default:
		c.Verdict = ClaimGuessed
	}
}

// question is what is asked back in a round, with the number that is claimed.
type question struct {
	round int
	text  string
	count int
}

// Check asks the claims of an answer back, with the pictures and with blank ones, and says of
// each what it rests on. g is what the answer's words rest on; nil for engines that don't tell.
func Check(ctx context.Context, e engine.Engine, pictures []engine.Part, claims []Claim, g *Grounding, progress Progress) ([]Checked, error) {
	p := &prober{asker: &Asker{Engine: e}}
	if s, ok := e.(engine.Scorer); ok {
		p.scorer = s
	}
	blanks := blank([]engine.Message{{Parts: pictures}})[0].Parts
	all := make([]Checked, len(claims))
	for i, c := range claims {
		all[i].Claim = c
		if g != nil {
			all[i].Least, all[i].Most = g.weights(c)
		}
	}
	asked := map[question]Probe{} // of each but once, as answers say things twice
	for round, shown := range [][]engine.Part{pictures, blanks} {
		for i := range all {
			progress.tell(round*len(all)+i, 2*len(all))
			to := &all[i].Probe
			if round > 0 {
				to = &all[i].Blind
			}
			q := question{round, claims[i].Question, claims[i].Count}
			if _, known := asked[q]; !known {
				said, err := p.ask(ctx, shown, claims[i])
				if err != nil {
					return nil, err
				}
				asked[q] = said
			}
			*to = asked[q]
		}
	}
	thing := ClaimSupported // the verdict of what the next claims may be about
	for i := range all {
		c := &all[i]
		c.Moot = (c.Kind == Place || c.Kind == Property) && thing == ClaimContradicted
		c.judge()
		if c.Kind == Object || c.Kind == Count {
			thing = c.Verdict
		}
	}
	progress.tell(2*len(all), 2*len(all))
	return all, nil
}

// weights are the least and the largest weight of a claim's words, nil if it has none.
func (g *Grounding) weights(c Claim) (least, most *float64) {
	for _, w := range g.Words {
		if w.Start < c.Start || w.End > c.End {
			continue
		}
		if least == nil {
			low, high := w.Weight, w.Weight
			least, most = &low, &high
			continue
		}
		*least, *most = min(*least, w.Weight), max(*most, w.Weight)
	}
	return least, most
}
