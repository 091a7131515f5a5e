package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// searchIn is a chat that finds all pictures of a folder, whatever they show.
func searchIn(t *testing.T, dir string, f *fake) Options {
	t.Helper()
	return Options{Setup: Setup{Engine: f}, Attach: (&images.Loader{}).Load, Search: func(_ context.Context, words string) (s Search, err error) {
		if words == "nothing" {
			return s, nil
		}
		if words == "no index" {
			return s, &engine.Error{Kind: engine.Failed, Message: "there is no index in /x", Hint: "vlmchat index FOLDER makes one"}
		}
		for i, file := range []string{"a.png", "b.png", "c.png"} {
			s.Hits = append(s.Hits, Hit{Source: filepath.Join(dir, file), Name: file, Score: 0.3 - float64(i)/10, About: "2026-11-29"})
		}
		s.Notes = []string{"1 picture is not there any more"}
		return s, nil
	}}
}

// shownTo are the names of the pictures that were asked about.
func shownTo(f *fake) []string {
	var names []string
	for _, picture := range engine.Pictures(f.asked()[0].Messages) {
		names = append(names, filepath.Base(picture.Source))
	}
	return names
}

// What is found is seen, and those that are marked become chips of the next message.
func TestSearchPictures(t *testing.T) {
	t.Parallel()
	f := &fake{reply: say("Fine.")}
	p := open(t, searchIn(t, pictureFiles(t, "a.png", "b.png", "c.png"), f))
	p.enter("/search red circle")
	p.sees("Pictures of “red circle”")
	p.sees("0.30 a.png")
	p.sees("a.png · 8×8") // the preview's caption
	p.sees("1 picture is not there any more")
	p.press(keyDown, keyDown, keyNamed("space"), keyUp, keyUp, keyNamed("space"))
	p.sees("2 marked · of “red circle”")
	p.press(keyEnter)
	p.until("the chips", func() bool { return p.m.dialog == nil && len(p.m.attachments.shots()) == 2 })
	p.enter("What?")
	p.sees("Fine.")
	if got := shownTo(f); !slices.Equal(got, []string{"c.png", "a.png"}) {
		t.Errorf("%q were sent", got)
	}
	p.enter("/search b")
	p.sees("0.30 a.png")
	p.press(keyDown, keyEnter)
	p.until("the chip", func() bool { return p.m.dialog == nil && len(p.m.attachments.shots()) == 1 })
}

// Where nothing is found, or there is nothing to search in, it says so and what to do.
func TestSearchInVain(t *testing.T) {
	t.Parallel()
	p := open(t, searchIn(t, "", &fake{}))
	p.enter("/search")
	p.sees("What are the pictures to show?")
	p.enter("/search nothing")
	p.sees("No picture was found.")
	p.press(keyEsc)
	p.enter("/search no index")
	p.sees("there is no index in /x")
	p.sees("vlmchat index FOLDER makes one")
	p.press(keyEnter, keyEsc)
	none := open(t, Options{Setup: Setup{Engine: &fake{}}})
	none.enter("/search cat")
	none.sees("Pictures can't be searched here.")
}

// What was found before the chat began is there to be picked from at first.
func TestChatAboutFound(t *testing.T) {
	t.Parallel()
	f := &fake{reply: say("Fine.")}
	o := searchIn(t, pictureFiles(t, "a.png", "b.png", "c.png"), f)
	found, _ := o.Search(t.Context(), "red")
	o.Found = &found
	o.Found.Words = "red"
	p := open(t, o)
	p.sees("0.30 a.png")
	p.press(keyEnter)
	p.until("the chip", func() bool { return p.m.dialog == nil && len(p.m.attachments.shots()) == 1 })
}

// Without a screen what is found has numbers, and is searched for again by its words.
func TestPlainSearch(t *testing.T) {
	t.Parallel()
	f := &fake{reply: say("Fine.")}
	got, err := plainly(t, searchIn(t, pictureFiles(t, "a.png", "b.png", "c.png"), f), "/search 7", "/search 3 1", "/search nothing", "/search no index", "What?")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1. a.png: 0.30 · 2026-11-29\n2. b.png: 0.20 · 2026-11-29\n3. c.png: 0.10 · 2026-11-29\n", "/search and a number picks one.",
		"Attached to the next message: c.png · 10×8\n", "No picture was found.", "there is no index in /x",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got := shownTo(f); !slices.Equal(got, []string{"c.png", "a.png"}) {
		t.Errorf("%q were sent", got)
	}
}

// Of paths that are too long to be seen whole the ends are, in which they differ.
func TestLongNamesOfHits(t *testing.T) {
	t.Parallel()
	st := newStyles(true, colorprofile.ASCII, ansi.GraphemeWidth)
	for _, row := range []struct {
		name, want string
		width      int
		letter     []bool
	}{
		{"holidays/2024/a.png", "…/a.png", 7, []bool{false, false, false, false, true, false, false}},
		{"holidays/2024/写真.png", "…写真.png", 9, nil},
		{"a.png", "a.png", 7, nil},
	} {
		f := match{entry: entry{name: row.name, path: true}}
		if row.letter != nil {
			f.letter = make([]bool, len(row.name))
			f.letter[len(row.name)-3] = true
		}
		got, letter := f.cut(row.width, st)
		if got != row.want || row.letter != nil && !slices.Equal(letter, row.letter) {
			t.Errorf("%q in %d cells: %q, %v", row.name, row.width, got, letter)
		}
	}
}
