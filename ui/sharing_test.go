package ui

import (
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/sessions"
)

// Two chats in one conversation keep what each says and writes; who comes later is told,
// and takes over when the first one ends.
func TestSharing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}}, dir)
	first := open(t, o)
	first.enter("What is this?")
	first.idle()
	first.until("it is kept", func() bool { return stored(t, dir).All[1].State == sessions.Whole })
	o.Resume = first.m.session.id
	second := open(t, o)
	second.sees("Another vlmchat has this conversation open.")
	second.enter("Asked by the second?")
	second.idle()
	first.enter("Asked by the first?")
	first.idle()
	first.write("Draft of the first")
	second.write("Draft of the second")
	for _, p := range []*person{first, second} {
		p.until("the draft is written", func() bool { return !p.m.drafting && p.m.session.unsent.text != "" })
		if err := p.m.keeper.settle(); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"1<0 user whole: What is this?", "2<1 assistant whole: An answer.", "3<2 user whole: Asked by the second?", "4<3 assistant whole: An answer.",
		"5<2 user whole: Asked by the first?", "6<5 assistant whole: An answer.", "leaf 6",
	}
	if got := tree(stored(t, dir)); !slices.Equal(got, want) {
		t.Errorf("kept is %q, want %q", got, want)
	}
	first.ended()
	second.press(keyEnter)
	second.until("it has taken over", func() bool { return len(stored(t, dir).All) == 8 })
	second.idle()
	third := open(t, o)
	third.sees("Another vlmchat has this conversation open.")
	if !third.m.composer.empty() {
		t.Errorf("who comes later has the draft of another:\n%s", third.screen())
	}
	third.ended()
	second.write("Rest")
	second.ended()
	// One after the other their drafts come again.
	for _, text := range []string{"Draft of the first", "Rest"} {
		p := open(t, o)
		p.sees("› " + text)
		p.press(keyEnter)
		p.idle()
		p.enter("/branch")
		p.sees("Asked by the first?")
		p.sees("Asked by the second?")
		p.press(keyEsc)
		p.ended()
	}
}

// A session that is taken stays so if it is taken again, which a process could not do to
// itself otherwise.
func TestTakenTwice(t *testing.T) {
	t.Parallel()
	store, err := sessions.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := newSession()
	defer s.kept.release()
	for range 2 {
		if err := s.take(store); err != nil || s.kept.hold == nil || s.kept.shared {
			t.Errorf("it is taken: %+v, %v", s.kept, err)
		}
	}
}
