package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

func sessionsStatsCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count what is kept: conversations, pictures, tokens, room on the disk",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSessions(func(s *sessions.Store) error {
				st, err := s.Stats(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.stdout, struct {
						documentHead
						sessions.Stats
					}{documentHead{"vlmchat-sessions-stats", 1}, st})
				}
				return a.printStats(st)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (a *app) printStats(st sessions.Stats) error {
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(table, name+"\t"+format+"\n", args...) }
	line("folder", "%s", termtext.Line(st.Dir))
	line("conversations", "%d%s", st.Sessions, between(st.Oldest, st.Newest))
	line("messages", "%s, %s", counted(st.Questions, "question"), counted(st.Answers, "answer"))
	line("pictures", "%d, %s", st.Pictures, size(uint64(st.PictureBytes)))
	line("database", "%s", size(uint64(st.DatabaseBytes)))
	if st.CopyBytes > 0 {
		line("copies of it", "%s ('vlmchat sessions gc --copies' removes them)", size(uint64(st.CopyBytes)))
	}
	line("tokens", "%d read, %d generated", st.Read, st.Generated)
	if st.Cost > 0 {
		line("cost", "$%.2f", st.Cost)
	}
	for i, m := range st.Models {
		name := ""
		if i == 0 {
			name = "models"
		}
		line(name, "%s: %s, %s generated", termtext.Line(m.Model), counted(m.Answers, "answer"), counted(int(m.Generated), "token"))
	}
	if len(st.Tags) > 0 {
		var tags []string
		for _, tag := range slices.Sorted(maps.Keys(st.Tags)) {
			tags = append(tags, fmt.Sprintf("%s (%d)", tag, st.Tags[tag]))
		}
		line("tags", "%s", termtext.Line(strings.Join(tags, ", ")))
	}
	return table.Flush()
}

// between says from which day to which.
func between(oldest, newest *time.Time) string {
	if oldest == nil || newest == nil {
		return ""
	}
	return fmt.Sprintf(", %s to %s", oldest.Local().Format(time.DateOnly), newest.Local().Format(time.DateOnly))
}
