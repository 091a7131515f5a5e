package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/tasks/eval"
)

// scoreGiven scores answers that are there already.
func (e *evaluation) scoreGiven(ctx context.Context) error {
	if dir := e.flags.output; dir != "" {
		if _, err := os.Stat(filepath.Join(dir, eval.JournalName)); err == nil {
			return usagef("-o %s is the folder of a run, whose report says who was asked: choose another for that of --predictions", dir)
		}
		if err := e.makeFolder(); err != nil {
			return err
		}
	}
	given, err := datasets.ReadPredictions(ctx, e.flags.task, e.flags.predictions, e.set)
	if err != nil {
		return dataError(err)
	}
	// Which items have no answer the report says.
	e.tellOf("the answers", slices.DeleteFunc(given.Problems, func(p datasets.Problem) bool { return p.Kind == datasets.NoAnswer }))
	predictions, err := eval.Given(given)
	if err != nil {
		return usageError{err}
	}
	return e.report(ctx, predictions, eval.Asked{Predictions: given.Name})
}

// report scores predictions, prints what they come to, and keeps it in the folder of the run.
func (e *evaluation) report(ctx context.Context, predictions []eval.Prediction, asked eval.Asked) error {
	how := eval.Scoring{Task: e.flags.task, Asked: asked, MeteorData: e.flags.meteor, SpiceJar: e.flags.spice, Vlmchat: version(), Step: e.status.doing}
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
	if err := e.keep(ctx, report); err != nil {
		return err
	}
	return errors.Join(e.printEvaluation(report, e.flags.json), e.failures(predictions))
}

// keep writes the report into the folder of the run: for programs, and as a page for a person.
func (e *evaluation) keep(ctx context.Context, report *eval.Report) error {
	if e.flags.output == "" {
		return nil
	}
	err := e.keepFile(ctx, eval.ReportName, func(w io.Writer) error { return printJSON(w, report) })
	if err != nil {
		return err
	}
	return e.keepFile(ctx, "report.html", func(w io.Writer) error {
		return report.WritePage(w, func(image string) ([]byte, error) {
			loaded, err := e.loader.Load(ctx, image)
			if err != nil {
				return nil, err
			}
			return loaded[0].Thumbnail()
		})
	})
}

// keepFile writes a file of the run's folder, which is there whole or as it was.
func (e *evaluation) keepFile(ctx context.Context, name string, write func(io.Writer) error) error {
	out, err := openOutput(ctx, nil, filepath.Join(e.flags.output, name))
	if err != nil {
		return err
	}
	defer out.drop()
	buffered := bufio.NewWriter(out)
	if err := errors.Join(write(buffered), buffered.Flush()); err != nil {
		return err
	}
	return out.keep()
}
