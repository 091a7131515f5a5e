package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/termtext"
)

func configEditCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "edit",
		Short: "Change the configuration file in your editor",
		Long: "Edit opens the file in the editor that VISUAL or EDITOR names, and takes what was written\n" +
			"once it can be read: until then the file stays as it was.",
		Example: "  vlmchat config edit",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := config.File()
			if err != nil {
				return err
			}
			text, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				text, err = []byte(newFile), nil
			}
			if err != nil {
				return fmt.Errorf("reading the configuration: %w", err)
			}
			changed, err := a.edit(cmd.Context(), path, text, func(text []byte) error { return config.Check(path, text) })
			if err == nil && !changed {
				fmt.Fprintf(a.stderr, "Nothing was changed in %s.\n", termtext.Line(path))
			}
			return err
		},
	}
}

// newFile is with what one begins who has no configuration file.
const newFile = `# The settings of vlmchat; 'vlmchat config list' has all of them.
# temperature = 0.2
# max_tokens = 1024

# [profiles.work]
# backend = "openai"
# base_url = "http://localhost:8080/v1"
`
