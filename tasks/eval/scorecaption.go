package eval

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/metrics"
	"github.com/vlmchat/vlmchat/metrics/meteor"
	"github.com/vlmchat/vlmchat/metrics/ptb"
	"github.com/vlmchat/vlmchat/metrics/spice"
)

// captions measures captions. What people wrote of the pictures it has cut into words once, for
// all variants.
type captions struct {
	references [][][]string
	meteor     *meteor.Data // nil is what is built in
	spice      *spice.Scorer
	notes      []string
	again      bool // METEOR and SPICE were computed before
	step       func(string)
}

// newCaptions looks for what METEOR and SPICE take. What can't be had is a note, and not an error:
// the answers may have taken hours.
func newCaptions(items []datasets.Item, how Scoring) *captions {
	c := &captions{references: make([][][]string, len(items)), step: how.Step, again: how.again}
	if c.step == nil {
		c.step = func(string) {}
	}
	each(len(items), func(i int) {
		for _, r := range items[i].References {
			c.references[i] = append(c.references[i], ptb.Tokenize(r))
		}
	})
	if c.again {
		return c
	}
	var err error
	if how.MeteorData != "" {
		if c.meteor, err = meteor.Open(how.MeteorData); err != nil {
			c.notes = append(c.notes, "METEOR has only the modules that are built in: "+err.Error()+".")
		}
	}
	if how.SpiceJar == "" {
		c.notes = append(c.notes, "SPICE was not computed: it takes Java and the reference's jar, whose folder --spice names.")
	} else if c.spice, err = spice.Find(how.SpiceJar); err != nil {
		c.notes = append(c.notes, "SPICE was not computed: "+err.Error()+".")
	}
	return c
}

func (c *captions) Close() {
	if c.meteor != nil {
		c.meteor.Close()
	}
}

// measure measures the captions of one variant. That of an item which failed is empty.
func (c *captions) measure(ctx context.Context, found []Prediction) (all []measure, notes []string, err error) {
	said := make([]metrics.Captioned, len(found))
	each(len(found), func(i int) {
		said[i].References = c.references[i]
		if found[i].Error == "" {
			said[i].Candidate = ptb.Tokenize(strings.ReplaceAll(found[i].Answer, "\n", " "))
		}
	})
	results := metrics.Captions(said)
	if !c.again {
		m, err := c.byMeteor(ctx, said, &notes)
		if err != nil {
			return nil, nil, err
		}
		results = slices.Insert(results, 4, m) // behind BLEU
	}
	if c.spice != nil {
		c.step("SPICE …")
		s, err := c.spice.Score(ctx, said)
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case err != nil:
			notes = append(notes, "SPICE was not computed: "+err.Error()+".")
		default:
			results = append(results, s)
		}
	}
	for _, r := range results {
		all = append(all, measure{r, whole(len(found))})
	}
	return all, append(slices.Clone(c.notes), notes...), nil
}

// byMeteor measures by METEOR: where its data can't be read, by what is built in.
func (c *captions) byMeteor(ctx context.Context, said []metrics.Captioned, notes *[]string) (metrics.Result, error) {
	c.step("METEOR …")
	m, err := c.meteor.Score(ctx, said)
	if err != nil && ctx.Err() == nil {
		*notes = append(*notes, "METEOR has only the modules that are built in: "+err.Error()+".")
		m, err = (*meteor.Data)(nil).Score(ctx, said)
	}
	return m, err
}

// each does something for each of n numbers, on all cores.
func each(n int, do func(i int)) {
	var all sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for first := range cores {
		all.Go(func() {
			for i := first; i < n; i += cores {
				do(i)
			}
		})
	}
	all.Wait()
}
