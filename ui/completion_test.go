package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
)

// offers waits until something is offered, and returns the names.
func (p *person) offers() []string {
	p.t.Helper()
	p.until("an offer", func() bool { return p.m.completing.offer != nil })
	var names []string
	for _, s := range p.m.completing.offer.all {
		names = append(names, s.name)
	}
	return names
}

func (p *person) writes(want string) {
	p.t.Helper()
	if got := p.m.composer.value(); got != want {
		p.t.Errorf("the composer holds %q, want %q", got, want)
	}
}

// pictureFiles makes a folder of small pictures, and folders for names with a slash at
// their end.
func pictureFiles(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range names {
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(path, 0o700)
		} else if err == nil {
			err = os.WriteFile(path, testPicture(name, 8+i, 8).Data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir + string(filepath.Separator)
}

func TestCompleteCommands(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}})
	p.write("/")
	want := len(commandEntries(p.m.keys, ""))
	if n := len(p.offers()); n != want {
		t.Errorf("%d of %d commands are offered", n, want)
	}
	p.sees("  /attach")
	p.sees("of them · Tab completes · ↑ ↓ choose")
	p.write("cle")
	p.sees("  /clear")
	p.sees("begin a new conversation")
	p.press(keyTab)
	p.writes("/clear ")
	p.press(keyEnter)
	p.sees("A new conversation")

	p.write("/pro") // what is not chosen is not written
	p.offers()
	p.press(keyEnter)
	p.sees("There is no command /pro")
	p.write("/e")
	all := p.offers()
	p.press(keyDown, keyDown, keyUp, keyUp, keyUp) // from none around to the last one
	p.press(keyEnter)
	p.writes(all[len(all)-1] + " ")
	p.press(keyNamed("ctrl+u"))
	p.write("/mo")
	p.offers()
	p.press(keyEsc)
	p.write("d")
	if p.m.completing.offer != nil {
		t.Error("what was refused is offered again")
	}
	p.press(keyTab)
	p.writes("/model ")
	p.press(keyNamed("ctrl+u"))
	p.write("and /cle")
	if p.m.completing.offer != nil {
		t.Error("a command is offered within a question")
	}
}

// lister is a fake that has models.
type lister struct{ *fake }

func (lister) Models(context.Context) ([]engine.ModelInfo, error) {
	return []engine.ModelInfo{{Name: "moondream:1.8b"}, {Name: "llava:7b"}, {Name: "llava:13b"}}, nil
}

func TestCompleteArguments(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: lister{&fake{reply: say("Fine.")}}, Settings: []Setting{{Name: "top-p"}, {Name: "seed"}}},
		Backends: []Named{{Name: "native"}, {Name: "ollama"}}, Pictures: []*images.Picture{testPicture("a.png", 30, 20)}})
	p.idle()
	for _, test := range []struct {
		written string
		offers  string
		then    string
	}{
		{"/model ", "llava:13b llava:7b moondream:1.8b", "/model llava:13b "},
		{"/model llava", "llava:13b llava:7b", "/model llava:"},
		{"/backend o", "ollama", "/backend ollama "},
		{"/set t", "top-p", "/set top-p "},
		{"/zoom ", "1", "/zoom 1 "},
		{"/crop ", "1", "/crop 1 "},
	} {
		p.write(test.written)
		if got := strings.Join(p.offers(), " "); got != test.offers {
			t.Errorf("%s: %s", test.written, got)
		}
		p.press(keyTab)
		if p.m.composer.value() == test.written {
			p.press(keyTab)
		}
		p.writes(test.then)
		p.press(keyNamed("ctrl+u"))
	}
}

func TestCompletePaths(t *testing.T) {
	t.Parallel()
	dir := pictureFiles(t, "cat.png", "my cat.JPG", "notes.txt", ".hidden.png", "photos/", "photos/a.png", "photos/b.png", "more photos/c.png")
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: (&images.Loader{}).Load})
	p.write("is (@" + dir)
	if got, want := strings.Join(p.offers(), "|"), "cat.png|my cat.JPG|more photos/|photos/|notes.txt"; got != want {
		t.Errorf("%s", got)
	}
	p.write("cat")
	if got, want := strings.Join(p.offers(), "|"), "cat.png|my cat.JPG"; got != want {
		t.Errorf("%s", got)
	}
	p.press(keyDown, keyDown, keyEnter)
	p.writes(`is (@"` + dir + `my cat.JPG" `)
	p.write("like @" + dir + "ph")
	p.offers()
	p.press(keyTab)
	p.writes(`is (@"` + dir + `my cat.JPG" like @` + dir + "photos/")
	if got, want := strings.Join(p.offers(), "|"), "a.png|b.png"; got != want {
		t.Errorf("%s", got)
	}
	p.write("b")
	p.press(keyTab)
	p.write("or @" + dir + "more")
	p.offers()
	p.press(keyTab)
	p.offers()
	p.press(keyTab)
	p.writes(`is (@"` + dir + `my cat.JPG" like @` + dir + "photos/b.png or @\"" + dir + `more photos/c.png" `)
	p.press(keyEnter)
	p.sees("Fine.")
	if n := len(p.m.talk.leaf.question.shots); n != 3 {
		t.Errorf("%d pictures", n)
	}

	p.write("@" + dir + ".")
	if got := p.offers(); !slices.Equal(got, []string{".hidden.png"}) {
		t.Errorf("%q", got)
	}
	p.press(keyNamed("ctrl+u"))
	p.write("/attach " + dir + "my")
	p.offers()
	p.press(keyTab)
	p.writes(`/attach "` + dir + `my cat.JPG" `)
	p.press(keyEnter)
	p.sees("my cat.JPG · 9×8")
	p.write("me@example.org @nobody @")
	p.press(keyNamed("backspace"), keyNamed("backspace"), keyEnter)
	p.until("the question", func() bool { return p.m.talk.leaf.question.text == "me@example.org @nobody" })
	p.idle()
	if strings.Contains(p.screen(), "sent as words") {
		t.Errorf("somebody was taken for a picture:\n%s", p.screen())
	}
	p.write("see " + dir + "ca") // a path without an @ is completed when one asks
	if p.m.completing.offer != nil {
		t.Error("offered")
	}
	p.press(keyTab)
	p.until("the path", func() bool { return p.m.completing.folder != nil })
	p.press(keyTab, keyTab, keyTab)
	p.until("the path", func() bool { return p.m.composer.value() == "see "+dir+"cat.png " })
}

// Whatever a file is called, choosing it attaches just that file.
func TestCompleteNastyNames(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files can't have such names there")
	}
	names := []string{"a b.png", `a"b.png`, "a'b.png", `"a' b".png`, `a\ b.png`, `a\.png`, "a\tb.png", "a\nb.png", "a\x1b[31mb.png", "a\xffb.png",
		"a\u202eb.png", "a#2.png", "*.png", "[a].png", "~a.png", "-", "-a.png", "a.png,", "a.png?", "(a.png)", "@a.png", "%20.png", " a.png ",
		"file:a.png", "a\u00a0b.png", "👨‍👩‍👧.png", "e\u0301.png", "no ending", "$(id).png", "`a`.png", "a;b&c|d.png", "'", `"`, "''.png", "a.png b.png", "https:a.png"}
	dir := pictureFiles(t, names...)
	folder, err := readFolder(t.Context(), dir)
	if err != nil || len(folder.entries) != len(names) {
		t.Fatalf("%d entries, %v", len(folder.entries), err)
	}
	for i, name := range names {
		for _, before := range []string{"@", "what is @", "/attach "} {
			p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: (&images.Loader{}).Load})
			p.write(before + dir)
			p.offers()
			at := slices.IndexFunc(p.m.completing.offer.all, func(s suggestion) bool { return s.name == name })
			if at < 0 {
				t.Fatalf("%q is not offered", name)
			}
			p.m.completing.offer.at = at
			if strings.ContainsAny(p.screen(), "\x1b\u202e") {
				t.Errorf("%q is drawn as it is", name)
			}
			p.press(keyEnter)
			p.press(keyEnter)
			p.idle()
			shots := p.m.attachments.shots()
			if last := p.m.talk.leaf; last != nil {
				shots = append(shots, last.question.shots...)
			}
			if len(shots) != 1 || shots[0].picture.Width != 8+i {
				t.Errorf("%q behind %q: %d pictures; the screen:\n%s", name, before, len(shots), p.screen())
			}
		}
	}
}

// A folder of very many files is read aside, and looked through at once.
func TestCompleteInAHugeFolder(t *testing.T) {
	t.Parallel()
	f := &folder{dir: "/huge"}
	for i := range 100_000 {
		name := fmt.Sprintf("picture-%06d.png", i)
		f.entries = append(f.entries, folderEntry{name, name, pictureFile})
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.write("@/huge/")
	p.m.completing.reading = "/huge/"
	f.dir = "/huge/"
	p.send(folderMsg{"/huge/", f})
	p.sees("500 and more")
	p.write("0999")
	if n := len(p.offers()); n != 120 {
		t.Errorf("%d are offered", n)
	}
	p.press(keyDown)
	p.sees("› picture-000999.png")
}

// Enter sends what was written while something is offered but not chosen.
func TestOfferedIsNotChosen(t *testing.T) {
	t.Parallel()
	dir := pictureFiles(t, "a.png", "ab.png")
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: (&images.Loader{}).Load})
	p.write("@" + dir + "a.png")
	p.send(tea.WindowSizeMsg{Width: 40, Height: 12})
	p.press(keyEnter)
	p.sees("a.png · 8×8")
}

// What commands take is offered: messages by their numbers, prompts, conversations that
// are kept, and what a setting may be set to.
func TestCompleteWhatCommandsTake(t *testing.T) {
	t.Parallel()
	setup := Setup{Engine: &fake{reply: say("Fine.")}, Settings: []Setting{
		{Name: "seed", Text: "7", Default: "0"}, {Name: "thinking", Text: "true", Default: "false"},
	}}
	p := open(t, Options{Setup: setup, Prompts: func() *prompts.Library { return &prompts.Library{Templates: prompts.BuiltIn()} }})
	for _, question := range []string{"What is it?", "And why?"} {
		p.enter(question)
		p.idle()
	}
	for _, test := range []struct {
		written string
		names   []string
	}{
		{"/edit ", []string{"2", "1"}},
		{"/branch ", []string{"2", "1"}},
		{"/ground 1", nil},
		{"/copy ", []string{"code", "all", "2", "1"}},
		{"/copy c", []string{"code"}},
		{"/prompt t", []string{"table-to-csv", "tags", "translate-sign"}},
		{"/set ", []string{"seed", "thinking"}},
		{"/set seed ", []string{"-", "7"}},
		{"/set thinking ", []string{"-", "true", "false"}},
		{"/set thinking f", []string{"false"}},
		{"/sessions ", nil}, // none are kept here
	} {
		p.write(test.written)
		if test.names != nil {
			if got := p.offers(); !slices.Equal(got, test.names) {
				t.Errorf("behind %q %q are offered, want %q", test.written, got, test.names)
			}
		} else if o := p.m.completing.offer; o != nil {
			t.Errorf("behind %q %v are offered", test.written, o.all)
		}
		p.press(keyEsc)
		p.m.composer.set("")
	}
	p.write("/set th")
	p.offers()
	p.press(keyTab)
	p.writes("/set thinking ")
	p.sees("what it is by default: false")
}

func TestCompleteConversations(t *testing.T) {
	t.Parallel()
	p := open(t, keptIn(Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}}, library(t)))
	p.write("/sessions ")
	if got, want := p.offers(), []string{"Describe this disc.", "How many dogs are there?", "What is on the sign?"}; !slices.Equal(got, want) {
		t.Errorf("%q are offered, want %q", got, want)
	}
	p.write("rm how")
	if got, want := p.offers(), []string{"How many dogs are there?"}; !slices.Equal(got, want) {
		t.Errorf("%q are offered, want %q", got, want)
	}
	p.press(keyTab)
	p.writes("/sessions rm How many dogs are there? ")
	p.ended()
}
