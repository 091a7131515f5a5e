package ui

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termimg"
)

var update = flag.Bool("update", false, "write the golden files anew")

// stage puts a model into a state by messages alone; no command runs, so nothing
// depends on time.
type stage struct{ m *model }

func (s stage) send(msgs ...tea.Msg) {
	for _, msg := range msgs {
		s.m.Update(msg)
	}
}

func (s stage) enter(text string) {
	s.m.composer.set(text)
	s.send(keyEnter)
}

// hears delivers what the engine said, as if all at once.
func (s stage) hears(events ...engine.Event) {
	b := batch{feed: s.m.run.feed}
	for _, e := range events {
		b.take(report{event: e})
	}
	s.send(b)
}

func (s stage) ends(err error) {
	s.send(batch{feed: s.m.run.feed, err: err, ended: true})
}

var (
	text = func(t string) engine.Event { return engine.Event{Kind: engine.Delta, Text: t} }

	goldens = []struct {
		name string
		act  func(s stage)
	}{
		{"first-paint", func(s stage) {}},
		{"loading", func(s stage) {
			s.send(batch{feed: s.m.loading, progress: &engine.Event{Kind: engine.Load, Progress: 0.42}})
			s.enter("What do you see?")
		}},
		{"looking", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(engine.Event{Kind: engine.Encode, Progress: 0.5})
			start := time.Unix(0, 0)
			s.send(tickMsg(start), tickMsg(start.Add(7*time.Second)))
		}},
		{"streaming", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("A yellow disc stands before a dark blue sky; below it the ground is "))
		}},
		{"answered", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("A yellow disc.\n\n黄色的圆形，在深蓝色的天空前面。 👋"), done())
			s.ends(nil)
		}},
		{"markdown", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("## The disc\n\nIt is **yellow**:\n\n1. round\n   - `r = 40`\n\n```python\narea = 3.14 * r ** 2\n```\n\n| what | colour |\n|---|---|\n| disc | yellow |\n| sky | half of wh"))
		}},
		{"stopped", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("A yellow disc, and"))
			s.send(keyEsc)
			s.ends(nil)
			s.enter("Why?")
			s.send(keyEsc)
			s.ends(nil)
		}},
		{"failed", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.ends(&engine.Error{Kind: engine.WorkerDied, Message: "The model's worker process ended (killed).",
				Hint: "Ask again: a new one starts by itself."})
			s.enter("/foo")
		}},
		{"chips", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("A disc."), done())
			s.ends(nil)
			s.enter("/attach 红色.png a-long-name-of-a-picture.jpeg c.png")
			for _, a := range s.m.attachments[:2] {
				s.send(attachedMsg{attachment: a, shots: []*shot{newShot(testPicture(a.source, 20, 30))}})
			}
		}},
		{"chip-selected", func(s stage) {
			s.loaded()
			s.enter("/attach 红色.png a-long-name-of-a-picture.jpeg report.pdf#3 b.png c.png d.png e.png")
			for _, a := range s.m.attachments[1:6] {
				s.send(attachedMsg{attachment: a, shots: []*shot{newShot(testPicture(a.source, 20, 30))}})
			}
			s.send(keyAltLeft, keyLeft, keyLeft, keyLeft)
		}},
		{"help", func(s stage) {
			s.loaded()
			s.enter("/help")
		}},
		{"zoom", func(s stage) {
			s.loaded()
			s.send(keyCtrlO)
			s.focuses()
			s.send(keyPlus, keyPlus, keyPlus, keyPlus, keyRight)
		}},
		{"models", func(s stage) {
			s.loaded()
			s.enter("/model")
			s.lists()
		}},
		{"plain-models", func(s stage) {
			s.loaded()
			s.m.plain = true
			s.enter("/model")
			s.lists()
		}},
		{"fetching", func(s stage) {
			s.loaded()
			s.m.setup.Engine = puller{}
			s.m.pull("qwen2.5vl:3b")
			f := s.m.fetching
			for i, done := range []int64{1, 400_000_000, 1_450_000_000} {
				s.send(fetchedMsg{of: f, fetched: fetched{progress: engine.PullProgress{Status: "pulling a99b7f834d75", Done: done, Total: 3_200_000_000}, at: time.Unix(int64(10*i), 0)}})
			}
		}},
		{"fetching-behind", func(s stage) {
			s.loaded()
			s.m.setup.Engine = puller{}
			s.m.pull("qwen2.5vl:3b")
			s.send(fetchedMsg{of: s.m.fetching, fetched: fetched{progress: engine.PullProgress{Status: "pulling", Done: 1, Total: 4}, at: time.Unix(1, 0)}})
			s.send(keyEnter)
		}},
		{"offered", func(s stage) {
			s.loaded()
			s.m.setup.Engine = puller{}
			s.m.offerPull("qwen2.5vl:3b", "")
		}},
		{"not-fetched", func(s stage) {
			s.loaded()
			s.m.setup.Engine = puller{}
			s.m.pull("qwen2.5vl:3b")
			s.send(fetchedMsg{of: s.m.fetching, fetched: fetched{err: &engine.Error{Kind: engine.Failed,
				Message: "the Ollama at localhost:11434 did not pull qwen2.5vl:3b: write /models/blobs/sha256-1: no space left on device"}}})
		}},
		{"filtered", func(s stage) {
			s.loaded()
			s.enter("/model")
			s.lists()
			s.send(tea.KeyPressMsg{Code: 'g', Text: "g"}, tea.KeyPressMsg{Code: 'e', Text: "e"})
		}},
		{"listing", func(s stage) {
			s.loaded()
			s.enter("/model")
		}},
		{"unlisted", func(s stage) {
			s.loaded()
			s.enter("/model")
			s.send(foundMsg{search: s.m.search, ended: true, find: find{err: &engine.Error{Kind: engine.Unreachable,
				Message: "Nobody answers at localhost:11434.", Hint: "Is Ollama running? 'ollama serve' starts it."}}})
		}},
		{"editing", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("A yellow disc."), done())
			s.ends(nil)
			s.enter("/retry")
			s.hears(text("A disc on a dark blue ground."), done())
			s.ends(nil)
			s.send(keyUp)
			s.m.composer.insert(" Be brief.")
		}},
		{"branches", func(s stage) {
			s.loaded()
			for _, line := range []string{"What do you see?", "Which colour is the disc?", "And the ground?", "/branch 2", "And the sky?", "Why?", "/branch 4", "Sure?", "/branch 1", "Is there a cat?", "/retry"} {
				s.enter(line)
				if s.m.run != nil {
					s.hears(text("It is yellow, as far as anybody can tell from a picture of this size."), done())
					s.ends(nil)
				}
			}
			for ex := range s.m.talk.all {
				ex.asked = time.Time{} // it would be another time each time
			}
			s.enter("/branch")
		}},
		{"nearly-full", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			d := done()
			d.Usage.PromptTokens = 1700
			s.hears(text("A yellow disc."), d)
			s.ends(nil)
			s.enter("/context")
		}},
		{"context-full", func(s stage) {
			s.m.setup.Engine = counting{&fake{}, fakeInfo.ContextSize}
			s.loaded()
			info := fakeInfo
			info.Capabilities.Counting = true
			s.send(infoMsg{info: info})
			s.enter("What do you see?")
			s.hears(text("A yellow disc."), done())
			s.ends(nil)
			c := engine.Count{Tokens: 2000, ImageTokens: 64, Pictures: []int{64}, ContextSize: 2048, Dropped: 2}
			s.send(weighedMsg{of: s.m.burden(), count: c})
		}},
		{"comparing", func(s stage) {
			s.loaded()
			s.m.setup.Switch = between(nil, nil).Switch
			s.enter("What do you see?")
			s.hears(text("A yellow disc."), done())
			s.ends(nil)
			s.enter("/compare llava")
			other := s.m.comparison.columns[1]
			s.send(batch{feed: other.opening, progress: &engine.Event{Kind: engine.Load, Progress: 0.4}},
				openedMsg{column: other, setup: Setup{Engine: &fake{}}, info: engine.Info{Engine: "ollama", Model: "llava:7b", Host: "there:1"}})
			s.send(batch{feed: other.feed, text: "The picture shows a yellow disc, perhaps the **sun**, in front of a dark blue sky."})
		}},
		{"encoding", func(s stage) {
			s.loaded()
			s.enter("/attach b.png")
			for _, a := range s.m.attachments {
				if a.shot == nil {
					s.send(attachedMsg{attachment: a, shots: []*shot{newShot(testPicture("b.png", 20, 30))}})
				}
			}
			s.enter("Do they differ?")
			s.hears(engine.Event{Kind: engine.Encode, Progress: 0.25, Picture: 1})
		}},
		{"offline", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.ends(&engine.Error{Kind: engine.Unreachable, Message: "Nothing answers at 127.0.0.1:11434: connection refused.",
				Hint: "Is the server running there?"})
		}},
		{"trying-again", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(engine.Event{Kind: engine.Wait, Text: "trying again in 8s: the server is busy", After: 8 * time.Second})
			start := time.Unix(0, 0)
			s.send(tickMsg(start), tickMsg(start.Add(3*time.Second)))
		}},
		{"rate-limited", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.ends(&engine.Error{Kind: engine.RateLimited, Message: "The server at api.example.com takes no more requests for now.",
				Hint: "try again in 1m30s", RetryAfter: 90 * time.Second})
			start := time.Unix(0, 0)
			s.send(tickMsg(start), tickMsg(start.Add(20*time.Second)))
		}},
		{"restarted", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("A yellow disc "), engine.Event{Kind: engine.Note, Text: "A fresh worker goes on: the model's worker process was killed."})
			s.hears(text("on a dark blue ground."))
		}},
		{"cost", func(s stage) {
			s.loaded()
			s.m.setup.Prices = engine.Prices{Input: 2.5, Output: 10}
			s.enter("What do you see?")
			s.hears(text("A yellow disc."), done())
			s.ends(nil)
		}},
		{"form", func(s stage) {
			s.loaded()
			s.m.openForm(&form{heading: "colours", about: "Which colours there are, of anything that you name", does: "asks", fields: []*formField{
				{name: "thing", about: "whose they are", required: true, value: "红色的圆形"},
				{name: "kind", about: "of colours", choices: []string{"all", "warm"}, value: "warm"},
				{name: "note", about: "what you want to know besides, as much of it as you like", problem: "note is too long for a person to read, and was not sent"},
				{name: "last"},
			}})
			s.send(keyTab)
		}},
		{"prompts", func(s stage) {
			s.loaded()
			s.m.pickPrompt(&prompts.Library{Templates: prompts.BuiltIn()})
			s.send(keyDown)
		}},
		{"grounded", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("A yellow disc and a *green* star on a dark ground."), done())
			s.ends(nil)
			a := s.m.talk.leaf.answer
			a.ground = &grounding{text: a.said(), seen: true, words: []tasks.Word{
				{Start: 0, End: 1}, {Start: 2, End: 8, Weight: 5}, {Start: 9, End: 13, Weight: 1.5}, {Start: 14, End: 17}, {Start: 18, End: 19},
				{Start: 21, End: 26, Weight: -4}, {Start: 28, End: 32, Weight: -3}, {Start: 33, End: 35}, {Start: 36, End: 37}, {Start: 38, End: 42, Weight: 9}, {Start: 43, End: 49},
			}}
			a.changes++
			s.send(keyEsc)
		}},
		{"claims", func(s stage) {
			s.loaded()
			s.enter("What do you see?")
			s.hears(text("A yellow disc and a green star on a dark ground."), done())
			s.ends(nil)
			a := s.m.talk.leaf.answer
			number := func(f float64) *float64 { return &f }
			a.ground = &grounding{text: a.said(), seen: true, words: []tasks.Word{{Start: 0, End: 1}, {Start: 2, End: 8, Weight: 5}, {Start: 20, End: 25, Weight: -4}}, claims: []tasks.Checked{
				{Claim: tasks.Claim{Text: "A yellow disc"}, Verdict: tasks.ClaimSupported, Least: number(0), Probe: tasks.Probe{Said: "yes", Probability: number(0.98)}},
				{Claim: tasks.Claim{Text: "a green star"}, Verdict: tasks.ClaimContradicted, Least: number(-4), Probe: tasks.Probe{Said: "no", Probability: number(0.001)}},
				{Claim: tasks.Claim{Text: "a dark ground"}, Verdict: tasks.ClaimGuessed, Probe: tasks.Probe{Said: "yes"}},
			}}
			a.changes++
			s.send(keyEsc)
		}},
		{"classified", func(s stage) {
			s.loaded()
			b := &bars{name: "disc.png", labels: []tasks.Labelled{{Label: "a yellow disc", Probability: 0.9}, {Label: "黄色的圆形", Probability: 0.071}}}
			for i := range 12 {
				b.labels = append(b.labels, tasks.Labelled{Label: fmt.Sprintf("a label that is none and long, number %d", i), Probability: 0.002})
			}
			s.m.transcript.add(b)
			s.send(keyEsc)
		}},
		{"thinking", func(s stage) {
			s.loaded()
			s.enter("How many discs are there?")
			s.hears(engine.Event{Kind: engine.Thinking, Text: "There is a disc.\nIt is round and yellow, and stands on the horizon like the sun.\nI see no other.\nSo one."})
			start := time.Unix(0, 0)
			s.send(tickMsg(start), tickMsg(start.Add(7*time.Second)))
		}},
		{"selected", func(s stage) {
			s.loaded()
			s.enter("How many discs are there?")
			start := time.Unix(0, 0)
			s.hears(engine.Event{Kind: engine.Thinking, Text: "I see one."})
			s.send(tickMsg(start), tickMsg(start.Add(7*time.Second)))
			s.hears(text("One:\n\n```json\n{\"discs\": 1}\n```"), done())
			s.ends(nil)
			s.enter("Sure?")
			s.hears(text("Yes."), done())
			s.ends(nil)
			s.send(keyAltUp, keyUp, keyUp)
		}},
		{"finding", func(s stage) {
			s.loaded()
			s.enter("How many discs are there?")
			s.hears(text("One disc, a **yellow** one."), done())
			s.ends(nil)
			s.send(keyCtrlF)
			for _, r := range "disc" {
				s.send(letter(r))
			}
		}},
		{"completing", func(s stage) {
			s.loaded()
			s.send(tea.PasteMsg{Content: "is the"}, keyNamed("space"), keyNamed("@"))
			s.send(folderMsg{".", &folder{".", []folderEntry{
				{"cat.png", "cat.png", pictureFile}, {"a very long name of a picture, longer than a screen.jpg", "a", pictureFile},
				{"红色.png", "红色.png", pictureFile}, {"photos", "photos", subfolder},
			}}}, keyDown, keyDown)
		}},
		{"pictures", func(s stage) {
			s.loaded()
			g := &pictureFolder{dir: "/home/me/a rather long name of a folder/Pictures"}
			s.m.browse(g, "")
			var all []entry
			for _, name := range []string{"a-long-name-of-a-picture.jpeg", "cat.png", "disc.png", "红色.png", "photos"} {
				e := folderEntry{name: name, kind: pictureFile}
				if name == "photos" {
					e.kind = subfolder
				}
				all = append(all, entry{name: name, value: e})
			}
			s.send(foundMsg{search: s.m.search, ended: true, find: find{entries: cleaned(all)}}, keyDown, keyNamed("space"))
			s.send(previewMsg{from: &g.pictureChoice, source: g.dir + "/disc.png", preview: preview{shot: newShot(testPicture("disc.png", 96, 64)), about: "PNG · 29 November 2026, 19:42"}})
		}},
		{"searched", func(s stage) {
			s.loaded()
			_ = s.m.openHits("a yellow disc", nil)
			hits := []Hit{{"/p/disc.png", "disc.png", 0.291, "2026-11-29"}, {"/p/b", "photos/2026/a-long-name-of-a-picture.jpeg", 0.28, "2026-11-28"}, {"/p/c", "红色.png", -0.02, ""}}
			s.send(foundMsg{search: s.m.search, ended: true, find: find{entries: cleaned(hitEntries(hits, false))}})
			c := &pictureChoice{}
			s.m.dialog.(*picker).preview = func(e entry, f frame, height int) panel { return c.draw(e.value.(Hit).Source, f, height) }
			s.send(previewMsg{from: c, source: "/p/disc.png", preview: preview{shot: newShot(testPicture("disc.png", 96, 64)), about: "PNG · 29 November 2026, 19:42"}})
			s.send(keyDown, keyNamed("space"), keyUp, keyUp)
		}},
		{"writing", func(s stage) {
			s.loaded()
			s.send(tea.PasteMsg{Content: "Several lines, one of which is certainly longer than a narrow screen is wide:\n- 红色的圆形\n- b\n- c\n- d"})
			s.send(keyCtrlC)
		}},
		{"disk-full", func(s stage) {
			s.kept()
			s.send(savedMsg{err: &sessions.Error{Doing: "keeping a message", Detail: "the disk is full"}})
		}},
		{"read-only", func(s stage) {
			s.kept()
			s.send(savedMsg{err: &sessions.Error{Doing: "opening the conversations in /mnt/usb/vlmchat/sessions", Detail: "the disk or the folder can't be written to"}})
		}},
		{"newer-database", func(s stage) {
			s.kept()
			s.send(savedMsg{err: &sessions.NewerError{Path: "/home/me/.local/share/vlmchat/sessions/sessions.db", Has: 3, Known: 2}})
		}},
		{"salvaged", func(s stage) {
			s.kept()
			s.send(resumedMsg{session: s.m.session, notices: []string{"The database of conversations was damaged. What could be read was salvaged: conversations: 3, messages: 6. The damaged one is now /home/me/.local/share/vlmchat/sessions/sessions.db.damaged-20261129-194200.000; the pictures are where they were."}})
		}},
		{"conversations", func(s stage) {
			s.kept()
			s.m.openSessions("")
			at := time.Date(2024, time.May, 3, 12, 0, 0, 0, time.Local)
			var all []entry
			for i, one := range []sessions.Session{
				{Title: "Disc over a field", Messages: 4, Pictures: 1, Models: []string{"tiny-vlm", "llava"}, Tags: []string{"keep", "shapes"}},
				{Title: "红色的圆形在哪里？", Messages: 2},
				{Title: "What does the sign beside the bicycles say, and who put it there?", Messages: 12, Pictures: 3, Tags: []string{"street"}},
			} {
				one.ID, one.Updated = fmt.Sprintf("k3f7mq%d", i), at.AddDate(0, -i, 0)
				all = append(all, sessionEntry(sessions.Hit{Session: one}, "", at.AddDate(2, 0, 0)))
			}
			said := sessions.Glance{Asked: "What do you see?", Said: "A **yellow** disc:\n\n- round\n- in the `middle`"}
			g := &gallery{seen: map[string]glancedMsg{"k3f7mq0": {of: said, shots: []*shot{newShot(testPicture("disc.png", 96, 64))}}}}
			s.m.dialog.(*picker).preview = g.draw
			s.send(foundMsg{search: s.m.search, ended: true, find: find{entries: cleaned(all)}})
		}},
	}
)

// kept makes the chat one that is kept, of which nothing is written.
func (s stage) kept() {
	s.loaded()
	s.m.keeper, s.m.session = &keeper{}, newSession()
}

// lists delivers the models that were asked for.
func (s stage) lists() {
	sees, blind := true, false
	var entries []entry
	for _, info := range []engine.ModelInfo{
		{Name: "文字:latest", Size: 134_000_000, Vision: &blind},
		{Name: "tiny-vlm", Size: 3_700_000, Vision: &sees, Loaded: true, ContextSize: 2048},
		{Name: "a-model-whose-name-is-long-enough-for-any-screen:7b-q4", Size: 4_733_363_377, Parameters: "7B", Vision: &sees, Quantization: "Q4_K_M", Thinking: true},
		{Name: "gemma3:4b", Size: 3_300_000_000, Parameters: "4.3B", Vision: &sees, ContextSize: 131072},
	} {
		e := modelEntry(info, true)
		e.value, e.current = To{Model: info.Name}, info.Name == "tiny-vlm"
		entries = append(entries, e)
	}
	s.send(foundMsg{search: s.m.search, ended: true, find: find{entries: cleaned(entries)}})
}

// cleaned makes entries as whoever fetches them hands them over.
func cleaned(entries []entry) []entry {
	for i := range entries {
		entries[i].clean()
	}
	return entries
}

// focuses delivers the picture that is to be looked at closely.
func (s stage) focuses() {
	of := s.m.zoom.shots[s.m.zoom.at]
	s.send(detailMsg{of: of, detail: termimg.NewDetail(of.picture.RGB(), of.picture.Width, of.picture.Height)})
}

func (s stage) loaded() {
	s.send(batch{feed: s.m.loading, ended: true}, infoMsg{info: fakeInfo})
}

func newStage(width, height int) stage {
	m := newModel(context.Background(), Options{
		Setup: Setup{
			Engine: loader{&fake{}, nil},
			Notice: "This is the demo model: it knows coloured shapes and digits. A real one: vlmchat pull.",
		},
		Pictures: []*images.Picture{testPicture("/home/me/disc.png", 96, 64)},
		Attach:   attachTest,
	})
	s := stage{m}
	m.Init()
	s.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII}, tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

func TestGoldenViews(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ width, height int }{{80, 24}, {40, 12}} {
		for _, golden := range goldens {
			name := fmt.Sprintf("%s-%dx%d", golden.name, size.width, size.height)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newStage(size.width, size.height)
				golden.act(s)
				compare(t, filepath.Join("testdata", name+".golden"), screenOf(s.m))
			})
		}
	}
}

// compare holds a text against a golden file, or writes that anew.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Whatever the size, the view fits it and the cursor is inside; going through all
// sizes in a row is also what a storm of resizes is.
func TestEverySize(t *testing.T) {
	t.Parallel()
	for _, golden := range goldens {
		t.Run(golden.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(80, 24)
			golden.act(s)
			for _, profile := range []colorprofile.Profile{colorprofile.ASCII, colorprofile.TrueColor} {
				s.send(tea.ColorProfileMsg{Profile: profile})
				for _, width := range []int{1, 2, 3, 5, 8, 13, 21, 34, 55, 99} {
					for _, height := range []int{1, 2, 3, 4, 5, 8, 13, 29} {
						s.send(tea.WindowSizeMsg{Width: width, Height: height})
						checkFits(t, s.m)
					}
				}
			}
		})
	}
}

func checkFits(t *testing.T, m *model) {
	t.Helper()
	v := m.View()
	lines := strings.Split(v.Content, "\n")
	if len(lines) > m.height {
		t.Fatalf("%dx%d: %d lines", m.width, m.height, len(lines))
	}
	for _, line := range lines {
		if w := m.by.StringWidth(line); w > m.width {
			t.Fatalf("%dx%d: a line of %d cells: %q", m.width, m.height, w, line)
		}
	}
	_, fetches := m.dialog.(*fetching)
	if c := v.Cursor; (m.zoom != nil || fetches) && c == nil {
		return // nothing is written there
	} else if c == nil || c.X < 0 || c.X >= m.width || c.Y < 0 || c.Y >= m.height {
		t.Fatalf("%dx%d: the cursor is at %+v", m.width, m.height, c)
	}
}

// What is scrolled to stays in view when the size changes.
func TestResizeKeepsThePlace(t *testing.T) {
	t.Parallel()
	s := newStage(80, 24)
	s.loaded()
	s.enter("Count.")
	s.hears(text(lines(1, 200)))
	for range 5 {
		s.send(keyPgUp)
	}
	first := strings.SplitN(screenOf(s.m), "\n", 2)[0]
	for _, size := range []tea.WindowSizeMsg{{Width: 30, Height: 10}, {Width: 120, Height: 20}} {
		s.send(size)
		if got := strings.SplitN(screenOf(s.m), "\n", 2)[0]; got != first {
			t.Errorf("%v: from %q to %q", size, first, got)
		}
	}
}

// A light terminal gets other colours, and everything is drawn anew.
func TestBackground(t *testing.T) {
	t.Parallel()
	s := newStage(80, 24)
	dark := s.m.View().Content
	s.send(tea.BackgroundColorMsg{Color: ansi.BrightWhite})
	light := s.m.View().Content
	if dark == light {
		t.Error("a light background changes nothing")
	}
	s.send(tea.BackgroundColorMsg{Color: ansi.Black})
	if s.m.View().Content != dark {
		t.Error("back to dark is not as before")
	}
}

// Where the terminal joins characters, so does the text.
func TestUnicodeCore(t *testing.T) {
	t.Parallel()
	s := newStage(80, 24)
	s.send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeNotRecognized})
	if s.m.by != ansi.WcWidth {
		t.Error("taken for recognised")
	}
	s.send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset})
	if s.m.by != ansi.GraphemeWidth || s.m.styles.by != ansi.GraphemeWidth {
		t.Error("not taken")
	}
}

func screenOf(m *model) string { return (&person{m: m}).screen() + "\n" }

// Where a terminal has sixteen colours, what is faint is so by intensity: the
// nearest colour to a bluish grey is a blue that can't be read on black.
func TestFaintInSixteenColours(t *testing.T) {
	t.Parallel()
	s := stage{newModel(t.Context(), Options{Setup: Setup{Engine: &fake{}, Notice: "The demo model."}})}
	s.send(tea.ColorProfileMsg{Profile: colorprofile.ANSI}, tea.WindowSizeMsg{Width: 40, Height: 12})
	if want := "\x1b[2mThe demo model.\x1b[m"; !strings.Contains(s.m.View().Content, want) {
		t.Errorf("no %q in %q", want, s.m.View().Content)
	}
}

func TestShortName(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"/home/me/cat.png":               "cat.png",
		"file:///home/me/my%20cat.png":   "my cat.png",
		"https://host/my%20cat.png":      "my cat.png",
		"/home/me/50%25.png":             "50%25.png",
		`/home/me/my\ cat\ \(1\).png`:    "my cat (1).png",
		`C:\Users\me\cat.png`:            "cat.png",
		`C:\.cats\_cat.png`:              "_cat.png",
		"/home/me/猫.png":                 "猫.png",
		"/home/me/\x1b[31mred\x1b[m.png": "red.png",
		"/":                              "picture",
	} {
		if got := shortName(source); got != want {
			t.Errorf("shortName(%q) = %q, want %q", source, got, want)
		}
	}
}

// What a person should know of how the model was loaded is said once.
func TestNoteOfTheEngine(t *testing.T) {
	t.Parallel()
	s := newStage(60, 24)
	info := fakeInfo
	info.Note = "CUDA0 has no room for \x1b[31mthe projector."
	s.send(batch{feed: s.m.loading, ended: true}, infoMsg{info: info}, infoMsg{info: info})
	if screen := screenOf(s.m); strings.Count(screen, "CUDA0 has no room for the projector.") != 1 {
		t.Errorf("the note is not there once:\n%s", screen)
	}
}

// Nothing claims to be ready before anything has said what it is.
func TestNotReady(t *testing.T) {
	t.Parallel()
	st := newStyles(true, colorprofile.TrueColor, 0)
	var s status
	if line := s.view(80, st); strings.Contains(line, "ready") {
		t.Errorf("%q", line)
	}
	s.info = &engine.Info{Model: "tiny-vlm"}
	if line := s.view(80, st); !strings.Contains(line, "ready") {
		t.Errorf("%q", line)
	}
}
