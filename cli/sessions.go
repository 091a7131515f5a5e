package cli

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// sessionsCommand is 'vlmchat sessions': the conversations that are kept.
func sessionsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "List, search, show, tag, export, import or remove conversations",
		Long: "Every chat is kept, with its pictures, on this machine and for you alone: but for those\n" +
			"with --no-save. 'vlmchat -c' goes on with the last one, 'vlmchat --resume' with another.\n" +
			"A conversation is named by its ID or the beginning of it, by its title, or by words that\n" +
			"are in no other one.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listSessions(cmd.Context(), sessionsListing{}) },
	}
	for _, sub := range []*cobra.Command{
		sessionsListCommand(a), sessionsSearchCommand(a), sessionsShowCommand(a), sessionsRenameCommand(a), sessionsTagCommand(a),
		sessionsExportCommand(a), sessionsImportCommand(a),
		sessionsRemoveCommand(a), sessionsTidyCommand(a), sessionsStatsCommand(a),
		sessionsRerunCommand(a),
	} {
		addSettings(sub.Flags(), config.SessionsDir)
		cmd.AddCommand(sub)
	}
	addSettings(cmd.Flags(), config.SessionsDir)
	return cmd
}

// sessionsListing is how conversations are listed.
type sessionsListing struct {
	words string
	tags  []string
	json  bool
}

func (l *sessionsListing) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&l.tags, "tag", "t", nil, "only those that have this tag; may be repeated")
	cmd.Flags().BoolVar(&l.json, "json", false, "print a JSON array")
}

func sessionsListCommand(a *app) *cobra.Command {
	var how sessionsListing
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the conversations, the one that was used last first",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listSessions(cmd.Context(), how) },
	}
	how.add(cmd)
	return cmd
}

func sessionsSearchCommand(a *app) *cobra.Command {
	var how sessionsListing
	cmd := &cobra.Command{
		Use:   "search WORDS",
		Short: "List the conversations in whose titles or messages all words are",
		Args:  someArguments("words to look for"),
		RunE: func(cmd *cobra.Command, args []string) error {
			how.words = strings.Join(args, " ")
			return a.listSessions(cmd.Context(), how)
		},
	}
	how.add(cmd)
	return cmd
}

// someArguments wants at least one argument.
func someArguments(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		return usagef("%s takes %s; see %s --help", command(cmd), what, cmd.CommandPath())
	}
}

// mostFound is how many conversations a search shows.
const mostFound = 1000

// listSessions prints those that have some words and tags, or all.
func (a *app) listSessions(ctx context.Context, how sessionsListing) error {
	tags, err := parseTags(how.tags)
	if err != nil {
		return err
	}
	return a.withSessions(func(s *sessions.Store) error {
		hits, err := s.Listed(ctx, how.words, mostFound)
		if err != nil {
			return err
		}
		hits = slices.DeleteFunc(hits, func(h sessions.Hit) bool {
			return slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(h.Tags, tag) })
		})
		if how.json {
			return printJSON(a.stdout, append([]sessions.Hit{}, hits...)) // an array, if of nothing
		}
		if len(hits) == 0 {
			_, err := fmt.Fprintln(a.stderr, how.none())
			return err
		}
		return a.printSessions(hits)
	})
}

// none says that nothing is listed.
func (l *sessionsListing) none() string {
	if l.words == "" && len(l.tags) == 0 {
		return "No conversation is kept yet: each chat is, but for those with --no-save."
	}
	return "No conversation has all of that."
}

func (a *app) printSessions(hits []sessions.Hit) error {
	var lines strings.Builder
	table := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tUSED\tMESSAGES\tPICTURES\tMODELS\tTITLE")
	for _, h := range hits {
		title := termtext.Line(h.Title)
		for _, tag := range h.Tags {
			title += " #" + termtext.Line(tag)
		}
		if h.Snippet != "" {
			title += "  " + termtext.Line(h.Snippet)
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\n", h.ID, h.Updated.Local().Format("2006-01-02 15:04"), h.Messages, h.Pictures,
			orDash(termtext.Line(strings.Join(h.Models, ", "))), title)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return printLines(a.stdout, lines.String())
}

func sessionsShowCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show SESSION",
		Short: "Print a conversation",
		Long: "Show prints what was said on the branch that was seen last, or with --json what is\n" +
			"known of the conversation. As JSON 'vlmchat sessions export SESSION --format json -' has what\n" +
			"was said, with all branches and the pictures.",
		Args: someArguments("a conversation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd.Context(), args, func(_ *sessions.Store, c *sessions.Conversation) error {
				if asJSON {
					return printJSON(a.stdout, struct {
						documentHead
						sessions.Session
					}{documentHead{"vlmchat-session", 1}, c.Session})
				}
				return a.printSession(c)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object of what 'list' has")
	return cmd
}

// withSession does something with the conversation that arguments mean.
func (a *app) withSession(ctx context.Context, args []string, do func(*sessions.Store, *sessions.Conversation) error) error {
	written := strings.Join(args, " ")
	return a.withSessions(func(s *sessions.Store) error {
		found, err := s.Find(ctx, written)
		if err != nil {
			return sessionError(err, written)
		}
		c, err := s.Load(ctx, found.ID)
		if err != nil {
			return sessionError(err, written)
		}
		return do(s, c)
	})
}

// printSession prints a conversation for a person.
func (a *app) printSession(c *sessions.Conversation) error {
	out := bufio.NewWriter(a.stdout)
	fmt.Fprintf(out, "%s (%s, %s)\n", termtext.Line(c.Title), c.ID, c.Created.Local().Format(time.DateOnly))
	if c.System != "" {
		fmt.Fprintf(out, "\nSystem: %s\n", termtext.Sanitize(c.System))
	}
	for _, m := range c.Path() {
		fmt.Fprintf(out, "\n%s:\n", m.Speaker())
		for _, p := range m.Parts {
			if p.Picture != nil {
				fmt.Fprintf(out, "[%s %d×%d]\n", termtext.Line(p.Picture.Source), p.Picture.Width, p.Picture.Height)
			} else if p.Text != "" {
				fmt.Fprintln(out, termtext.Sanitize(p.Text))
			}
		}
		if remark := m.Remark(); remark != "" {
			fmt.Fprintf(out, "(%s)\n", remark)
		}
	}
	return out.Flush()
}

func sessionsRenameCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rename SESSION TITLE",
		Short: "Give a conversation another title",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("%s takes a conversation and its title; see %s --help", command(cmd), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd.Context(), args[:1], func(s *sessions.Store, c *sessions.Conversation) error {
				return s.Rename(cmd.Context(), c.ID, strings.Join(args[1:], " "), sessions.ByPerson)
			})
		},
	}
}

func sessionsRemoveCommand(a *app) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rm SESSION...",
		Short: "Remove conversations for good, with the pictures that no other one has",
		Args:  someArguments("conversations"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSessions(func(s *sessions.Store) error {
				return a.removeSessions(cmd.Context(), s, args, yes)
			})
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	return cmd
}

// removeSessions removes conversations when the person has said so.
func (a *app) removeSessions(ctx context.Context, s *sessions.Store, named []string, yes bool) error {
	var ids []string
	for _, written := range named {
		found, err := s.Named(ctx, written)
		if err != nil {
			return sessionError(err, written)
		}
		if slices.Contains(ids, found.ID) {
			continue
		}
		ids = append(ids, found.ID)
		fmt.Fprintf(a.stderr, "%s  %s (%d messages)\n", found.ID, termtext.Line(found.Title), found.Messages)
	}
	if may, err := a.mayRemove("sessions rm", "Remove for good?", yes); !may {
		return err
	}
	if err := s.Remove(ctx, ids...); err != nil {
		return err
	}
	for _, c := range s.Copies() {
		fmt.Fprintf(a.stderr, "vlmchat: %s is an older copy of the database and may still have it; 'vlmchat sessions gc --copies' removes such\n", termtext.Line(c.File))
	}
	return nil
}
