package eval

import (
	"context"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/metrics"
	"github.com/vlmchat/vlmchat/metrics/meteor"
	"github.com/vlmchat/vlmchat/metrics/ptb"
	"github.com/vlmchat/vlmchat/metrics/spice"
)

// measureCaptions measures captions. That of an item which failed is empty. What METEOR and SPICE
// take is read once for the captions of all variants, as that takes longer than measuring. What
// can't be had is a note, and not an error: the answers may have taken hours.
func measureCaptions(ctx context.Context, items []datasets.Item, found [][]Prediction, how Scoring) (all [][]measure, notes []string, err error) {
	references := make([][][]string, len(items))
	metrics.InParallel(len(items), func(i int) {
		for _, r := range items[i].References {
			references[i] = append(references[i], ptb.Tokenize(r))
		}
	})
	said := make([]metrics.Captioned, 0, len(found)*len(items))
	for _, answers := range found {
		begin := len(said)
		said = said[:begin+len(items)]
		metrics.InParallel(len(items), func(i int) {
			said[begin+i].References = references[i]
			if answers[i].Error == "" {
				said[begin+i].Candidate = ptb.Tokenize(strings.ReplaceAll(answers[i].Answer, "\n", " "))
			}
		})
	}
	var long []metrics.Result // of the captions of all variants
	if !how.again {
		if long, notes, err = measureLong(ctx, said, how); err != nil {
			return nil, nil, err
		}
	}
	for v := range found {
		begin, end := v*len(items), (v+1)*len(items)
		results := metrics.Captions(said[begin:end])
		for i, r := range long {
			at := len(results)
			if i == 0 {
				at = 4 // METEOR stands behind BLEU
			}
			results = slices.Insert(results, at, r.Some(span(begin, end)))
		}
		var of []measure
		for _, r := range results {
			of = append(of, measure{r, whole(len(items))})
		}
		all = append(all, of)
	}
	return all, notes, nil
}

// span is the numbers from begin to before end.
func span(begin, end int) []int {
	all := make([]int, end-begin)
	for i := range all {
		all[i] = begin + i
	}
	return all
}

// measureLong measures by METEOR, and by SPICE where that is there.
func measureLong(ctx context.Context, said []metrics.Captioned, how Scoring) (results []metrics.Result, notes []string, err error) {
	step := how.Step
	if step == nil {
		step = func(string) {}
	}
	step("METEOR …")
	m, note, err := byMeteor(ctx, said, how.MeteorData)
	if err != nil {
		return nil, nil, err
	}
	results = append(results, m)
	if note != "" {
		notes = append(notes, note)
	}
	if how.SpiceJar == "" {
		return results, append(notes, "SPICE was not computed: it takes Java and the reference's jar, whose folder --spice names."), nil
	}
	step("SPICE …")
	scorer, err := spice.Find(how.SpiceJar)
	if err == nil {
		var s metrics.Result
		if s, err = scorer.Score(ctx, said); err == nil {
			results = append(results, s)
		}
	}
	if err != nil {
		notes = append(notes, "SPICE was not computed: "+err.Error()+".")
	}
	return results, notes, ctx.Err()
}

// byMeteor measures by METEOR: where its data can't be read, by what is built in, and a note says
// why.
func byMeteor(ctx context.Context, said []metrics.Captioned, path string) (m metrics.Result, note string, err error) {
	var data *meteor.Data // nil is what is built in
	if path != "" {
		if data, err = meteor.Open(path); err == nil {
			defer data.Close()
			m, err = data.Score(ctx, said)
		}
		if err == nil || ctx.Err() != nil {
			return m, "", err
		}
		data, note = nil, "METEOR has only the modules that are built in: "+err.Error()+"."
	}
	m, err = data.Score(ctx, said)
	return m, note, err
}
