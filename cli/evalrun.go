package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/tasks/eval"
	"github.com/vlmchat/vlmchat/termtext"
)

// evaluation is one command of 'vlmchat eval'.
type evaluation struct {
	*app
	flags   evalFlags
	set     *datasets.Set
	timeout time.Duration
	status  *status
	began   time.Time
	records []batch.Record // of this run, where there is no journal
	closers []io.Closer    // of what answers
	mu      sync.Mutex     // of what is shown by several goroutines
}

// warn says something that a person should know, also where nobody watches.
func (e *evaluation) warn(format string, values ...any) {
	if e.flags.quiet {
		return
	}
	e.status.clear()
	fmt.Fprintln(e.stderr, "vlmchat: "+termtext.Line(fmt.Sprintf(format, values...)))
}

// makeFolder makes the folder of the run, if it is not there.
func (e *evaluation) makeFolder() error {
	dir := e.flags.output
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return usagef("-o %s is a file: name a folder for answers and report", dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("the folder of the run can't be made: %w", err)
	}
	return nil
}

// journal opens the answers in the folder of the run; without one they are kept in memory.
func (e *evaluation) journal(name string) (*batch.Output, error) {
	if e.flags.output == "" {
		return batch.Stream(io.Discard), nil
	}
	if err := e.makeFolder(); err != nil {
		return nil, err
	}
	out, err := batch.OpenOutput(filepath.Join(e.flags.output, name), e.flags.overwrite, e.flags.retryErrors)
	if used, ok := errors.AsType[*batch.InUse](err); ok {
		return nil, fmt.Errorf("%s is being written by another vlmchat: wait for it, or choose another folder with -o", used.Path)
	}
	return out, err
}

// asking is how a journal is filled.
type asking struct {
	work   *batch.Work
	open   func(ctx context.Context, progress *batchProgress) error // what answers; it is set up then
	jobs   func() (int, error)
	runner *batch.Runner
	prices engine.Prices
}

// run asks what has no record yet, and tells whether all has one then. Its error is nil where
// items have failed: they have a record.
func (e *evaluation) run(ctx context.Context, how asking) (batch.Plan, error) {
	progress := e.batchProgress(batchFlags{output: e.flags.output, quiet: e.flags.quiet, outputFlags: outputFlags{records: e.flags.output}}, how.prices)
	progress.counting()
	plan, err := how.work.Plan(ctx, nil)
	progress.clear()
	if err != nil {
		return plan, err
	}
	runner := how.runner
	runner.Timeout, runner.MaxErrors, runner.Fits = e.timeout, e.flags.maxErrors, plan.Done > 0
	if plan.Todo > 0 {
		if runner.Jobs, err = how.jobs(); err != nil {
			return plan, err
		}
		if err := how.open(ctx, progress); err != nil {
			return plan, err
		}
		if runner.Attempts = 1; e.isNative() {
			runner.Attempts = 3 // servers are asked again by their engines
		}
	}
	if err := how.work.Begin(); err != nil {
		return plan, err
	}
	// Who has had enough of waiting for the end may say so a second time.
	stop := context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt, syscall.SIGTERM) })
	defer stop()
	e.began = time.Now()
	var sum batch.Summary
	progress.begin(plan)
	runner.Ask = how.work.Ask
	runner.Write = func(item batch.Item, r batch.Record) error {
		e.secrets.hideIn(&r)
		progress.took(r)
		if e.flags.output == "" {
			e.records = append(e.records, r)
		}
		return how.work.Write(item, r)
	}
	if plan.Todo > 0 {
		sum, err = runner.Run(ctx, how.work.Todo)
	}
	err = errors.Join(err, how.work.End(err))
	progress.end()
	if err == nil {
		progress.note(progress.summary(plan, sum, 0))
		return plan, nil
	}
	return plan, progress.report(ctx, plan, sum, err, 0)
}

// all are the records of a run, those of earlier ones with it.
func (e *evaluation) all(out *batch.Output) iter.Seq2[batch.Record, error] {
	if e.flags.output != "" {
		return out.Records()
	}
	return func(yield func(batch.Record, error) bool) {
		for _, r := range e.records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// evalError sorts an error of a run by what a person can do about it.
func evalError(err error) error {
	if other, ok := errors.AsType[*otherRun](err); ok {
		return usageError{other}
	}
	return batchError(err)
}

// otherRun says that a folder has the answers of another evaluation.
type otherRun struct {
	dir string
	err error
}

func (e *otherRun) Error() string {
	return fmt.Sprintf("%s is the folder of another evaluation: %v; choose another with -o, or begin this one anew with --overwrite", e.dir, e.err)
}

// ask asks about the items, and reports what came of them.
func (e *evaluation) ask(ctx context.Context) error {
	defer func() {
		for _, c := range e.closers {
			c.Close()
		}
	}()
	if e.flags.task == datasets.Retrieval {
		return e.retrieve(ctx)
	}
	run, how, err := e.recipe(ctx)
	if err != nil {
		return err
	}
	out, err := e.journal(eval.JournalName)
	if err != nil {
		return evalError(err)
	}
	predictions, asked, err := e.answers(ctx, run, how, out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return evalError(err)
	}
	return e.report(ctx, predictions, asked)
}

// answers fills the journal, and reads what is in it.
func (e *evaluation) answers(ctx context.Context, run *eval.Run, how asking, out *batch.Output) ([]eval.Prediction, eval.Asked, error) {
	var asked eval.Asked
	if err := run.Belongs(out.Records()); err != nil {
		return nil, asked, &otherRun{e.flags.output, err}
	}
	how.work = &batch.Work{Items: run.Items(), Ask: run.Ask, Output: out}
	plan, err := e.run(ctx, how)
	if err != nil {
		return nil, asked, err
	}
	took := time.Since(e.began)
	asked, err = e.asked(e.all(out))
	if err != nil {
		return nil, asked, err
	}
	asked.System, asked.Prompt, asked.Shots = run.System, run.Prompt, run.Shots.Count()
	if asked.Shots > 0 {
		asked.ShotSeed = e.flags.shotSeed
	}
	if run.Judge == nil || e.flags.task == datasets.VQA {
		asked.Sampling = sampledBy(run.Sampling)
	}
	if plan.Done == 0 { // else it is a part of the time
		asked.Seconds = took.Seconds()
	}
	predictions, err := run.Predictions(e.all(out))
	return predictions, asked, err
}

// asked says who was asked.
func (e *evaluation) asked(records iter.Seq2[batch.Record, error]) (eval.Asked, error) {
	var asked eval.Asked
	for r, err := range records {
		if err != nil {
			return asked, err
		}
		if r.Status != batch.Answered {
			continue
		}
		for from, to := range map[*string]*string{r.Engine: &asked.Engine, r.Model: &asked.Model, r.Device: &asked.Device} {
			if from != nil {
				*to = *from
			}
		}
		if r.PromptTokens != nil {
			asked.PromptTokens += *r.PromptTokens
			asked.GeneratedTokens += *r.GeneratedTokens
		}
	}
	return asked, nil
}

// failures says which items have no answer, and returns the error with which the command ends
// for that: that of pictures which can't be read is for --strict.
func (e *evaluation) failures(predictions []eval.Prediction) error {
	kinds := map[bool]int{}
	for _, p := range predictions {
		if p.Error == "" {
			continue
		}
		if n := kinds[true] + kinds[false]; n < mostTold {
			e.warn("%s: %s", p.ID, p.Error)
		}
		kinds[p.ErrorKind == engine.BadPicture]++
	}
	if kinds[true]+kinds[false] == 0 {
		return nil
	}
	e.warn("%s without an answer: they count as wrong", counted(kinds[true]+kinds[false], "item"))
	switch {
	case kinds[false] > 0:
		return someFailed{kinds[false], exitFailed}
	case e.flags.strict:
		return someFailed{kinds[true], exitPicture}
	}
	return nil
}

// opened has the answers come from an engine.
func (e *evaluation) opened(runner *batch.Runner, prices engine.Prices, with func(engine.Engine) error) func(context.Context, *batchProgress) error {
	return func(ctx context.Context, progress *batchProgress) error {
		opened, err := e.openForBatch(ctx, progress)
		if err != nil {
			return err
		}
		e.closers = append(e.closers, opened)
		if runner.Engine, err = e.tasked(opened); err != nil {
			return err
		}
		s := &batchAsker{app: e.app}
		s.setup.Backend, s.setup.Model, s.setup.Prices = e.config.String(config.Backend), e.config.String(config.Model), prices
		runner.Answer = s.answers(opened)
		if with == nil {
			return nil
		}
		return with(runner.Engine)
	}
}
