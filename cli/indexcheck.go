package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/termtext"
)

func indexCheckCommand(a *app) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Look through an index for damage; 'vlmchat index' mends it",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x, err := openIndex(name)
			if err != nil {
				return err
			}
			defer x.Close()
			if err := x.Sound(cmd.Context()); err != nil {
				return indexError(err, name)
			}
			damaged, err := x.Damaged(cmd.Context())
			switch {
			case err != nil:
				return indexError(err, name)
			case len(damaged) > 0:
				return fmt.Errorf("%s in %s: they are left out of what is found, and 'vlmchat index' makes them anew", counted(len(damaged), "damaged vector"), x.Dir())
			}
			_, err = fmt.Fprintf(a.stdout, "The index in %s is whole.\n", termtext.Line(x.Dir()))
			return err
		},
	}
	indexFlag(cmd.Flags(), &name)
	return cmd
}

func indexRemoveCommand(a *app) *cobra.Command {
	var name string
	var all, yes bool
	cmd := &cobra.Command{
		Use:   "rm [FOLDER...]",
		Short: "Take folders or files out of an index, or remove it with --all",
		Long: "Rm takes what lies below folders out of an index: the pictures themselves are left alone.\n" +
			"With --all the index is removed.",
		Example: `  vlmchat index rm photos/
  vlmchat index rm --all --yes`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return usagef("index rm takes folders that are in the index, or --all for the whole of it")
			}
			if all {
				return a.removeIndex(name, yes)
			}
			x, err := openIndex(name)
			if err != nil {
				return err
			}
			defer x.Close()
			for _, arg := range args {
				path, err := filepath.Abs(arg)
				if err != nil {
					return err
				}
				n, err := x.Forget(cmd.Context(), path)
				if err != nil {
					return indexError(err, name)
				}
				if n == 0 {
					fmt.Fprintf(a.stderr, "vlmchat: nothing of %s was in the index\n", termtext.Line(path))
					continue
				}
				fmt.Fprintf(a.stderr, "%s of %s taken out.\n", counted(n, "file"), termtext.Line(path))
			}
			return nil
		},
	}
	indexFlag(cmd.Flags(), &name)
	cmd.Flags().BoolVar(&all, "all", false, "remove the index")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	return cmd
}

// removeIndex removes an index when the person has said so.
func (a *app) removeIndex(name string, yes bool) error {
	dir, err := indexDir(name)
	if err != nil {
		return err
	}
	x, err := index.Open(dir)
	if err != nil && !isBrokenIndex(err) {
		return indexError(err, name)
	}
	if x != nil {
		x.Close()
	}
	if may, err := a.mayRemove("index rm --all", fmt.Sprintf("Remove the index in %s?", termtext.Line(dir)), yes); !may {
		return err
	}
	return index.Remove(dir)
}
