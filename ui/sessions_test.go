package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// library is a folder with some conversations.
func library(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, c := range []struct{ question, answer string }{
		{"What is on the sign?", "It says that bicycles are forbidden."},
		{"How many dogs are there?", "Three dogs and a heron."},
		{"Describe this disc.", "A yellow disc."},
	} {
		to := sessions.Session{ID: fmt.Sprintf("session%d", i)}
		at := time.Now().Add(time.Duration(i-3) * time.Minute)
		q := sessions.Message{Role: sessions.User, State: sessions.Whole, Created: at, Parts: []sessions.Part{{Text: c.question}}}
		if i == 2 {
			q.Parts = append([]sessions.Part{{Picture: PictureOf(testPicture("disc.png", 96, 64))}}, q.Parts...)
		}
		parent, err := s.Append(t.Context(), to, q)
		if err != nil {
			t.Fatal(err)
		}
		a := sessions.Message{Parent: parent, Role: sessions.Assistant, State: sessions.Whole, Model: "llava", Created: at, Parts: []sessions.Part{{Text: c.answer}}}
		if _, err := s.Append(t.Context(), to, a); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSessions(t *testing.T) {
	t.Parallel()
	dir := library(t)
	e := &fake{reply: say("An answer.")}
	p := open(t, keptIn(Options{Setup: Setup{Engine: e}}, dir))
	p.sees("tiny-vlm")
	p.enter("/sessions")
	p.sees("A yellow disc.") // the preview of the newest
	p.sees("disc.png · 96×64")
	if screen := p.screen(); !strings.Contains(screen, "How many dogs are there?") || !strings.Contains(screen, "Conversations") {
		t.Errorf("the screen shows\n%s", screen)
	}
	// What was said is searched, not the titles alone.
	p.write("heron")
	p.sees("Three dogs and a heron.")
	p.press(keyEnter)
	p.sees("So far llava answered. From here on it is tiny-vlm")
	if screen := p.screen(); !strings.Contains(screen, "How many dogs") || !strings.Contains(screen, "Three dogs and a heron.") {
		t.Errorf("the screen shows\n%s", screen)
	}
	p.enter("/rename Dogs and birds")
	p.sees("This conversation is now “Dogs and birds”.")
	p.enter("And cats?")
	p.sees("An answer.")
	p.idle()
	p.enter("/sessions rm session1")
	p.sees("This is the conversation that is open.")
	p.enter("/sessions rm sign")
	p.sees("Remove “What is on the sign?” for good?")
	p.press(keyDown, keyEnter)
	p.sees("“What is on the sign?” is removed.")
	p.ended()
	c := stored(t, dir)
	if c.ID != "session1" || c.Title != "Dogs and birds" || c.TitleBy != sessions.ByPerson || len(c.All) != 4 {
		t.Errorf("kept is %+v", c.Session)
	}
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if all, err := s.List(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("there are %+v, %v", all, err)
	}
}

// Who does something with a conversation of the list comes back to where they were in it.
func TestSessionsBackToList(t *testing.T) {
	t.Parallel()
	p := open(t, keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}, Choose: true}, library(t)))
	p.sees("A yellow disc.")
	p.write("there")
	p.sees("How many dogs are «there»?")
	for key, asks := range map[rune]string{'x': "Remove “How many dogs are there?” for good?", 'r': "Rename “How many dogs are there?”", 't': "Tags of “How many dogs are there?”"} {
		p.press(tea.KeyPressMsg{Code: key, Mod: tea.ModCtrl})
		p.sees(asks)
		p.press(keyEsc)
		p.sees("How many dogs are «there»?")
		p.sees("1 of 3")
	}
	p.press(tea.KeyPressMsg{Code: 'x', Mod: tea.ModCtrl})
	p.sees("for good?")
	p.press(keyEnter) // keeps it
	p.sees("1 of 3")
	p.press(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	p.sees("› Describe this disc.")
	p.press(keyDown, tea.KeyPressMsg{Code: 'x', Mod: tea.ModCtrl})
	p.sees("Remove “How many dogs are there?” for good?")
	p.press(keyDown, keyEnter)
	p.sees("› What is on the sign?") // the next one
	p.press(keyEsc)
	p.sees("“How many dogs are there?” is removed.")
	p.ended()
}

// Without a screen the same is done by numbers.
func TestSessionsPlain(t *testing.T) {
	t.Parallel()
	o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}}, library(t))
	out := talkPlain(t, o, "/sessions", "/sessions 2", "/sessions rm 3", "/remove 2", "/sessions heron", "/quit")
	for _, want := range []string{"1. Describe this disc.", "3. What is on the sign?", "You: How many dogs are there?", "2. Remove it: 2 messages", "“What is on the sign?” is removed.", "1. How many dogs are there? (now): Three dogs and a «heron»"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// talkPlain holds a plain chat and returns what it prints.
func talkPlain(t *testing.T, o Options, lines ...string) string {
	t.Helper()
	var out strings.Builder
	o.Input, o.Output = strings.NewReader(strings.Join(lines, "\n")+"\n"), &out
	if err := RunPlain(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestExporting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a chat.html")
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("A **disc**.")}}, Pictures: []*images.Picture{testPicture("disc.png", 96, 64)}, Recall: new(images.Loader).Recall})
	p.enter("/export")
	p.sees("Nothing was said yet")
	p.enter("What is this?")
	p.idle()
	p.enter("/retry")
	p.idle()
	p.enter("/export '" + file + "'")
	p.sees("Exported 2 messages to")
	p.enter("/export " + file)
	p.sees("/export -f")
	p.enter("/export -f " + file)
	p.until("it is replaced", func() bool { return strings.Count(p.screen(), "Exported 2 messages") == 2 })
	p.enter("/export x.pdf")
	p.sees("the ending says the format")
	data, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(data), "<strong>disc</strong>") || !strings.Contains(string(data), "data:image/png;base64,") {
		t.Errorf("the page is %s, %v", data, err)
	}
	p.enter("/export " + filepath.Join(dir, "all.json"))
	p.sees("Exported 3 messages")
	p.enter("/export --format pdf")
	p.sees("is no format")
	file = filepath.Join(dir, "messages")
	p.enter("/export --format openai '" + file + "'")
	p.until("they are exported", func() bool { return strings.Count(p.screen(), "Exported 2 messages") == 3 })
	if data, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(data), "[\n") || !strings.Contains(string(data), "data:image/") {
		t.Errorf("the messages are %s, %v", data, err)
	}
}

// From the list a conversation is given another title and tags, and the list comes again.
func TestSessionsRelabelled(t *testing.T) {
	t.Parallel()
	dir := library(t)
	p := open(t, keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}, Choose: true}, dir))
	p.sees("A yellow disc.")
	p.press(keyDown)
	p.press(tea.KeyPressMsg{Code: 'r', Mod: tea.ModCtrl})
	p.sees("Rename “How many dogs are there?”")
	p.press(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}, keyEnter)
	p.sees("It needs one.")
	p.write("Three dogs")
	p.press(keyEnter)
	p.sees("› Three dogs")
	p.press(tea.KeyPressMsg{Code: 't', Mod: tea.ModCtrl})
	p.sees("Tags of “Three dogs”")
	p.write("dogs Keep")
	p.press(keyEnter)
	p.sees("session1 · #dogs #keep · llava")
	p.press(tea.KeyPressMsg{Code: 't', Mod: tea.ModCtrl})
	p.sees("dogs keep")
	p.press(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	p.write("dogs !")
	p.press(keyEnter)
	p.sees("is no tag")
	p.press(keyBackspace, keyEnter)
	p.sees("session1 · #dogs · llava")
	p.write("#dogs")
	p.sees("1 of 3")
	p.press(keyEnter)
	p.sees("Three dogs and a heron.")
	p.ended()
	out := talkPlain(t, keptIn(Options{Setup: Setup{Engine: &fake{}}}, dir), "/sessions", "/sessions rename 3 A sign", "/sessions tag 3 street -dogs", "/sessions tag 7 x", "/sessions #street")
	for _, want := range []string{"The conversation is now “A sign”.", "There is no number 7", "1. A sign: ", "2 messages · #street"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// Pictures are seen by their thumbnails, which are made when they are kept, or else when
// they are looked at.
func TestSessionsThumbnails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("A **yellow** disc.")}}, Pictures: []*images.Picture{testPicture("disc.png", 960, 640)}}, dir)
	p := open(t, o)
	p.enter("What is this?")
	p.sees("yellow disc.")
	thumbnails := func() []string {
		files, err := filepath.Glob(filepath.Join(dir, "thumbnails", "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	p.until("a thumbnail", func() bool { return len(thumbnails()) == 1 })
	p.idle()
	p.ended()
	if err := os.Remove(thumbnails()[0]); err != nil {
		t.Fatal(err)
	}
	o.Pictures, o.Choose = nil, true
	q := open(t, o)
	q.sees("disc.png · 960×640")
	g := q.m.dialog.(*picker)
	if screen := q.screen(); !strings.Contains(screen, "A yellow disc.") || strings.Contains(screen, "**") {
		t.Errorf("the preview is\n%s", screen)
	}
	if len(thumbnails()) != 1 || g.matches[g.at].entry.name != "What is this?" {
		t.Errorf("there are %q", thumbnails())
	}
	q.ended()
}

func TestWhen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 1, 0, 0, 0, time.UTC)
	for at, want := range map[string]string{
		"2026-11-29T00:30:00Z": "00:30", "2026-11-28T23:30:00Z": "yesterday 23:30", "2026-11-24T12:00:00Z": "Tuesday 12:00",
		"2026-11-22T12:00:00Z": "22 November", "2025-12-31T12:00:00Z": "31 December 2025",
	} {
		then, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := when(then, now); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 1, 0, 0, 0, time.UTC)
	for at, want := range map[string]string{
		"2026-11-29T00:30:00Z": "Today", "2026-11-28T00:30:00Z": "Yesterday", "2026-11-22T12:00:00Z": "The last seven days",
		"2026-11-02T12:00:00Z": "November", "2026-01-02T12:00:00Z": "January", "2025-12-31T12:00:00Z": "December 2025",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := period(when, now); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
}

// slow is an engine that is asked who it is, and takes its time.
type slow struct {
	fake
	asked chan struct{}
}

func (s *slow) Info(ctx context.Context) (engine.Info, error) {
	select {
	case <-s.asked:
	case <-ctx.Done():
	}
	return s.fake.Info(ctx)
}

// Who opens a conversation with 'vlmchat -c' is told that another model goes on, though that
// is known only when the conversation is there.
func TestResumedByAnotherModel(t *testing.T) {
	t.Parallel()
	e := &slow{asked: make(chan struct{})}
	p := open(t, keptIn(Options{Setup: Setup{Engine: e}, Resume: "session1"}, library(t)))
	p.sees("Three dogs and a heron.")
	if strings.Contains(p.screen(), "So far") {
		t.Errorf("the screen shows\n%s", p.screen())
	}
	close(e.asked)
	p.sees("So far llava answered. From here on it is tiny-vlm")
	p.ended()
}

func TestModelsOf(t *testing.T) {
	t.Parallel()
	c := sessions.Conversation{Session: sessions.Session{Models: []string{"one", "two", "three"}}, Leaf: 4, All: []sessions.Message{
		{ID: 1, Role: sessions.User},
		{ID: 2, Parent: 1, Role: sessions.Assistant, Model: "one"},
		{ID: 3, Parent: 2, Role: sessions.User},
		{ID: 4, Parent: 3, Role: sessions.Assistant},
	}}
	if got := modelsOf(&c); !slices.Equal(got, []string{"two", "three", "one"}) {
		t.Errorf("%q", got)
	}
}
