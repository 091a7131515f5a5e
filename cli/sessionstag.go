package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/sessions"
)

func sessionsTagCommand(a *app) *cobra.Command {
	var remove []string
	cmd := &cobra.Command{
		Use:   "tag SESSION [TAG...]",
		Short: "Give a conversation tags, or show those that it has",
		Long: "Tags are words by which conversations are found again: 'vlmchat sessions list --tag red'.\n" +
			"A conversation with the tag 'keep' is never removed for its age or size.",
		Example: "  vlmchat sessions tag k3fw82ab bicycles keep\n  vlmchat sessions tag k3fw82ab --remove keep",
		Args:    someArguments("a conversation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			add, err := parseTags(args[1:])
			if err != nil {
				return err
			}
			gone, err := parseTags(remove)
			if err != nil {
				return err
			}
			return a.withSession(cmd.Context(), args[:1], func(s *sessions.Store, c *sessions.Conversation) error {
				tags := c.Tags
				if len(add)+len(gone) > 0 {
					if tags, err = s.Tag(cmd.Context(), c.ID, add, gone); err != nil {
						return err
					}
				}
				if len(tags) == 0 {
					return nil
				}
				_, err := fmt.Fprintln(a.stdout, strings.Join(tags, " "))
				return err
			})
		},
	}
	cmd.Flags().StringArrayVarP(&remove, "remove", "r", nil, "take this tag from it; may be repeated")
	return cmd
}

// parseTags reads tags as a person writes them.
func parseTags(written []string) ([]string, error) {
	var tags []string
	for _, w := range written {
		tag, err := sessions.ParseTag(w)
		if err != nil {
			return nil, usageError{err}
		}
		tags = append(tags, tag)
	}
	return tags, nil
}
