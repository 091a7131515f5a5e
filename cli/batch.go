package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// batchFlags are the flags of 'vlmchat batch'.
type batchFlags struct {
	recipeFlags
	outputFlags
	output      string
	overwrite   bool
	retryErrors bool
	ordered     bool
	null        bool
	jobs        int
	maxErrors   int
	limit       int
	shard       string
	timeout     string
	dryRun      bool
	quiet       bool
}

func (b *batchFlags) add(f *pflag.FlagSet) {
	b.recipeFlags.add(f)
	f.Lookup("prompt").Usage = "ask this; @FILE asks what is in a file, and {{name}} is a job's own member of that name"
	f.Lookup("logprobs").Usage = "the log-probability of each token, and of so many of the likeliest in its place"
	f.StringVarP(&b.output, "output", "o", "", "file of the records, a JSON object a line; a run that finds one goes on with it (default: standard output)")
	b.outputFlags.add(f)
	f.BoolVar(&b.overwrite, "overwrite", false, "begin the output anew, whatever is in it")
	f.BoolVar(&b.retryErrors, "retry-errors", false, "ask again about what failed, also where it is likely to fail again")
	f.BoolVar(&b.ordered, "ordered", false, "write the records in the order of the input")
	f.BoolVarP(&b.null, "null", "0", false, "standard input has paths with a NUL behind each, as of 'find -print0'")
	f.IntVarP(&b.jobs, "jobs", "j", 0, "items that are asked at once (default: what --parallel says, or 4 for each server)")
	f.IntVar(&b.maxErrors, "max-errors", 0, "stop after so many errors; 0 never does")
	f.IntVar(&b.limit, "limit", 0, "ask about so many items at most; the next run goes on")
	f.StringVar(&b.shard, "shard", "", "take a share of the items, such as 2/8, the second of eight")
	f.StringVar(&b.timeout, "timeout", "", "longest time for an item, such as 90s or 5m")
	f.BoolVar(&b.dryRun, "dry-run", false, "count items, pictures, tokens and cost, and ask nothing")
	f.BoolVarP(&b.quiet, "quiet", "q", false, "no progress and no notes on a terminal: errors only")
}

func batchCommand(a *app) *cobra.Command {
	var flags batchFlags
	cmd := &cobra.Command{
		Use:   "batch [INPUT...]",
		Short: "Ask about many pictures, and go on where a run was interrupted",
		Long: `Batch asks the same of each picture, or what each line of a file of jobs says, and
writes a record for each: a JSON object a line. An input is a folder, a pattern,
a picture, a document, of which each page is an item, a web address, or a file
whose name ends in .jsonl, with a job on each line; - is standard input, with jobs
or with a path on each line.

The output is also the journal: the same command again asks only about what has no
answer in it. docs/batch.md has jobs and records.`,
		Example: `  vlmchat batch -t alt-text photos/ -o alt.jsonl        describe all pictures in a folder
  vlmchat batch -p "What is it?" 'scans/*.pdf' -o scans.jsonl
  vlmchat batch jobs.jsonl -o answers.jsonl -j 16       ask what each line says
  vlmchat batch -p "Describe it." photos/ --dry-run     see what it would take
  find . -name '*.jpg' -print0 | vlmchat batch -0 -t tags -o tags.jsonl`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.hasPrompt, flags.hasWhere = cmd.Flags().Changed("prompt"), cmd.Flags().Changed("where")
			return a.batch(cmd.Context(), flags, args)
		},
	}
	f := cmd.Flags()
	flags.add(f)
	a.regions.add(f)
	addSettingsBut(f, append(slices.Concat(ofChat, ofKept), config.Preview)...)
	f.SortFlags = false
	return cmd
}

// check refuses flags that make no sense, and reads those that are more than a text.
func (b *batchFlags) check() (shard batch.Shard, limit time.Duration, err error) {
	for name, n := range map[string]int{"--jobs": b.jobs, "--max-errors": b.maxErrors, "--limit": b.limit, "--logprobs": b.logprobs} {
		if n < 0 {
			return shard, 0, usagef("%s %d is below 0", name, n)
		}
	}
	if b.shard != "" {
		if shard, err = batch.ParseShard(b.shard); err != nil {
			return shard, 0, usagef("--shard %q: %w", b.shard, err)
		}
	}
	if limit, err = timeLimit(b.timeout); err != nil {
		return shard, 0, err
	}
	if b.hasPrompt && b.prompt == "-" {
		return shard, 0, usagef("standard input has the items of a batch, and can't be its question, too: -p @FILE reads it from a file")
	}
	if b.output == "" && (b.overwrite || b.retryErrors) {
		return shard, 0, usagef("--overwrite and --retry-errors are about a file of records: -o names it")
	}
	return shard, limit, b.outputFlags.check(b.output)
}

// batch asks about all that the inputs are.
func (a *app) batch(ctx context.Context, flags batchFlags, inputs []string) error {
	shard, timeout, err := flags.check()
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	asker, err := a.asker(ctx, flags.recipeFlags)
	if err != nil {
		return err
	}
	in, done, err := a.batchInputs(ctx, flags, inputs)
	if err != nil {
		return err
	}
	defer done()
	if err := flags.choose(ctx, in); err != nil {
		return batchError(err)
	}
	out, err := a.batchOutput(&flags, asker.schema())
	if err != nil {
		return batchError(err)
	}
	in.Output = flags.records
	work := &batch.Work{Items: in.All(ctx), Ask: asker.question, Output: out, Shard: shard, Limit: flags.limit, Sorted: flags.ordered}
	if flags.dryRun {
		err = a.tryBatch(ctx, work, in)
	} else {
		err = a.runBatch(ctx, flags, work, in, asker, timeout)
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	return batchError(err)
}

// batchError sorts an error of a batch by what a person can do about it.
func batchError(err error) error {
	for _, usage := range []func() bool{
		func() bool { _, is := errors.AsType[*batch.Unusable](err); return is },
		func() bool { _, is := errors.AsType[*batch.Duplicate](err); return is },
		func() bool { _, is := errors.AsType[*batch.Misasked](err); return is },
		func() bool { _, is := errors.AsType[*batch.NoOutput](err); return is },
		func() bool { _, is := errors.AsType[*batch.Differs](err); return is },
	} {
		if usage() {
			return usageError{err}
		}
	}
	return err
}

// runBatch does the work.
func (a *app) runBatch(ctx context.Context, flags batchFlags, work *batch.Work, in *batch.Inputs, asker *batchAsker, timeout time.Duration) error {
	progress := a.batchProgress(flags, asker.setup.Prices)
	progress.counting()
	plan, err := work.Plan(ctx, nil)
	progress.clear()
	if err != nil {
		return err
	}
	left, notes := in.LeftOut, flags.notes(in) // before all is gone through again
	if plan.Items+in.Failed+in.Unwanted == 0 {
		return usagef("there is nothing to ask about: no picture was found%s", leftOut(left))
	}
	runner := &batch.Runner{Timeout: timeout, MaxErrors: flags.maxErrors, Fits: plan.Done > 0}
	if plan.Todo > 0 {
		if runner.Jobs, err = a.batchJobs(flags); err != nil {
			return err
		}
		e, err := a.openForBatch(ctx, progress)
		if err != nil {
			return err
		}
		defer e.Close()
		runner.Engine = e
		if runner.Attempts = 1; a.config.String(config.Backend) == "native" {
			runner.Attempts = 3 // servers are asked again by their engines
		}
		runner.Answer = asker.answers(e)
	}
	if err := work.Begin(); err != nil {
		return err
	}
	beside, err := flags.sidecars()
	if err != nil {
		return err
	}
	// Who has had enough of waiting for the end may say so a second time.
	stop := context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt, syscall.SIGTERM) })
	defer stop()
	var sum batch.Summary
	progress.begin(plan)
	runner.Ask, runner.Also = beside.checking(asker.question), beside.put
	runner.Write = func(item batch.Item, r batch.Record) error {
		a.secrets.hideIn(&r)
		progress.took(r)
		return work.Write(item, r)
	}
	if plan.Todo > 0 || flags.ordered {
		sum, err = runner.Run(ctx, work.Todo)
	}
	ended := work.End(err)
	if table := flags.table(work.Output, asker.schema()); err == nil && ended == nil {
		ended = table // else it is the lesser evil: the next run makes it
	}
	progress.end()
	err = errors.Join(err, ended, beside.close(err == nil))
	for _, note := range append(beside.notes(), notes...) {
		progress.note(note)
	}
	return progress.report(ctx, plan, sum, err, left)
}
