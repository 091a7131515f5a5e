package ui

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/images"
)

func TestAttach(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give func(p *person)
		chip string
	}{
		{"a command", func(p *person) { p.enter("/attach a.png") }, "a.png · 96×64"},
		{"a command, blanks in the path", func(p *person) { p.enter("/attach my pictures/a cat.png") }, "a cat.png · 96×64"},
		{"a command, quoted", func(p *person) { p.enter(`/attach "a cat.png"`) }, "a cat.png · 96×64"},
		{"a path that was typed", func(p *person) { p.enter("/home/me/a.png") }, "a.png · 96×64"},
		{"a path that was pasted", func(p *person) { p.send(tea.PasteMsg{Content: "/home/me/a.png\r"}) }, "a.png · 96×64"},
		{"a file dragged in", func(p *person) { p.send(tea.PasteMsg{Content: "'/home/me/a cat.png' "}) }, "a cat.png · 96×64"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &fake{reply: say("Fine.")}
			p := open(t, Options{Setup: Setup{Engine: e}})
			test.give(p)
			p.sees(test.chip)
			if got := p.m.composer.value(); got != "" {
				t.Errorf("the composer holds %q", got)
			}
			p.press(keyEnter) // a picture needs no words
			p.sees("Fine.")
			if got := turns(e.asked()[0]); len(got) != 1 || !strings.HasSuffix(got[0], ".png]") {
				t.Errorf("asked %q", got)
			}
		})
	}
}

func TestAttachFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		give     func(p *person)
		composer string
	}{
		{"a command", func(p *person) { p.enter("/attach missing.png") }, ""},
		{"typed", func(p *person) { p.enter("/x/missing.png") }, "/x/missing.png"},
		{"typed with a question", func(p *person) { p.enter("/x/missing.png what is it?") }, "/x/missing.png what is it?"},
		{"within a question", func(p *person) { p.enter("what is in /x/missing.png?") }, "what is in /x/missing.png?"},
		{"pasted", func(p *person) { p.send(tea.PasteMsg{Content: "/x/missing.png\n"}) }, "/x/missing.png"},
		{"one of two", func(p *person) { p.send(tea.PasteMsg{Content: "/x/a.png /x/missing.png"}) }, "/x/a.png /x/missing.png"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &fake{reply: say("Fine.")}
			p := open(t, Options{Setup: Setup{Engine: e}})
			test.give(p)
			p.sees("no such file.\n  Look again.")
			p.idle()
			if got := p.m.composer.value(); got != test.composer {
				t.Errorf("the composer holds %q, want %q", got, test.composer)
			}
			if len(p.m.attachments) != 0 || len(e.asked()) != 0 {
				t.Errorf("%d attachments, %d requests", len(p.m.attachments), len(e.asked()))
			}
		})
	}
}

// A message waits for its pictures: neither is sent without the other.
func TestSendWhileReading(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	slow := func(ctx context.Context, source string) ([]*images.Picture, error) {
		<-read
		return attachTest(ctx, source)
	}
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}, Attach: slow})
	p.enter("/attach /x/b.png /x/a.png")
	p.sees("reading b.png…")
	p.enter("Differ?")
	p.enter("Again?") // one at a time
	p.sees(withKey(busyHint, " · Esc stops"))
	close(read)
	p.sees("Fine.")
	want := []string{"user: [/x/b.png] [/x/a.png] Differ?"}
	if got := turns(e.asked()[0]); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	if got := p.m.composer.value(); got != "Again?" {
		t.Errorf("the composer holds %q", got)
	}
}

// What is one name to the person can be several pictures: they stay together, in
// its place.
func TestOneNameForSeveral(t *testing.T) {
	t.Parallel()
	pages := func(ctx context.Context, source string) ([]*images.Picture, error) {
		if strings.HasSuffix(source, ".pdf") {
			return []*images.Picture{testPicture(source+"#1", 20, 30), testPicture(source+"#2", 20, 30)}, nil
		}
		return attachTest(ctx, source)
	}
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}, Attach: pages})
	p.enter("/attach /x/a.png")
	p.enter("/attach /x/b.pdf")
	p.enter("/attach /x/c.png")
	p.enter("Differ?")
	p.sees("Fine.")
	want := []string{"user: [/x/a.png] [/x/b.pdf#1] [/x/b.pdf#2] [/x/c.png] Differ?"}
	if got := turns(e.asked()[0]); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// A name in a sentence is a picture where there is such a file, and otherwise words; the
// person is told which.
func TestNamesInASentence(t *testing.T) {
	t.Parallel()
	files := func(ctx context.Context, source string) ([]*images.Picture, error) {
		if !slices.Contains([]string{"cat.png", "my cat.png", "/a/my cat.png"}, source) {
			return nil, &images.Error{Source: source, Reason: images.Missing, Detail: "no such file"}
		}
		return attachTest(ctx, source)
	}
	tests := []struct{ written, asked, says string }{
		{"what is a cat.png", "user: [cat.png] what is a cat.png", ""},
		{"what is my cat.png?", "user: [my cat.png] what is my cat.png?", ""},
		{"is /a/my cat.png a cat?", "user: [/a/my cat.png] is /a/my cat.png a cat?", ""},
		{"what is dog.png", "user: what is dog.png", "dog.png was sent as words"},
		{"what is dog.png or cat.png", "user: [cat.png] what is dog.png or cat.png", "dog.png was sent as words"},
		{"sum up https://x.org/a", "user: sum up https://x.org/a", "https://x.org/a was sent as words"},
	}
	for _, test := range tests {
		t.Run(test.written, func(t *testing.T) {
			t.Parallel()
			e := &fake{reply: say("Fine.")}
			p := open(t, Options{Setup: Setup{Engine: e}, Attach: files})
			p.enter(test.written)
			p.sees("Fine.")
			if got, want := turns(e.asked()[0]), []string{test.asked}; !slices.Equal(got, want) {
				t.Errorf("asked %q, want %q", got, want)
			}
			if told := strings.Contains(p.screen(), "sent as words"); told != (test.says != "") || !strings.Contains(p.screen(), test.says) {
				t.Errorf("the screen:\n%s", p.screen())
			}
		})
	}
	t.Run("nothing but a name with blanks", func(t *testing.T) {
		t.Parallel()
		e := &fake{reply: say("Fine.")}
		p := open(t, Options{Setup: Setup{Engine: e}, Attach: files})
		p.enter("my cat.png")
		p.sees("[my cat.png · 96×64]")
		p.idle()
		if len(e.asked()) != 0 || p.m.composer.value() != "" {
			t.Errorf("%d requests, the composer holds %q", len(e.asked()), p.m.composer.value())
		}
	})
	t.Run("a path with blanks that leads nowhere", func(t *testing.T) {
		t.Parallel()
		e := &fake{reply: say("Fine.")}
		p := open(t, Options{Setup: Setup{Engine: e}, Attach: files})
		p.enter("is /b/my dog.png good")
		p.sees("/b/my dog.png: no such file")
		p.idle()
		if len(e.asked()) != 0 || p.m.composer.value() != "is /b/my dog.png good" {
			t.Errorf("%d requests, the composer holds %q", len(e.asked()), p.m.composer.value())
		}
	})
}

// What was left out of several is told.
func TestNotesOfAttaching(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Attach: func(ctx context.Context, source string) ([]*images.Picture, error) {
		return (&images.Loader{}).Load(ctx, source)
	}})
	dir := t.TempDir()
	for name, data := range map[string][]byte{"a.png": testPicture("", 20, 30).Data, "notes.txt": []byte("words")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.enter("/attach " + dir + "/*")
	p.sees("a.png · 20×30")
	p.sees("left out, as it is no picture")
}

func TestTooManyAttachments(t *testing.T) {
	t.Parallel()
	many := func(ctx context.Context, source string) ([]*images.Picture, error) {
		return slices.Repeat([]*images.Picture{testPicture(source, 4, 4)}, 60), nil
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Attach: many})
	p.enter("/attach a.pdf")
	p.sees("a.pdf · 4×4")
	p.enter("/x/b.pdf")
	p.sees("too many pictures for one message")
	if n := len(p.m.attachments); n != 60 || p.m.composer.value() != "/x/b.pdf" {
		t.Errorf("%d attachments, the composer holds %q", n, p.m.composer.value())
	}
}

func TestPathAndQuestionInOne(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("~/a.png what is it?")
	p.sees("Fine.")
	if got, want := turns(e.asked()[0]), []string{"user: [~/a.png] what is it?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestStopGivesBackWhatWaits(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}, Attach: func(ctx context.Context, _ string) ([]*images.Picture, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	p.enter("/x/a.png what?")
	p.press(keyEsc)
	if got := p.m.composer.value(); got != "/x/a.png what?" {
		t.Errorf("the composer holds %q", got)
	}
	p.press(keyCtrlC)
	if p.m.busy() {
		t.Error("still busy")
	}
}

func TestDropAttachments(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("a.png", 8, 8)}})
	p.enter("/attach b.png")
	p.sees("b.png · 96×64")
	p.press(keyBackspace)
	if len(p.m.attachments) != 1 || !strings.Contains(p.screen(), "a.png") {
		t.Fatalf("after one:\n%s", p.screen())
	}
	p.press(keyBackspace, keyBackspace)
	if len(p.m.attachments) != 0 || strings.Contains(p.screen(), "a.png") {
		t.Fatalf("after both:\n%s", p.screen())
	}
	p.enter("Hi")
	p.sees("Fine.")
	if got, want := turns(e.asked()[0]), []string{"user: Hi"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestChipsFitTheirLine(t *testing.T) {
	t.Parallel()
	st := newStyles(true, colorprofile.TrueColor, 0)
	var as attachments
	for _, source := range []string{"红色的圆形.png", "a rather long name of a picture.jpeg", "c.png", "d.png"} {
		as = append(as, &attachment{source: source}, &attachment{name: name{perhaps: true}}, &attachment{source: source, shot: newShot(testPicture(source, 8, 8))})
		for width := range 120 {
			line := cut((&chips{}).draw(as.shown(), width, st), width, "", st.by)
			if w := st.width(line); w > width {
				t.Errorf("%d cells in %d: %q", w, width, line)
			}
		}
	}
}

// slowly reads what is slow only when it is told to, and says what became of it.
type slowly struct {
	read  chan struct{}
	ended chan error
}

func newSlowly() slowly { return slowly{make(chan struct{}), make(chan error, 8)} }

func (s slowly) attach(ctx context.Context, source string) ([]*images.Picture, error) {
	if !strings.Contains(source, "slow") {
		return attachTest(ctx, source)
	}
	select {
	case <-s.read:
		return attachTest(ctx, source)
	case <-ctx.Done():
		s.ended <- ctx.Err()
		return nil, ctx.Err()
	}
}

// What takes long is seen to go on, and whoever has enough of it stops it.
func TestStopReading(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		give     func(p *person)
		stop     tea.KeyPressMsg
		composer string
		left     int
	}{
		{"a path", func(p *person) { p.enter("/x/slow.png") }, keyEsc, "/x/slow.png", 0},
		{"while something is written", func(p *person) { p.enter("/x/slow.png"); p.write("what?") }, keyEsc, "/x/slow.png what?", 0},
		{"with another", func(p *person) { p.enter("/x/a.png /x/slow.png") }, keyEsc, "/x/a.png /x/slow.png", 0},
		{"behind another", func(p *person) { p.enter("/attach /x/a.png"); p.sees("96×64"); p.enter("/attach /x/slow.png") }, keyEsc, "", 1},
		{"by Ctrl+C", func(p *person) { p.enter("/x/slow.png") }, keyCtrlC, "/x/slow.png", 0},
		{"taken back", func(p *person) { p.enter("/attach /x/a.png /x/slow.png") }, keyBackspace, "", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			slow := newSlowly()
			p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: slow.attach})
			test.give(p)
			p.sees("reading slow.png · Esc stops")
			p.press(test.stop)
			if err := <-slow.ended; err == nil {
				t.Error("it was read to its end")
			}
			p.idle()
			if got := p.m.composer.value(); got != test.composer {
				t.Errorf("the composer holds %q, want %q", got, test.composer)
			}
			if len(p.m.attachments) != test.left || strings.Contains(p.screen(), "reading") {
				t.Errorf("%d attachments; the screen:\n%s", len(p.m.attachments), p.screen())
			}
		})
	}
}

// A message that is given back takes its pictures with it: sent again, it has them
// once.
func TestSentAgain(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(p *person){
		"stopped":                 func(p *person) { p.press(keyEsc) },
		"a picture was taken out": func(p *person) { p.press(keyBackspace) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slow := newSlowly()
			e := &fake{reply: say("Fine.")}
			p := open(t, Options{Setup: Setup{Engine: e}, Attach: slow.attach})
			p.enter("/x/a.png /x/slow.png what is it?")
			p.sees("a.png · 96×64")
			give(p)
			if got := p.m.composer.value(); got != "/x/a.png /x/slow.png what is it?" {
				t.Fatalf("the composer holds %q", got)
			}
			close(slow.read)
			p.press(keyEnter)
			p.sees("Fine.")
			want := []string{"user: [/x/a.png] [/x/slow.png] what is it?"}
			if got := turns(e.asked()[0]); !slices.Equal(got, want) {
				t.Errorf("asked %q, want %q", got, want)
			}
		})
	}
}

// What reading a picture has to do first is told where it takes long.
func TestTellsWhatTakesLong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "slow.png"), testPicture("", 8, 8).Data, 0o600); err != nil {
		t.Fatal(err)
	}
	slow := newSlowly()
	var loader images.Loader
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: func(ctx context.Context, source string) ([]*images.Picture, error) {
		pictures, err := loader.Load(ctx, source) // tells that it reads the file
		if err == nil {
			_, err = slow.attach(ctx, source)
		}
		return pictures, err
	}})
	path := filepath.Join(dir, "slow.png")
	p.send(tea.WindowSizeMsg{Width: 300, Height: 24})
	p.enter("/attach " + path)
	p.sees("reading " + path + " · Esc stops")
	close(slow.read)
	p.sees("slow.png · 8×8")
}
