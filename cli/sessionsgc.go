package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

func sessionsTidyCommand(a *app) *cobra.Command {
	var look, copies bool
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Remove conversations beyond the limits, and what none needs any more",
		Long: "GC removes the conversations that are beyond --session-age and --session-size, if there\n" +
			"are such limits: but for those with the tag 'keep' and those that are open. It removes\n" +
			"pictures that no conversation has, what killed processes have left, and copies of the\n" +
			"database that are older than a month. Then it makes the database as small as it can be.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			limits, err := a.limits()
			if err != nil {
				return usageError{err}
			}
			return a.withSessions(func(s *sessions.Store) error {
				return a.tidySessions(cmd.Context(), s, limits, copies, look)
			})
		},
	}
	cmd.Flags().BoolVarP(&look, "dry-run", "n", false, "only say what would be removed")
	cmd.Flags().BoolVar(&copies, "copies", false, "remove the copies of the database however new they are: they have what was removed since")
	addSettings(cmd.Flags(), config.SessionAge, config.SessionSize)
	return cmd
}

// limits are how much is kept of conversations.
func (a *app) limits() (l sessions.Limits, err error) {
	if l.Age, err = a.config.Age(config.SessionAge); err != nil {
		return l, err
	}
	l.Size, err = a.config.Bytes(config.SessionSize)
	return l, err
}

func (a *app) tidySessions(ctx context.Context, s *sessions.Store, limits sessions.Limits, copies, look bool) error {
	did, older, retire := "Removed", sessions.CopiesStay, s.Retire
	if look {
		did, retire = "Would remove", s.Beyond
	}
	if copies {
		older = 0
	}
	beyond, err := retire(ctx, limits)
	for _, one := range beyond {
		fmt.Fprintf(a.stdout, "%s %s  %s (last used %s)\n", did, one.ID, termtext.Line(one.Title), one.Updated.Local().Format(time.DateOnly))
	}
	if err != nil {
		return err
	}
	t, err := s.Tidy(ctx, older, look)
	if err != nil {
		return err
	}
	for _, c := range t.Copies {
		fmt.Fprintf(a.stdout, "%s %s\n", did, termtext.Line(c))
	}
	if t.Lost > 0 {
		fmt.Fprintf(a.stderr, "vlmchat: of %s in conversations the file is gone\n", counted(t.Lost, "picture"))
	}
	gone := []string{counted(len(beyond), "conversation")}
	if t.Pictures > 0 {
		gone = append(gone, counted(t.Pictures, "picture")+" that none has")
	}
	if t.Files > 0 {
		gone = append(gone, counted(t.Files, "file")+" that ended processes have left")
	}
	room := ""
	if t.Bytes > 0 {
		room = ": " + size(uint64(t.Bytes))
	}
	_, err = fmt.Fprintf(a.stdout, "%s %s%s\n", did, strings.Join(gone, ", "), room)
	return err
}
