package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/tasks/eval"
)

// scoreGiven scores answers that are there already.
func (e *evaluation) scoreGiven(ctx context.Context) error {
	given, err := datasets.ReadPredictions(ctx, e.flags.task, e.flags.predictions, e.set)
	if err != nil {
		return dataError(err)
	}
	e.tellOf("the answers", given.Problems)
	predictions, err := eval.Given(given)
	if err != nil {
		return usageError{err}
	}
	return e.report(ctx, predictions, eval.Asked{Predictions: given.Name})
}

// report scores predictions, prints what they come to, and keeps it in the folder of the run.
func (e *evaluation) report(ctx context.Context, predictions []eval.Prediction, asked eval.Asked) error {
	how := eval.Scoring{Task: e.flags.task, Asked: asked, Vlmchat: version()}
	changes, err := e.changes()
	if err != nil {
		return err
	}
	for _, c := range changes {
		how.Variants = append(how.Variants, c.Name)
	}
	report, err := eval.NewReport(ctx, e.set, predictions, how)
	e.status.clear()
	if err != nil {
		return err
	}
	if err := e.keep(report); err != nil {
		return err
	}
	return errors.Join(e.printEvaluation(report, e.flags.json), e.failures(predictions))
}

// keep writes the report into the folder of the run.
func (e *evaluation) keep(report *eval.Report) error {
	if e.flags.output == "" {
		return nil
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(e.flags.output, "report.json")
	if err := os.WriteFile(path, append(text, '\n'), 0o666); err != nil {
		return fmt.Errorf("the report can't be written: %w", err)
	}
	return nil
}
