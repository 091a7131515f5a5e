package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

func sessionsExportCommand(a *app) *cobra.Command {
	var format string
	var replace bool
	cmd := &cobra.Command{
		Use:   "export SESSION [FILE]",
		Short: "Write a conversation to a file: Markdown, HTML, JSON, or messages for a server",
		Long: "Export writes Markdown with a folder of pictures beside it, one self-contained HTML file, or\n" +
			"JSON with all branches, by the file's ending: .md, .html or .json. Without a file it is\n" +
			"Markdown in this folder, called as the conversation is. It prints the file's name.\n\n" +
			"With --format the ending may be any. 'openai' is an array of messages as OpenAI's API and\n" +
			"those like it take them, with pictures as data URLs. - is standard output.",
		Example: "  vlmchat sessions export cat page.html\n" +
			"  vlmchat sessions export cat --format json - | ssh home vlmchat sessions import -\n" +
			"  vlmchat sessions export cat --format openai - | jq '{model: \"gpt-4o\", messages: .}' |\n" +
			"    curl https://api.openai.com/v1/chat/completions -H 'Content-Type: application/json' -d @- …",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usagef("%s takes a conversation and a file; see %s --help", command(cmd), cmd.CommandPath())
			}
			if format == "" && len(args) == 2 && args[1] == "-" {
				return usagef("standard output (-) has no ending that says the format: add --format md, html, json or openai")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			e := sessions.Export{Replace: replace, Wire: ui.Wired(a.loader.Recall)}
			if format != "" {
				var err error
				if e.Format, err = sessions.ParseFormat(format); err != nil {
					return usageError{err}
				}
			}
			return a.withSession(cmd.Context(), args[:1], func(s *sessions.Store, c *sessions.Conversation) error {
				file := c.FileName(e.Format)
				if len(args) == 2 {
					file = args[1]
				}
				return a.exportSession(s, c, e, file)
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "write md, html, json or openai, whatever the file's ending")
	cmd.Flags().BoolVarP(&replace, "force", "f", false, "replace files that are there already")
	return cmd
}

// exportSession writes a conversation to a file, or to standard output.
func (a *app) exportSession(s *sessions.Store, c *sessions.Conversation, e sessions.Export, file string) error {
	for _, m := range c.All {
		for _, p := range append(m.Pictures(), m.Needs...) {
			p.Bytes = func() ([]byte, error) { return s.Bytes(p.SHA256) }
		}
	}
	var out sessions.Exported
	var err error
	if file == "-" {
		out, err = e.To(c, a.stdout)
	} else {
		out, err = e.ToFile(c, file)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w (--force)", err)
	}
	if err != nil {
		return err
	}
	for _, source := range out.Lost {
		fmt.Fprintf(a.stderr, "vlmchat: the picture %s is lost, and was left out\n", termtext.Line(source))
	}
	if out.File != "" {
		_, err = fmt.Fprintln(a.stdout, termtext.Line(out.File))
	}
	return err
}
