package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/termtext"
)

// promptsCommand is 'vlmchat prompts': the prompt library.
func promptsCommand(a *app) *cobra.Command {
	var asJSON bool
	list := func(*cobra.Command, []string) error { return a.listPrompts(asJSON) }
	cmd := &cobra.Command{
		Use:   "prompts",
		Short: "The prompt library: templates that -t and the chat's /prompt ask",
		Long: "A prompt that is used again and again is a template: a Markdown file in the folder\n" +
			"prompts beside the configuration file. One with the name of a built-in one takes its place.",
		Args: noArguments,
		RunE: list,
	}
	listing := &cobra.Command{
		Use:   "list",
		Short: "List the prompts that there are",
		Example: `  vlmchat prompts list
  vlmchat prompts list --json`,
		Args: noArguments,
		RunE: list,
	}
	listing.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	path := &cobra.Command{
		Use:     "path",
		Short:   "Print the folder of your own prompts",
		Example: "  ls \"$(vlmchat prompts path)\"",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			dir, err := promptsDir()
			if err == nil {
				_, err = fmt.Fprintln(a.stdout, dir)
			}
			return err
		},
	}
	cmd.AddCommand(listing, promptsShowCommand(a), promptsNewCommand(a), promptsEditCommand(a), promptsCheckCommand(a), promptsRemoveCommand(a), path)
	return cmd
}

func promptsShowCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show NAME",
		Short:   "Print a prompt as it is written",
		Example: "  vlmchat prompts show receipt",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("'prompts show' takes the name of one prompt; 'vlmchat prompts list' has them")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.showPrompt(args[0], asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

// promptsDir is the folder of the person's own prompts.
func promptsDir() (string, error) {
	file, err := config.File()
	return filepath.Join(filepath.Dir(file), "prompts"), err
}

// library reads the prompts that there are.
func library() *prompts.Library {
	dir, err := promptsDir()
	if err != nil {
		return &prompts.Library{Templates: prompts.BuiltIn(), Problems: []error{err}}
	}
	return prompts.Load(dir)
}

// builtIn returns the prompt of this very name that vlmchat brings along, nil if there is
// none.
func builtIn(name string) *prompts.Template {
	for _, t := range prompts.BuiltIn() {
		if t.Name == name {
			return t
		}
	}
	return nil
}

func (a *app) listPrompts(asJSON bool) error {
	l := library()
	if asJSON {
		return printJSON(a.stdout, promptsAsJSON(l))
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tFIELDS\tDESCRIPTION")
	for _, t := range l.Templates {
		var fields []string
		for _, f := range t.Fields {
			fields = append(fields, f.Name)
		}
		about := termtext.Line(t.Description)
		if about == "" {
			about = firstWords(t.Text)
		}
		if t.File != "" {
			about = strings.TrimSpace(about + " (yours)")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", t.Name, strings.Join(fields, ", "), about)
	}
	err := w.Flush()
	a.tellProblems(l)
	return unread(err)
}

// firstWords are those of a prompt that nobody has described.
func firstWords(text string) string {
	const most = 60
	line, _, _ := strings.Cut(termtext.Sanitize(text), "\n")
	return ansi.Truncate(termtext.Line(line), most, "…")
}

// tellProblems says which of the person's own prompts can't be used.
func (a *app) tellProblems(l *prompts.Library) {
	if len(l.Problems) > 0 {
		a.complain(errors.Join(l.Problems...))
	}
}

// findPrompt finds the prompt of a name, or the only one whose name begins so.
func (a *app) findPrompt(name string) (*prompts.Template, error) {
	l := library()
	t, err := l.Find(name)
	if err != nil {
		a.tellProblems(l)
		return nil, usagef("%w; 'vlmchat prompts list' lists them", err)
	}
	return t, nil
}

func (a *app) showPrompt(name string, asJSON bool) error {
	t, err := a.findPrompt(name)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.stdout, struct {
			documentHead
			promptJSON
		}{documentHead{"vlmchat-prompt", 1}, promptAsJSON(t)})
	}
	_, err = fmt.Fprintln(a.stdout, strings.TrimRight(termtext.Sanitize(t.Source), "\n"))
	return unread(err)
}
