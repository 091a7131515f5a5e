package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/sessions"
)

// tagCommand gives this conversation tags, takes those with a - before them from it, or
// tells which ones it has.
func (m *model) tagCommand(written string) tea.Cmd {
	s := m.session
	if m.keeper == nil || m.private {
		m.say(&note{text: "This conversation is not kept, so it needs no tags."})
		return nil
	}
	c, err := parseTags(written)
	if err != nil {
		m.complain(err)
		return nil
	}
	if !c.empty() {
		s.tags = c.apply(s.tags)
		delete(m.completing.asked, tagNames) // there may be more
	}
	n := &note{text: "This conversation has the tags " + hashed(s.tags) + "."}
	if len(s.tags) == 0 {
		n.text = "This conversation has no tags."
	}
	if c.empty() {
		n.hint = "/tag red bikes adds two, /tag -red takes one away. /sessions #red finds those that have it."
	}
	m.say(n)
	if c.empty() || !s.begun {
		return nil // they are written with the first message
	}
	m.keeper.add(s.tagsWith(c))
	return m.write()
}

// tagChange is what is to become of a conversation's tags.
type tagChange struct{ add, remove []string }

func (c tagChange) empty() bool { return len(c.add)+len(c.remove) == 0 }

// parseTags reads tags as a person writes them: "red #bikes -green".
func parseTags(written string) (tagChange, error) {
	var c tagChange
	for word := range strings.FieldsFuncSeq(written, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' }) {
		word, away := strings.CutPrefix(word, "-")
		tag, err := sessions.ParseTag(word)
		switch {
		case err != nil:
			return tagChange{}, err
		case away:
			c.remove = append(c.remove, tag)
		default:
			c.add = append(c.add, tag)
		}
	}
	return c, nil
}

// apply returns the tags that there are afterwards.
func (c tagChange) apply(tags []string) []string {
	tags = slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return slices.Contains(c.remove, tag) })
	tags = append(tags, c.add...)
	slices.Sort(tags)
	return slices.Compact(tags)
}

// hashed writes tags for a person: "#bikes #red".
func hashed(tags []string) string {
	var all []string
	for _, tag := range tags {
		all = append(all, "#"+tag)
	}
	return strings.Join(all, " ")
}

// tagsWith is the job that changes the session's tags.
func (s *session) tagsWith(c tagChange) job {
	k, id := s.kept, s.id
	return job{do: func(ctx context.Context, store *sessions.Store) error {
		if k.removed {
			return nil
		}
		_, err := store.Tag(ctx, id, c.add, c.remove)
		return k.gone(err)
	}}
}

// completeTag completes the last of some tags: one that is in use, or behind a - one that
// this conversation has.
func completeTag(m *model, argument string) (int, []suggestion, tea.Cmd) {
	from := strings.LastIndexAny(argument, " ,") + 1
	word := argument[from:]
	if m.keeper == nil {
		return 0, nil, nil
	}
	if strings.HasPrefix(word, "-") {
		var all []suggestion
		for _, tag := range m.session.tags {
			all = append(all, suggestion{name: "-" + tag, text: "-" + tag})
		}
		return from, beginning(all, word), nil
	}
	all, cmd := m.namesOf(tagNames)
	if strings.HasPrefix(word, "#") {
		from, word = from+1, word[1:]
	}
	return from, beginning(all, word), cmd
}

// tagsInUse lists the tags of all conversations, outside the chat's goroutine.
func (k *keeper) tagsInUse(ctx context.Context) (all []suggestion, err error) {
	count := map[string]int{sessions.Kept: 0}
	err = k.look(func(s *sessions.Store) error {
		there, err := s.List(ctx)
		for _, one := range there {
			for _, tag := range one.Tags {
				count[tag]++
			}
		}
		return err
	})
	for tag, n := range count {
		about := fmt.Sprintf("%d", n)
		if tag == sessions.Kept {
			about += dot + "is not removed for its age or size"
		}
		all = append(all, suggestion{name: tag, about: about, text: tag})
	}
	slices.SortFunc(all, func(a, b suggestion) int { return strings.Compare(a.name, b.name) })
	return all, err
}
