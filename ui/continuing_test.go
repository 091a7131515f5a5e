package ui

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// chatted keeps a conversation with a branch, and returns the options to go on with it.
func chatted(t *testing.T, e engine.Engine) (Options, string) {
	t.Helper()
	dir := t.TempDir()
	p := open(t, keptIn(Options{Setup: Setup{Engine: &fake{reply: say("A disc.")}, System: "Be brief."}, Pictures: []*images.Picture{testPicture("a.png", 32, 24)}}, dir))
	p.sees("tiny-vlm")
	p.enter("What is this?")
	p.idle()
	p.enter("/retry")
	p.idle()
	p.enter("/branch 1")
	p.idle()
	p.ended()
	return keptIn(Options{Setup: Setup{Engine: e}, Version: "v1.2.3", Resume: stored(t, dir).ID}, dir), dir
}

// goOn goes on with a conversation by a question, and returns what came and how it ended.
func goOn(t *testing.T, ctx context.Context, o Options, q Question) (said string, failed error) {
	t.Helper()
	c, err := Continue(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	said, failed = heard(ctx, c, r)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return said, failed
}

// heard listens to an answer, and returns what came and how it ended.
func heard(ctx context.Context, c *Continuation, r engine.Request) (said string, failed error) {
	for ev, err := range c.Chat(ctx, r) {
		if ev.Kind == engine.Delta {
			said += ev.Text
		}
		failed = err
	}
	return said, failed
}

// A script goes on where the chat was, and the chat where the script was.
func TestContinue(t *testing.T) {
	t.Parallel()
	e := &telling{fake: &fake{}}
	o, dir := chatted(t, e)
	o.Thinking, o.Opened = new(bool), map[string]string{"model": "/m.gguf"}
	e.reply = func(ctx context.Context, r engine.Request, yield yield) {
		// The engine is asked: what it is asked is on the disk.
		if c := stored(t, dir); c.All[len(c.All)-2].Text() != "And this?" || r.Session != c.ID || r.Private {
			t.Errorf("when the engine is asked as %q there is %q", r.Session, tree(c))
		}
		e.answers(ctx, r, yield)
	}
	if said, err := goOn(t, t.Context(), o, Question{Text: "And this?", Pictures: []*images.Picture{testPicture("b.png", 20, 20)}}); said != "Said 1." || err != nil {
		t.Errorf("it says %q, %v", said, err)
	}
	want := []string{"system: Be brief.", "user: [a.png] What is this?", "assistant: A disc.", "user: [b.png] And this?"}
	if got := turns(e.asked()[0]); !slices.Equal(got, want) {
		t.Errorf("asked is %q, want %q", got, want)
	} else if e.asked()[0].Messages[1].Parts[0].Picture.RGB() == nil {
		t.Error("the picture has no pixels")
	}
	c := stored(t, dir)
	if got, want := tree(c), []string{"1<0 user whole: [a.png] What is this?", "2<1 assistant whole: A disc.", "3<1 assistant whole: A disc.",
		"4<2 user whole: [b.png] And this?", "5<4 assistant whole: Said 1.", "leaf 5"}; !slices.Equal(got, want) {
		t.Errorf("kept is %q, want %q", got, want)
	}
	a := c.All[4]
	from := originOf(&a)
	if a.Engine != "native" || a.Model != "tiny-vlm" || a.Finish != "stop" || !strings.Contains(string(a.Usage), `"generated_tokens":23`) ||
		from == nil || *from.Seed != 1 || from.Model != "abc" || from.Vlmchat != "v1.2.3" || from.System != "Be brief." || from.Settings["model"] != "/m.gguf" || *from.Thinking {
		t.Errorf("of the answer is kept %+v, from %+v", a, from)
	}

	p := open(t, o)
	p.sees("Said 1.")
	p.ended()
}

// What holds for one question alone is kept with it; another system message is the
// conversation's from then on.
func TestContinueOnTerms(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say(`{}`)}
	o, dir := chatted(t, e)
	o.System = "Be long."
	if _, err := goOn(t, t.Context(), o, Question{Text: "As JSON?", Schema: []byte(`{"type":"object"}`)}); err != nil {
		t.Error(err)
	}
	o.System = ""
	if _, err := goOn(t, t.Context(), o, Question{Text: "By a grammar?", Grammar: `root ::= "{}"`}); err != nil {
		t.Error(err)
	}
	if _, err := goOn(t, t.Context(), o, Question{Text: "As you like?"}); err != nil {
		t.Error(err)
	}
	asked := e.asked()
	for i, want := range []engine.Request{{Schema: []byte(`{"type":"object"}`)}, {Grammar: `root ::= "{}"`}, {}} {
		if r := asked[i]; string(r.Schema) != string(want.Schema) || r.Grammar != want.Grammar || turns(r)[0] != "system: Be long." {
			t.Errorf("%d is asked with %q, %q under %q", i+1, r.Schema, r.Grammar, turns(r)[0])
		}
	}
	recall := func(k images.Kept) *images.Picture {
		return new(images.Loader).Recall(k, func() ([]byte, error) { return pictureIn(t, dir, k.SHA256), nil })
	}
	for i, r := range Replays(stored(t, dir), recall)[2:] {
		if got, _, ok := r.Request(t.Context()); !ok || string(got.Schema) != string(asked[i].Schema) || got.Grammar != asked[i].Grammar {
			t.Errorf("%d is asked again with %q, %q", i+1, got.Schema, got.Grammar)
		}
	}
}

// However an answer ends, what came of it is kept, and so it is while it comes.
func TestContinueEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := &fake{}
	o, dir := chatted(t, e)
	last := func() string { all := tree(stored(t, dir)); return all[len(all)-2] }
	e.reply = func(ctx context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Delta, Text: "Half of"}, nil)
		for last() != "5<4 assistant partial: Half of" {
			if t.Context().Err() != nil {
				return
			}
		}
		cancel()
		yield(engine.Event{}, ctx.Err())
	}
	if _, err := goOn(t, ctx, o, Question{Text: "What?"}); !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if got, want := last(), "5<4 assistant stopped: Half of"; got != want {
		t.Errorf("interrupted it is %q, want %q", got, want)
	}
	e.reply = refuse("A part", errOdd)
	if _, err := goOn(t, t.Context(), o, Question{Text: "And?"}); !errors.Is(err, errOdd) {
		t.Errorf("it ends with %v", err)
	}
	if got, want := last(), "7<6 assistant failed: A part"; got != want {
		t.Errorf("failed it is %q, want %q", got, want)
	}
	e.reply = func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Delta, Text: "void"}, nil)
		yield(engine.Event{Kind: engine.Restart}, nil)
		yield(engine.Event{Kind: engine.Delta, Text: "cut"}, nil)
	}
	if _, err := goOn(t, t.Context(), o, Question{Text: "And then?"}); err != nil {
		t.Error(err)
	}
	if got, want := last(), "9<8 assistant failed: cut"; got != want {
		t.Errorf("cut it is %q, want %q", got, want)
	}

	c, err := Continue(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	e.reply = say("One ", "two")
	r, _ := c.Ask(t.Context(), Question{Text: "Go on?"})
	for _, err := range c.Chat(t.Context(), r) {
		if err != nil {
			t.Error(err)
		}
		break // nobody listens any more
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if got, want := stored(t, dir).All[10], "One "; got.Text() != want || got.State != sessions.Stopped {
		t.Errorf("left it is %s: %q, want %q", got.State, got.Text(), want)
	}
}

// A question that failed before a word came is asked again with its pictures once.
func TestContinueAsksAgain(t *testing.T) {
	t.Parallel()
	e := &fake{reply: refuse("", errOdd)}
	o, _ := chatted(t, e)
	again := Question{Text: "And this?", Pictures: []*images.Picture{testPicture("b.png", 20, 20)}}
	if _, err := goOn(t, t.Context(), o, again); !errors.Is(err, errOdd) {
		t.Errorf("it ends with %v", err)
	}
	e.reply = say("A ball.")
	if _, err := goOn(t, t.Context(), o, again); err != nil {
		t.Error(err)
	}
	if _, err := goOn(t, t.Context(), o, Question{Text: "Why?"}); err != nil {
		t.Error(err)
	}
	want := []string{"system: Be brief.", "user: [a.png] What is this?", "assistant: A disc.", "user: [b.png] And this?", "assistant: A ball.", "user: Why?"}
	if got := turns(e.asked()[1]); !slices.Equal(got, want[:4]) {
		t.Errorf("asked again is %q, want %q", got, want[:4])
	}
	if got := turns(e.asked()[2]); !slices.Equal(got, want) {
		t.Errorf("asked then is %q, want %q", got, want)
	}
}

// In private a conversation is asked with and stays as it is; where another process has it
// open it becomes a branch.
func TestContinueBesides(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Yes.")}
	o, dir := chatted(t, e)
	before := tree(stored(t, dir))
	o.NoSave = true
	if _, err := goOn(t, t.Context(), o, Question{Text: "A secret?"}); err != nil {
		t.Error(err)
	}
	if r := e.asked()[0]; !r.Private || r.Session != "" || len(r.Messages) != 4 {
		t.Errorf("asked is %+v", r)
	}
	if got := tree(stored(t, dir)); !slices.Equal(got, before) {
		t.Errorf("kept is %q", got)
	}

	o.NoSave = false
	p := open(t, o)
	p.sees("What is this?")
	c, err := Continue(t.Context(), o)
	if err != nil || !c.Held {
		t.Fatalf("the conversation is open in a chat, and held is %v, %v", c.Held, err)
	}
	p.enter("In the chat?")
	p.idle()
	r, _ := c.Ask(t.Context(), Question{Text: "In a script?"})
	if said, err := heard(t.Context(), c, r); said != "Yes." || err != nil {
		t.Errorf("it says %q, %v", said, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	p.ended()
	if got, want := tree(stored(t, dir))[3:], []string{"4<2 user whole: In the chat?", "5<4 assistant whole: Yes.",
		"6<2 user whole: In a script?", "7<6 assistant whole: Yes.", "leaf 7"}; !reflect.DeepEqual(got, want) {
		t.Errorf("kept is %q, want %q", got, want)
	}
}

// What can't be kept is asked all the same, and kept when that is possible again; what was
// removed meanwhile stays removed, also for the engine.
func TestContinueUnsaved(t *testing.T) {
	t.Parallel()
	e := &fake{}
	o, dir := chatted(t, e)
	db, err := sql.Open("sqlite", filepath.Join(dir, "sessions.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(text string) {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Error(err)
		}
	}
	do("CREATE TRIGGER broken BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'broken'); END")
	e.reply = func(ctx context.Context, r engine.Request, yield yield) {
		do("DROP TRIGGER broken")
		say("Yes.")(ctx, r, yield)
	}
	c, err := Continue(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Ask(t.Context(), Question{Text: "What?"})
	if err == nil || !strings.Contains(err.Error(), "keeping a message: ") || len(r.Messages) != 4 {
		t.Errorf("asked is %q, %v", turns(r), err)
	}
	if said, err := heard(t.Context(), c, r); said != "Yes." || err != nil {
		t.Errorf("it says %q, %v", said, err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("in the end it is not kept: %v", err)
	}
	if got, want := tree(stored(t, dir))[4], "5<4 assistant whole: Yes."; got != want {
		t.Errorf("kept is %q, want %q", got, want)
	}

	if c, err = Continue(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Remove(t.Context(), o.Resume); err != nil {
		t.Fatal(err)
	}
	r, err = c.Ask(t.Context(), Question{Text: "And?"})
	if !r.Private || !errors.Is(err, errRemoved) || !errors.Is(c.Close(), errRemoved) {
		t.Errorf("of a conversation that was removed the request is private: %v, %v", r.Private, err)
	}
	if _, err := Continue(t.Context(), o); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}
