package sessions

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestTags(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	add(t, s, "s", question(0, "What?"))
	for _, step := range []struct{ add, remove, want []string }{
		{[]string{"work", "birds", "work"}, nil, []string{"birds", "work"}},
		{[]string{"a"}, []string{"work", "nothing"}, []string{"a", "birds"}},
		{nil, []string{"a", "birds"}, nil},
	} {
		tags, err := s.Tag(t.Context(), "s", step.add, step.remove)
		c, loaded := s.Load(t.Context(), "s")
		if err != nil || loaded != nil || !slices.Equal(tags, step.want) || !slices.Equal(c.Tags, step.want) {
			t.Errorf("the tags are %q, %v, and %q, %v; want %q", tags, err, c.Tags, loaded, step.want)
		}
	}
	if _, err := s.Tag(t.Context(), "none", []string{"a"}, nil); !errors.Is(err, ErrNotFound) {
		t.Errorf("tags of no conversation: %v", err)
	}
	for written, want := range map[string]string{"#Work ": "work", "año-2/x.y_z+": "año-2/x.y_z+", "図書": "図書"} {
		if got, err := ParseTag(written); err != nil || got != want {
			t.Errorf("%q is %q, %v", written, got, err)
		}
	}
	for _, written := range []string{"", "#", "two words", "a\nb", "\x1b[m", "a,b", strings.Repeat("x", 41)} {
		if got, err := ParseTag(written); err == nil {
			t.Errorf("%q is the tag %q", written, got)
		}
	}
}

// A title of a model's replaces the first words and its own, and not a person's.
func TestTitlesByWorth(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	add(t, s, "s", question(0, "What?"))
	for _, step := range []struct {
		by          TitleBy
		title, want string
	}{{ByModel, "A cat", "A cat"}, {ByModel, "Two cats", "Two cats"}, {ByPerson, "Mine", "Mine"}, {ByModel, "Three cats", "Mine"}, {ByPerson, "Ours", "Ours"}} {
		if err := s.Rename(t.Context(), "s", step.title, step.by); err != nil {
			t.Fatal(err)
		}
		if c, err := s.Load(t.Context(), "s"); err != nil || c.Title != step.want || (c.TitleBy == ByPerson) != (step.want != step.title || step.by == ByPerson) {
			t.Errorf("after %q of %q the title is %q of %q, %v", step.title, step.by, c.Title, c.TitleBy, err)
		}
	}
}
