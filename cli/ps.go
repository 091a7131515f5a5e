package cli

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/termtext"
)

// psCommand is 'vlmchat ps': which models are loaded.
func psCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ps",
		Short: "List the native models that are loaded",
		Long: "Ps lists the worker processes in which models of the native engine are loaded: what\n" +
			"they take of the memory, who uses them, and when they end by themselves.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.listWorkers(cmd.Context(), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func (a *app) listWorkers(ctx context.Context, asJSON bool) error {
	workers, err := native.Workers(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		if workers == nil {
			workers = []native.Worker{}
		}
		return printJSON(a.stdout, workers)
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODEL\tDEVICE\tMEMORY\tCONTEXT\tCONVERSATIONS\tCLIENTS\tSTATE\tPID")
	for _, w := range workers {
		if w.Silent {
			fmt.Fprintf(table, "-\t-\t%s\t-\t-\t-\tdoes not answer\t%d\n", gigabytes(uint64(w.Memory), uint64(w.Memory)), w.PID)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%d\n", termtext.Line(w.Model), orDash(termtext.Line(w.Device)),
			gigabytes(uint64(w.Memory), uint64(w.Memory)), orDash(number(w.ContextSize)), w.Conversations, w.Clients, workerState(w, time.Now()), w.PID)
	}
	return table.Flush()
}

// workerState is what a worker does, in some words.
func workerState(w native.Worker, now time.Time) string {
	span := func(d time.Duration) string { return max(0, d).Round(time.Second).String() }
	switch {
	case w.Loaded < 1:
		return fmt.Sprintf("loading, %.0f%%", 100*w.Loaded)
	case w.Busy:
		return "answering"
	case w.IdleSince == nil:
		return "in use"
	case w.Ends == nil:
		return fmt.Sprintf("idle for %s, stays", span(now.Sub(*w.IdleSince)))
	}
	return fmt.Sprintf("idle for %s, ends in %s", span(now.Sub(*w.IdleSince)), span(w.Ends.Sub(now)))
}
