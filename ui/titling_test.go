package ui

import (
	"context"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// entitling is an engine that gives titles when it is asked for one, and else answers.
func entitling(title func(context.Context, engine.Request, yield)) *fake {
	return &fake{reply: func(ctx context.Context, r engine.Request, yield yield) {
		if r.Background {
			title(ctx, r, yield)
			return
		}
		say("A yellow disc.")(ctx, r, yield)
	}}
}

func titled(t *testing.T, e engine.Engine, dir string) *person {
	t.Helper()
	o := keptIn(Options{Setup: Setup{Engine: e, Prices: engine.Prices{Input: 1000}}, Titles: true, Pictures: []*images.Picture{testPicture("a.png", 32, 24)}}, dir)
	p := open(t, o)
	p.sees("tiny-vlm")
	return p
}

// The model is asked for a title after its first answer, by words alone; what it costs
// counts.
func TestTitling(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := entitling(say("“Disc over a ", "field”.\n"))
	p := titled(t, e, dir)
	p.enter("What is this?")
	p.until("a title", func() bool { return p.m.session.title != "" })
	p.enter("And now?")
	p.idle()
	if r := e.asked()[1]; len(e.asked()) != 3 || len(engine.Pictures(r.Messages)) > 0 || r.Sampling.Temperature != 0 || !r.Private || r.Session != "" || !strings.Contains(turns(r)[0], "Question: What is this?\n\nAnswer: A yellow disc.") {
		t.Errorf("asked is %+v of %d", r, len(e.asked()))
	}
	if got := dollars(p.m.status.cost); got != "$0.30" {
		t.Errorf("three answers of 100 tokens cost %s", got)
	}
	p.ended()
	if c := stored(t, dir); c.Title != "Disc over a field" || c.TitleBy != sessions.ByModel {
		t.Errorf("the session is %+v", c.Session)
	}
	q := open(t, keptIn(Options{Setup: Setup{Engine: e}, Titles: true, Resume: stored(t, dir).ID}, dir))
	q.sees("A yellow disc.")
	q.enter("And then?")
	q.idle()
	if len(e.asked()) != 4 || q.m.titling != nil {
		t.Error("one that has a title is given another")
	}
	q.ended()
}

// The next question does not wait, and a person's title stays.
func TestTitlingGivesWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := entitling(func(ctx context.Context, _ engine.Request, _ yield) { <-ctx.Done() })
	p := titled(t, e, dir)
	for range mostTitlings + 2 {
		p.enter("What is this?")
		p.idle()
	}
	p.until("the last one was given up", func() bool { return p.m.titling == nil })
	p.ended()
	if c := stored(t, dir); c.Title != "What is this?" || len(e.asked()) != 2*mostTitlings+2 || len(c.All) != 2*(mostTitlings+2) {
		t.Errorf("the session is %+v after %d requests", c.Session, len(e.asked()))
	}

	dir = t.TempDir()
	named := make(chan struct{})
	e = entitling(func(ctx context.Context, r engine.Request, yield yield) {
		<-named
		say("Disc over a field")(ctx, r, yield)
	})
	p = titled(t, e, dir)
	p.enter("What is this?")
	p.idle()
	p.enter("/rename Mine")
	close(named)
	p.until("it is over", func() bool { return p.m.titling == nil })
	p.ended()
	if c := stored(t, dir); c.Title != "Mine" || c.TitleBy != sessions.ByPerson {
		t.Errorf("the session is %+v", c.Session)
	}
}

// Where it makes no sense no title is asked for.
func TestNoTitling(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]func(*Options){
		"private": func(o *Options) { o.NoSave = true },
		"off":     func(o *Options) { o.Titles = false },
		"demo":    func(o *Options) { o.Untitled = true },
	} {
		e := entitling(say("Disc over a field"))
		o := keptIn(Options{Setup: Setup{Engine: e}, Titles: true}, t.TempDir())
		with(&o)
		p := open(t, o)
		p.enter("What is this?")
		p.idle()
		p.ended()
		if n := len(e.asked()); n != 1 {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
	e := entitling(say("Disc over a field"))
	talkPlain(t, keptIn(Options{Setup: Setup{Engine: e}, Titles: true}, t.TempDir()), "What is this?", "And that?")
	if n := len(e.asked()); n != 2 {
		t.Errorf("in a chat that no person has it is asked %d times", n)
	}
	if full := (fullness{percent: 90, size: 2048}); full.hasRoom(1000) || !full.hasRoom(100) || !(fullness{}).hasRoom(1<<20) {
		t.Error("it is not seen how much room there is")
	}
}
