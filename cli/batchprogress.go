package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/termtext"
)

// batchProgress shows on a terminal how far a batch is, on one line, and in the end what
// came of it.
type batchProgress struct {
	*status
	stderr io.Writer
	prices engine.Prices
	output string // that a run can go on with, "" for none

	mu       sync.Mutex
	total    int // with those that were done before
	before   int // were done before
	done     int
	failed   int
	tokens   int // of answers
	cost     float64
	kinds    map[string]int // of errors
	first    *batch.Record  // that failed
	began    time.Time
	recent   []progressAt // of the last minute
	stopped  chan struct{}
	finished sync.WaitGroup
}

// progressAt is how far a batch was.
type progressAt struct {
	at           time.Time
	done, tokens int
}

// recently is over how long speed is measured: long enough for it to be steady, short
// enough to tell that a server has slowed down.
const recently = time.Minute

func (a *app) batchProgress(flags batchFlags, prices engine.Prices) *batchProgress {
	p := &batchProgress{status: newStatus(a.stderr), stderr: a.stderr, prices: prices, kinds: map[string]int{}}
	if flags.records != "" { // a stream has nothing to go on from
		p.output = flags.output
	}
	if flags.quiet {
		p.status = &status{}
	}
	return p
}

func (p *batchProgress) counting() { p.doing("counting") }

// begin shows the line, and has it shown anew each second.
func (p *batchProgress) begin(plan batch.Plan) {
	p.total, p.before, p.began = plan.Done+plan.Todo, plan.Done, time.Now()
	p.recent = []progressAt{{at: p.began}}
	if p.w == nil {
		return
	}
	p.stopped = make(chan struct{})
	p.finished.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			p.draw()
			select {
			case <-tick.C:
			case <-p.stopped:
				return
			}
		}
	})
}

// end takes the line away.
func (p *batchProgress) end() {
	if p.stopped != nil {
		close(p.stopped)
		p.finished.Wait()
	}
	p.clear()
}

// took counts a record.
func (p *batchProgress) took(r batch.Record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if r.GeneratedTokens != nil {
		p.tokens += *r.GeneratedTokens
	}
	if r.Cost != nil {
		p.cost += float64(*r.Cost)
	}
	if r.Status == batch.Failed {
		p.failed++
		p.kinds[*r.ErrorKind]++
		if p.first == nil {
			p.first = &r
		}
	}
}

func (p *batchProgress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.recent = append(p.recent, progressAt{now, p.done, p.tokens})
	for len(p.recent) > 2 && now.Sub(p.recent[1].at) > recently {
		p.recent = p.recent[1:]
	}
	p.doing(p.line(now))
}

// line is what is shown: 1,234/10,000 · 2 errors · 43m left · $1.20 · 3.4/s · 512 tok/s
// What a narrow terminal cuts off is what one can best do without.
func (p *batchProgress) line(now time.Time) string {
	parts := []string{thousands(p.before+p.done) + "/" + thousands(p.total)}
	if p.failed > 0 {
		parts = append(parts, counted(p.failed, "error"))
	}
	from := p.recent[0]
	took := now.Sub(from.at).Seconds()
	var speed []string
	if done := p.done - from.done; done > 0 && took > 0 {
		rate := float64(done) / took
		speed = append(speed, perSecond(rate))
		if tokens := p.tokens - from.tokens; tokens > 0 {
			speed = append(speed, fmt.Sprintf("%.0f tok/s", float64(tokens)/took))
		}
		if left := p.total - p.before - p.done; left > 0 {
			parts = append(parts, roughly(time.Duration(float64(left)/rate*float64(time.Second)))+" left")
		}
	}
	if p.prices.Known() {
		parts = append(parts, dollars(p.cost))
	}
	return strings.Join(append(parts, speed...), " · ")
}

// report says what came of the batch, and returns the error with which it ends.
func (p *batchProgress) report(ctx context.Context, plan batch.Plan, sum batch.Summary, err error, left int) error {
	done := plan.Done + sum.Answered + sum.Failed
	where := fmt.Sprintf("%s of %s are done", thousands(done), counted(plan.Items-plan.Others, "item"))
	goOn := "; what is done is in " + termtext.Line(p.output) + ", and the same command goes on with the rest"
	if p.output == "" {
		goOn = ""
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(p.stderr, "vlmchat: interrupted: %s%s\n", where, goOn)
		return ctx.Err()
	case err != nil:
		if !errors.Is(err, errUnread) && sum.Answered+sum.Failed > 0 {
			fmt.Fprintf(p.stderr, "vlmchat: stopped: %s%s\n", where, goOn)
		}
		return err
	}
	p.note(p.summary(plan, sum, left))
	switch {
	case sum.Failed > 0:
		return p.failures(sum)
	case plan.Failed > 0:
		return fmt.Errorf("%s failed in an earlier run; --retry-errors asks again", counted(plan.Failed, "item"))
	}
	return nil
}

// summary is what is said when all went well.
func (p *batchProgress) summary(plan batch.Plan, sum batch.Summary, left int) string {
	parts := []string{fmt.Sprintf("%s answered in %s", counted(sum.Answered, "item"), roughly(time.Since(p.began)))}
	if plan.Todo == 0 {
		parts = []string{"nothing to ask"}
	}
	if plan.Done > 0 {
		parts = append(parts, thousands(plan.Done)+" done before")
	}
	if plan.Later > 0 {
		parts = append(parts, thousands(plan.Later)+" left for another run")
	}
	if p.prices.Known() && plan.Todo > 0 {
		parts = append(parts, dollars(p.cost))
	}
	return strings.Join(parts, ", ") + leftOut(left)
}

// failures sums up the errors.
func (p *batchProgress) failures(sum batch.Summary) error {
	names := slices.SortedFunc(maps.Keys(p.kinds), func(a, b string) int { return cmp.Or(p.kinds[b]-p.kinds[a], strings.Compare(a, b)) })
	var kinds []string
	for _, name := range names {
		kinds = append(kinds, fmt.Sprintf("%s %s", thousands(p.kinds[name]), name))
	}
	message := fmt.Sprintf("%s of %s failed (%s)", thousands(sum.Failed), counted(sum.Failed+sum.Answered, "item"), strings.Join(kinds, ", "))
	first := *p.first.Error
	if !strings.HasPrefix(first, p.first.ID+":") { // as errors of pictures do
		first = p.first.ID + ": " + first
	}
	return fmt.Errorf("%s; the first is %s", message, first)
}

// leftOut says how many files were no pictures.
func leftOut(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (left out as no pictures: %s)", counted(n, "file"))
}
