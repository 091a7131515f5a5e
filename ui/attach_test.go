package ui

import (
	"context"
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
	p.sees(busyHint)
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
	for _, name := range []string{"红色的圆形.png", "a rather long name of a picture.jpeg", "c.png", "d.png"} {
		as = append(as, &attachment{source: name}, &attachment{source: name, shot: newShot(testPicture(name, 8, 8))})
		for width := range 120 {
			line := cut(as.view(width, st), width, "", st.by)
			if w := st.width(line); w > width {
				t.Errorf("%d cells in %d: %q", w, width, line)
			}
		}
	}
}
