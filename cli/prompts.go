package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/termtext"
)

// promptsCommand is 'vlmchat prompts': the prompt library.
func promptsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "prompts",
		Short: "The prompt library: templates that the chat's /prompt asks",
		Long: "A prompt that is used again and again is a template: a Markdown file in the folder\n" +
			"prompts beside the configuration file. One with the name of a built-in one takes its place.",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return a.listPrompts() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List the prompts that there are",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return a.listPrompts() },
	}, &cobra.Command{
		Use:     "show NAME",
		Short:   "Print a prompt as it is written, to read or to begin one of your own",
		Example: "  vlmchat prompts show receipt > ~/.config/vlmchat/prompts/invoice.md",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("'prompts show' takes the name of one prompt; 'vlmchat prompts list' has them")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.showPrompt(args[0]) },
	})
	return cmd
}

// library reads the prompts that there are.
func library() *prompts.Library {
	file, err := config.File()
	if err != nil {
		return &prompts.Library{Templates: prompts.BuiltIn(), Problems: []error{err}}
	}
	return prompts.Load(filepath.Join(filepath.Dir(file), "prompts"))
}

func (a *app) listPrompts() error {
	l := library()
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tFIELDS\tDESCRIPTION")
	for _, t := range l.Templates {
		var fields []string
		for _, f := range t.Fields {
			fields = append(fields, f.Name)
		}
		about := termtext.Line(t.Description)
		if t.File != "" {
			about = strings.TrimSpace(about + " (yours)")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", t.Name, strings.Join(fields, ", "), about)
	}
	err := w.Flush()
	a.tellProblems(l)
	return err
}

// tellProblems says which of the person's own prompts can't be used.
func (a *app) tellProblems(l *prompts.Library) {
	for _, problem := range l.Problems {
		fmt.Fprintln(a.stderr, "vlmchat: "+termtext.Line(problem.Error()))
	}
}

func (a *app) showPrompt(name string) error {
	l := library()
	t, err := l.Find(name)
	if err != nil {
		a.tellProblems(l)
		return usagef("%w; 'vlmchat prompts list' lists them", err)
	}
	_, err = fmt.Fprintln(a.stdout, strings.TrimRight(termtext.Sanitize(t.Source), "\n"))
	return err
}
