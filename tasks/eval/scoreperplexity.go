package eval

import (
	"fmt"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/metrics"
)

// The names of the scores of texts: with their pictures, and with a blank one in place of each.
const (
	perplexity      = "perplexity"
	blankPerplexity = "perplexity, blank picture"
)

// measureTexts tells how surprising the texts were. One that failed has no surprise that could be
// counted, and is left out.
func measureTexts(_ []datasets.Item, found []Prediction) (all []measure, notes []string) {
	var logprobs, blank []float64
	var tokens []int
	var units []unit
	blanks := 0
	for i, p := range found {
		if p.Error != "" || p.Tokens < 1 {
			continue
		}
		logprobs, blank = append(logprobs, p.Logprob), append(blank, p.Blank)
		tokens, units = append(tokens, p.Tokens), append(units, unit{item: i})
		if p.Blank != 0 {
			blanks++
		}
	}
	if left := len(found) - len(units); left > 0 {
		notes = append(notes, fmt.Sprintf("The perplexity is that of %d of %d texts: of the others there is none.", len(units), len(found)))
	}
	if len(units) == 0 {
		return nil, notes
	}
	all = append(all, measure{metrics.Perplexity(logprobs, tokens), units})
	if blanks == len(units) {
		r := metrics.Perplexity(blank, tokens)
		r.Name = blankPerplexity
		all = append(all, measure{r, units})
	}
	return all, notes
}
