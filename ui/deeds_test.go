package ui

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// What can be done with a message is said in the last line, and nothing else.
func TestDeeds(t *testing.T) {
	t.Parallel()
	s := talked(100, 16, 2)
	hint := func() string {
		lines := strings.Split(strings.TrimRight(screenOf(s.m), "\n"), "\n")
		return strings.TrimSpace(lines[len(lines)-1])
	}
	for _, step := range []struct{ selected, hint string }{
		{"Answer 2.", "c copy · r ask again · g ground · ↑ ↓ others · Esc leaves"},
		{"Question 2?", "c copy · e edit · r ask again · ↑ ↓ others · Esc leaves"},
		{"Answer 1.", "c copy · r ask again · g ground · n go on here · ↑ ↓ others · Esc leaves"},
		{"Question 1?", "c copy · e edit · r ask again · z zoom · o open · ↑ ↓ others · Esc leaves"},
	} {
		s.send(keyAltUp)
		if s.selected() != step.selected || hint() != step.hint {
			t.Errorf("%q is selected, and the last line is %q, want %q", s.selected(), hint(), step.hint)
		}
	}
	s.m.width = 30
	if got, want := hint(), "c copy · e edit · Esc leaves"; got != want {
		t.Errorf("in 30 cells the last line is %q, want %q", got, want)
	}
}

// Messages are changed, asked again and gone on from where they stand, and their branches
// are a key away.
func TestDeedsWithBranches(t *testing.T) {
	t.Parallel()
	s := talked(80, 24, 2)
	finish := func(said string) {
		t.Helper()
		s.hears(text(said), done())
		s.ends(nil)
	}
	up := func(n int) {
		for range n {
			s.send(keyAltUp)
		}
	}
	path := func() string {
		var all []string
		for _, ex := range s.m.talk.path() {
			all = append(all, ex.question.text+" "+strings.SplitN(ex.answer.source(), "\n", 2)[0])
		}
		return strings.Join(all, " | ")
	}
	is := func(want string) {
		t.Helper()
		if got := path(); got != want {
			t.Fatalf("the conversation is %q, want %q; the screen:\n%s", got, want, screenOf(s.m))
		}
	}

	up(3) // the first answer
	s.send(letter('r'))
	finish("Anew.")
	is("Question 1? Anew.")
	if s.selected() != "" {
		t.Errorf("%q is selected still", s.selected())
	}
	up(1)
	s.send(letter('['))
	is("Question 1? Answer 1. | Question 2? Answer 2.")
	if s.selected() != "Answer 1." {
		t.Errorf("%q is selected", s.selected())
	}
	s.send(letter(']'))
	is("Question 1? Anew.")
	s.send(letter(']'))
	is("Question 1? Answer 1. | Question 2? Answer 2.")

	s.send(letter('n'))
	is("Question 1? Answer 1.")
	s.enter("Another?")
	finish("Yes.")
	is("Question 1? Answer 1. | Another? Yes.")

	up(2) // the second question
	s.send(letter('e'))
	if s.m.composer.value() != "Another?" || s.m.edit == nil || s.selected() != "" {
		t.Fatalf("not edited:\n%s", screenOf(s.m))
	}
	s.m.composer.insert("!")
	s.send(keyEnter)
	finish("Sure.")
	is("Question 1? Answer 1. | Another?! Sure.")
	up(2)
	s.send(letter('['))
	is("Question 1? Answer 1. | Another? Yes.")
	if s.selected() != "Another?" {
		t.Errorf("%q is selected", s.selected())
	}
}

// While an answer is on its way the conversation stays where it is, and what is written
// after one that failed is written.
func TestDeedsWait(t *testing.T) {
	t.Parallel()
	s := talked(80, 24, 2)
	s.enter("Third?")
	for range 5 {
		s.send(keyAltUp)
	}
	for _, key := range "rn" {
		s.send(letter(key))
		if s.m.status.flash != busyHint || s.selected() != "Answer 1." {
			t.Errorf("%c: %q is selected, %q is said", key, s.selected(), s.m.status.flash)
		}
	}
	s.send(keyEsc)
	s.ends(&engine.Error{Kind: engine.WorkerDied, Message: "It ended."})
	s.send(letter('r'))
	if s.m.composer.value() != "r" {
		t.Errorf("%q is written", s.m.composer.value())
	}
}
