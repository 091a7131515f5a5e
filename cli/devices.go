package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/termtext"
)

// devicesCommand is 'vlmchat devices': what the native engine can compute on.
func devicesCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "List what models can run on here: the CPU and GPUs",
		Long: "Devices lists what the llama.cpp runtime in use can compute on, by the names that\n" +
			"--device takes, with the memory that is free and there.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.listDevices(cmd.Context(), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	addSettings(cmd.Flags(), config.Runtime)
	return cmd
}

func (a *app) listDevices(ctx context.Context, asJSON bool) error {
	libraries, err := runtimes.Use(a.config.String(config.Runtime))
	if err != nil {
		return err
	}
	devices, err := native.Devices(ctx, libraries)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.stdout, devices)
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tTYPE\tBACKEND\tFREE\tTOTAL\tDESCRIPTION")
	for _, d := range devices {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", termtext.Line(d.Name), d.Type, termtext.Line(d.Backend),
			gigabytes(d.Free, d.Total), gigabytes(d.Total, d.Total), termtext.Line(d.Description))
	}
	return table.Flush()
}
