package cli

import (
	"context"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/tasks/eval"
)

// retrieve searches among the pictures and texts of the dataset, and reports what was found
// where.
func (e *evaluation) retrieve(ctx context.Context) error {
	changes, err := e.changes()
	if err != nil {
		return err
	}
	r := eval.NewRetrieval(e.set, changes, e.loader.Load)
	if r.Model, err = e.encoding(); err != nil {
		return err
	}
	out, err := e.journal(eval.VectorsName)
	if err != nil {
		return evalError(err)
	}
	predictions, asked, err := e.rankings(ctx, r, out)
	if err == nil && e.flags.output != "" {
		err = e.keepRankings(ctx, r, predictions, asked)
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return evalError(err)
	}
	return e.report(ctx, predictions, asked)
}

// rankings has all encoded that is not yet, and searches.
func (e *evaluation) rankings(ctx context.Context, r *eval.Retrieval, out *batch.Output) ([]eval.Prediction, eval.Asked, error) {
	var asked eval.Asked
	if err := r.Belongs(out.Records()); err != nil {
		return nil, asked, &otherRun{e.flags.output, err}
	}
	how := asking{work: &batch.Work{Items: r.Items(), Ask: r.Ask, Output: out}, jobs: e.encoderJobs, runner: &batch.Runner{}}
	how.open = func(ctx context.Context, progress *batchProgress) error {
		opened, err := e.openEncoder()
		if err != nil {
			return err
		}
		e.closers = append(e.closers, opened)
		r.Encoder = eval.Gathered(opened)
		space, err := progress.space(ctx, opened)
		if err != nil {
			return err
		}
		how.runner.Answer = answeredBy(engine.Info{Engine: "native", Model: space.Model, Device: space.Device})
		return nil
	}
	plan, err := e.run(ctx, how)
	if err != nil {
		return nil, asked, err
	}
	predictions, err := r.Rank(ctx, e.all(out), e.searching)
	e.status.clear()
	if err != nil {
		return nil, asked, err
	}
	if asked, err = e.asked(e.all(out)); plan.Done == 0 {
		asked.Seconds = time.Since(e.began).Seconds()
	}
	return predictions, asked, err
}

// searching shows how far a search is.
func (e *evaluation) searching(done, total int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status.doing("searching " + thousands(100*done/max(1, total)) + "%")
}

// keepRankings writes the answers, which are those of all there is, anew.
func (e *evaluation) keepRankings(ctx context.Context, r *eval.Retrieval, predictions []eval.Prediction, asked eval.Asked) error {
	out, err := batch.OpenOutput(filepath.Join(e.flags.output, eval.JournalName), true, false)
	if err != nil {
		return err
	}
	work := &batch.Work{Output: out}
	work.Items, work.Ask = r.Answers(predictions)
	runner := &batch.Runner{Ask: work.Ask, Write: work.Write, Answer: answeredBy(engine.Info{Engine: asked.Engine, Model: asked.Model, Device: asked.Device})}
	if _, err = work.Plan(ctx, nil); err == nil {
		err = work.Begin()
	}
	if err == nil {
		_, err = runner.Run(ctx, work.Todo)
		if ended := work.End(err); err == nil {
			err = ended
		}
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}
