package sessions

import (
	"errors"
	"testing"
)

// there reports whether the bytes of a picture are kept.
func there(t *testing.T, s *Store, p *Picture) bool {
	t.Helper()
	_, err := s.Bytes(p.SHA256)
	if err != nil && !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// A picture of a draft is kept as long as the draft has it, or a message has come to have it.
func TestDraftPictures(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	ctx := t.Context()
	sent, dropped := picture("clipboard", "that was sent"), picture("clipboard", "that was not")
	d := Draft{Session: "one", Text: "What is", Pictures: []*Picture{sent, {Source: "/elsewhere.png"}, dropped}}
	if err := s.SaveDraft(ctx, d); err != nil {
		t.Fatal(err)
	}
	back, err := s.Draft(ctx, "one")
	if err != nil || len(back.Pictures) != 3 || back.Pictures[0].SHA256 != sent.SHA256 || back.Pictures[1].SHA256 != "" || back.Pictures[1].Source != "/elsewhere.png" {
		t.Errorf("%+v, %v", back, err)
	}
	if back, err = s.AdoptDraft(ctx, "two"); err != nil || len(back.Pictures) != 3 || !there(t, s, sent) || !there(t, s, dropped) {
		t.Errorf("adopted is %+v, %v", back, err)
	}
	add(t, s, "two", question(0, "What is this?", sent))
	if err := s.SaveDraft(ctx, Draft{Session: "two"}); err != nil {
		t.Fatal(err)
	}
	if !there(t, s, sent) || there(t, s, dropped) {
		t.Error("the picture that was sent is gone, or the other one is there")
	}
	// With its session the draft goes, and what another process wrote beside it.
	mine, theirs := picture("clipboard", "mine"), picture("clipboard", "theirs")
	for place, p := range map[string]*Picture{"two": mine, BesideDraft("two"): theirs} {
		if err := s.SaveDraft(ctx, Draft{Session: place, Pictures: []*Picture{p}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove(ctx, "two"); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Picture{sent, mine, theirs} {
		if there(t, s, p) {
			t.Errorf("%s %s is left", p.Source, p.SHA256)
		}
	}
}

// Two processes that have a session open don't overwrite what the other is writing.
func TestDraftsBeside(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	ctx := t.Context()
	add(t, s, "one", question(0, "What?"))
	place := BesideDraft("one")
	hold, err := s.Hold(place)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []Draft{{Session: "one", Text: "by the first"}, {Session: place, Text: "by the second"}} {
		if err := s.SaveDraft(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := s.AdoptDraft(ctx, "new"); err != nil || !d.Empty() {
		t.Errorf("a new conversation takes %+v, %v", d, err)
	}
	hold.Release()
	if d, err := s.AdoptBeside(ctx, "one"); err != nil || !d.Empty() {
		t.Errorf("over its own it takes %+v, %v", d, err)
	}
	if err := s.SaveDraft(ctx, Draft{Session: "one"}); err != nil {
		t.Fatal(err)
	}
	if d, err := s.AdoptBeside(ctx, "one"); err != nil || d.Text != "by the second" || d.Session != "one" {
		t.Errorf("afterwards it takes %+v, %v", d, err)
	}
	if d, err := s.Draft(ctx, "one"); err != nil || d.Text != "by the second" {
		t.Errorf("its draft is %+v, %v", d, err)
	}
	// One that was written after its session was removed goes to a new one.
	if err := s.Remove(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDraft(ctx, Draft{Session: place, Text: "afterwards"}); err != nil {
		t.Fatal(err)
	}
	if d, err := s.AdoptDraft(ctx, "new"); err != nil || d.Text != "afterwards" {
		t.Errorf("of one that is gone a new conversation takes %+v, %v", d, err)
	}
}

// The first version of the tables had sources alone.
func TestDraftOfVersionOne(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	if _, err := s.write.Exec(`INSERT INTO drafts VALUES ('one', 'text', '["/a.png", "/b \"c\".png"]', 0)`); err != nil {
		t.Fatal(err)
	}
	d, err := s.Draft(t.Context(), "one")
	if err != nil || len(d.Pictures) != 2 || d.Pictures[1].Source != `/b "c".png` {
		t.Errorf("%+v, %v", d, err)
	}
}

// What a message needs besides its parts is kept, and goes with it.
func TestNeeds(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	example := picture("example.png", "of an example")
	m := question(0, "And this?", picture("a.png", "of the question"))
	m.Needs = []*Picture{example}
	add(t, s, "one", m)
	c, err := s.Load(t.Context(), "one")
	if err != nil || len(c.All[0].Needs) != 1 || c.All[0].Needs[0].SHA256 != example.SHA256 || !there(t, s, example) {
		t.Fatalf("%+v, %v", c, err)
	}
	if err := s.Remove(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if there(t, s, example) {
		t.Error("the example's picture is left")
	}
}
