package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
)

// evalCommand is 'vlmchat eval': how good a model is at what.
func evalCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure how well a model captions, answers, classifies or finds",
		Long: `Eval asks a model about the items of a dataset and scores what it says with the field's
metrics, or scores answers that are there already. docs/evaluation.md has the layouts of
datasets, what the metrics are and how it is asked.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(evalCaptionCommand(a), evalVQACommand(a), evalClassifyCommand(a), evalRetrievalCommand(a), evalPerplexityCommand(a))
	cmd.AddCommand(evalDiffCommand(a))
	return cmd
}

// dataset reads what is evaluated on.
func (e *evalFlags) dataset(ctx context.Context) (*datasets.Set, error) {
	return datasets.Read(ctx, e.task, e.data, datasets.Options{
		Images: e.images, Questions: e.questions, Split: e.split, Limit: e.limit, Answered: e.predictions != "",
	})
}

// eval asks about a dataset, or takes the answers that are there, and reports the scores.
func (a *app) eval(ctx context.Context, flags evalFlags) error {
	collectLate()
	timeout, err := flags.check()
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	set, err := flags.dataset(ctx)
	if err != nil {
		return dataError(err)
	}
	e := &evaluation{app: a, flags: flags, set: set, timeout: timeout, status: newStatus(a.stderr)}
	if flags.quiet {
		e.status = &status{}
	}
	if err := e.tellProblems(); err != nil {
		return err
	}
	if flags.predictions != "" {
		return e.scoreGiven(ctx)
	}
	return e.ask(ctx)
}

// mostTold is how many problems of a dataset are told one by one.
const mostTold = 5

// dataError is an error of a dataset, with what to do.
func dataError(err error) error {
	wrong, ok := errors.AsType[*datasets.Error](err)
	switch {
	case ok && wrong.Kind == datasets.MissingPicture:
		return &engine.Error{Kind: engine.BadPicture, Message: err.Error(), Hint: wrong.Hint}
	case ok && wrong.Hint != "":
		return usageError{fmt.Errorf("%w; %s", err, wrong.Hint)}
	}
	return usageError{err}
}

// tellOf says what is wrong with some items, the first ones by themselves, and counts them.
func (e *evaluation) tellOf(what string, problems []datasets.Problem) map[datasets.ProblemKind]int {
	counts := map[datasets.ProblemKind]int{}
	var kinds []datasets.ProblemKind
	for i, p := range problems {
		if counts[p.Kind]++; counts[p.Kind] == 1 {
			kinds = append(kinds, p.Kind)
		}
		if i < mostTold {
			e.warn("%s: %s", p.Place, p.Detail)
		}
	}
	if more := len(problems) - mostTold; more > 0 {
		e.warn("and %s more like these", thousands(more))
	}
	var parts []string
	for _, kind := range kinds {
		parts = append(parts, fmt.Sprintf("%s %s", thousands(counts[kind]), kind))
	}
	if len(parts) > 0 {
		e.warn("of %s: %s", what, strings.Join(parts, ", "))
	}
	return counts
}

// tellProblems says what of the dataset can't be asked, or is not understood.
func (e *evaluation) tellProblems() error {
	counts := e.tellOf("the dataset", e.set.Problems)
	if e.flags.strict && counts[datasets.MissingPicture] > 0 {
		e.warn("--strict: nothing is asked")
		return someFailed{counts[datasets.MissingPicture], exitPicture}
	}
	if len(e.set.Items) == 0 {
		return usagef("there is nothing to ask about: %s has no item that could be asked", e.flags.data)
	}
	return nil
}
