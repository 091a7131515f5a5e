package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/models/hub"
	"github.com/vlmchat/vlmchat/termtext"
)

// importFlags are how a model is imported.
type importFlags struct {
	name             string
	copy, link, move bool
}

func modelsImportCommand(a *app) *cobra.Command {
	var flags importFlags
	cmd := &cobra.Command{
		Use:   "import FILE|FOLDER|ollama:NAME",
		Short: "Put a model into the data directory, so that its name alone finds it",
		Long: "Import puts a GGUF model and its projector into the data directory under a name, with\n" +
			"which --model finds it from anywhere. The files are checked first. They are linked where\n" +
			"the file system can (a hard link takes no room, and stays when the other name goes), and\n" +
			"copied elsewhere. The name is on standard output.",
		Example: `  vlmchat models import ~/Downloads/model.gguf --mmproj ~/Downloads/mmproj-f16.gguf --name mine
  vlmchat models import ollama:llava:7b --name llava`,
		Args: oneArgument("the model's file or folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importModel(cmd.Context(), args[0], flags)
		},
	}
	cmd.Flags().StringVar(&flags.name, "name", "", "what it is to be called; otherwise as its file or folder is")
	cmd.Flags().BoolVar(&flags.copy, "copy", false, "copy the files")
	cmd.Flags().BoolVar(&flags.link, "link", false, "link the files, or fail")
	cmd.Flags().BoolVar(&flags.move, "move", false, "move the files")
	cmd.MarkFlagsMutuallyExclusive("copy", "link", "move")
	addSettings(cmd.Flags(), config.MMProj)
	return cmd
}

func (a *app) importModel(ctx context.Context, source string, flags importFlags) error {
	m, err := models.Find(source, a.config.String(config.MMProj))
	if err != nil {
		return err
	}
	name := flags.name
	if name == "" {
		name = models.ImportName(source, m)
	}
	how := models.Cheapest
	switch {
	case flags.copy:
		how = models.Copy
	case flags.link:
		how = models.Link
	case flags.move:
		how = models.Move
	}
	p := newPullPrinter(a.stderr)
	defer p.end()
	imported, err := models.Import(ctx, m, name, models.ImportOptions{
		How: how, Free: hub.FreeSpace, Progress: func(progress engine.PullProgress) { p.report(progress) },
	})
	if err != nil {
		return err
	}
	p.end()
	if len(m.LoRAs) > 0 || m.System != "" {
		fmt.Fprintln(a.stderr, "vlmchat: adapters and the system message of an Ollama model don't go along: --lora and --system name them")
	}
	if imported.Projector == "" {
		fmt.Fprintln(a.stderr, "vlmchat: no projector (mmproj) lies beside it: the model can't see pictures")
	}
	_, err = fmt.Fprintln(a.stdout, termtext.Line(name))
	return unread(err)
}
