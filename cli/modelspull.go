package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

func modelsPullCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pull NAME",
		Short: "Have a server fetch a model (Ollama)",
		Long: "Pull has Ollama fetch a model by its name, and shows how far it is. Ctrl+C stops it; a\n" +
			"later pull goes on where it was. Afterwards the model runs behind Ollama, and natively\n" +
			"as ollama:NAME if Ollama runs on this machine.",
		Example: `  vlmchat models pull -b ollama llava:7b`,
		Args:    oneArgument("the model's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.isNative() {
				return &engine.Error{
					Kind:    engine.BadOption,
					Message: "the native engine can't fetch models yet",
					Hint: "put the GGUF file of a model and its projector (mmproj) into a folder and name it with --model, or have Ollama\n" +
						"fetch one with 'vlmchat models pull -b ollama NAME' and run it natively as --model ollama:NAME",
				}
			}
			return withServer(cmd.Context(), a, "fetch models", func(ctx context.Context, e engine.Puller) error {
				return a.pull(ctx, e, args[0])
			})
		},
	}
	addBackend(cmd)
	return cmd
}

func (a *app) pull(ctx context.Context, e engine.Puller, name string) error {
	p := newPullPrinter(a.stderr)
	for progress, err := range e.Pull(ctx, name) {
		if err != nil {
			p.end()
			if ctx.Err() != nil || engine.KindOf(err) == engine.Cancelled {
				fmt.Fprintf(a.stderr, "Stopped. What has come of %s is kept: a later pull goes on with it.\n", termtext.Line(name))
			}
			return err
		}
		progress.Status = a.secrets.hide(progress.Status)
		p.report(progress)
	}
	p.end()
	_, err := fmt.Fprintln(a.stdout, termtext.Line(name))
	return err
}
