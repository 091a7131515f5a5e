package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/termtext"
)

// stopCommand is 'vlmchat stop': unload models.
func stopCommand(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "stop [MODEL...]",
		Short: "Unload native models",
		Long: "Stop ends the worker process in which a model of the native engine is loaded, and so\n" +
			"gives its memory back. An answer that is on its way is cut; the next question loads the\n" +
			"model again. A worker that does not react is killed.\n\n" +
			"MODEL is a model's name, as 'vlmchat ps' shows it, or its file. Without one the only\n" +
			"worker is ended. The exit code is 1 if there was none.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, models []string) error {
			if all && len(models) > 0 {
				return usagef("stop takes models or --all, not both")
			}
			return a.stopWorkers(cmd.Context(), models, all)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "unload all models")
	return cmd
}

func (a *app) stopWorkers(ctx context.Context, models []string, all bool) error {
	workers, err := native.Workers(ctx)
	if err != nil {
		return err
	}
	chosen, err := chooseWorkers(workers, models, all)
	if err != nil {
		return err
	}
	var failures []error
	for _, w := range chosen {
		killed, err := w.Stop(ctx)
		switch {
		case err != nil:
			failures = append(failures, err)
		case killed:
			fmt.Fprintf(a.stdout, "killed %s, which did not react\n", workerName(w))
		default:
			fmt.Fprintf(a.stdout, "stopped %s\n", workerName(w))
		}
	}
	return errors.Join(failures...)
}

// chooseWorkers takes those of the workers that are meant.
func chooseWorkers(workers []native.Worker, models []string, all bool) ([]native.Worker, error) {
	if len(workers) == 0 {
		return nil, errors.New("no model is loaded")
	}
	if all || len(models) == 0 && len(workers) == 1 {
		return workers, nil
	}
	var loaded []string
	for _, w := range workers {
		loaded = append(loaded, workerName(w))
	}
	if len(models) == 0 {
		return nil, usagef("several models are loaded: name one, or give --all: %s", strings.Join(loaded, ", "))
	}
	var chosen []native.Worker
	for _, model := range models {
		found := false
		for _, w := range workers {
			if meansWorker(model, w) {
				chosen, found = append(chosen, w), true
			}
		}
		if !found {
			return nil, fmt.Errorf("the model %s is not loaded; loaded are: %s", model, strings.Join(loaded, ", "))
		}
	}
	return chosen, nil
}

// meansWorker reports whether a model's name or file is that of a worker.
func meansWorker(model string, w native.Worker) bool {
	if model == w.Model {
		return true
	}
	path, err := filepath.Abs(model)
	return err == nil && w.Path != "" && (path == w.Path || path == filepath.Dir(w.Path))
}

func workerName(w native.Worker) string {
	if w.Silent {
		return fmt.Sprintf("process %d", w.PID)
	}
	return fmt.Sprintf("%s (process %d)", termtext.Line(w.Model), w.PID)
}
