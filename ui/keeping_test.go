package ui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/images/clipboard"
	"github.com/vlmchat/vlmchat/sessions"
)

// keptIn has a chat kept in a folder.
func keptIn(o Options, dir string) Options {
	o.Store = func() (*sessions.Store, error) { return sessions.Open(dir) }
	o.Recall = new(images.Loader).Recall
	return o
}

// stored reads the session that was used last.
func stored(t *testing.T, dir string) *sessions.Conversation {
	t.Helper()
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	last, err := s.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Load(t.Context(), last.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tree writes the messages of a session: "2<1 assistant whole: A cat."
func tree(c *sessions.Conversation) []string {
	var all []string
	number := map[int64]int{}
	for i, m := range c.All {
		number[m.ID] = i + 1
		line := string(rune('1'+i)) + "<" + string(rune('0'+number[m.Parent])) + " " + string(m.Role) + " " + string(m.State) + ":"
		for _, p := range m.Pictures() {
			line += " [" + p.Source + "]"
		}
		all = append(all, line+" "+m.Text())
	}
	return append(all, "leaf "+string(rune('0'+number[c.Leaf])))
}

// ended closes a chat as the program does.
func (p *person) ended() {
	p.t.Helper()
	if err := p.m.leave(); err != nil {
		p.t.Fatal(err)
	}
}

// What is said is kept as it is said: the question before the engine has it, branches,
// and another conversation as another session.
func TestKeeping(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := &fake{}
	e.reply = func(ctx context.Context, r engine.Request, yield yield) {
		// The engine is asked: what it is asked is on the disk.
		c := stored(t, dir)
		if last := c.All[len(c.All)-1]; last.State == sessions.Whole || c.All[len(c.All)-2].Text() == "" {
			t.Errorf("when the engine is asked there is %q", tree(c))
		}
		say("It is a ", "disc.")(ctx, r, yield)
	}
	p := open(t, keptIn(Options{Setup: Setup{Engine: e, System: "Be brief."}, Pictures: []*images.Picture{testPicture("a.png", 32, 24)}}, dir))
	p.sees("tiny-vlm")
	p.enter("What is this?")
	p.idle()
	e.reply = sayThenHang("It is")
	p.enter("/retry")
	p.sees("It is")
	p.press(keyEsc)
	p.idle()
	e.reply = refuse("", &engine.Error{Kind: engine.ContextFull, Message: "The context is full.", Hint: "/clear"})
	p.enter("And then?")
	p.idle()
	p.enter("/undo")
	p.ended()
	c := stored(t, dir)
	if got, want := tree(c), []string{
		"1<0 user whole: [a.png] What is this?", "2<1 assistant whole: It is a disc.", "3<1 assistant stopped: It is",
		"4<3 user whole: And then?", "5<4 assistant failed: ", "leaf 3",
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("kept is %q,\nwant %q", got, want)
	}
	a := c.All[1]
	if a.Model != "tiny-vlm" || !strings.Contains(string(a.Usage), `"generated_tokens":23`) || !strings.Contains(string(a.Sampling), "temperature") || a.Finish != "stop" {
		t.Errorf("of the answer is kept %+v", a)
	}
	if c.Title != "What is this?" || c.System != "Be brief." {
		t.Errorf("the session is %+v", c.Session)
	}

	// Opened again it is as it was.
	e.reply = say("Round.")
	q := open(t, keptIn(Options{Setup: Setup{Engine: e}, Resume: ""}, dir))
	q.run(q.m.resume(c.ID))
	q.sees("■ stopped")
	if screen := q.screen(); !strings.Contains(screen, "What is this?") || !strings.Contains(screen, "‹2/2›") || !strings.Contains(screen, "a.png · 32×24") {
		t.Errorf("the screen shows\n%s", screen)
	}
	q.enter("Which form?")
	q.idle()
	want := []string{"system: Be brief.", "user: [a.png] What is this?", "assistant: It is", "user: Which form?"}
	if asked := e.asked(); !reflect.DeepEqual(turns(asked[len(asked)-1]), want) {
		t.Errorf("asked is %q, want %q", turns(asked[len(asked)-1]), want)
	} else if picture := asked[len(asked)-1].Messages[1].Parts[0].Picture; picture.RGB() == nil {
		t.Error("the picture has no pixels")
	}
	q.enter("/clear")
	q.enter("Something else?")
	q.idle()
	q.ended()
	if got, want := tree(stored(t, dir)), []string{"1<0 user whole: Something else?", "2<1 assistant whole: Round.", "leaf 2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("after /clear there is %q, want %q", got, want)
	}
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if again, err := s.Load(t.Context(), c.ID); err != nil || len(again.All) != 7 {
		t.Errorf("the first session has %q, %v", tree(again), err)
	}
}

// An answer that is being written is written down while it comes.
func TestKeepingWhileItComes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := open(t, keptIn(Options{Setup: Setup{Engine: &fake{reply: sayThenHang("Half of it")}}}, dir))
	p.enter("What?")
	p.sees("Half of it")
	p.until("it is on the disk", func() bool {
		c := stored(t, dir)
		last := c.All[len(c.All)-1]
		return last.State == sessions.Partial && last.Text() == "Half of it"
	})
	// As if the process were killed here.
	q := open(t, keptIn(Options{Setup: Setup{Engine: &fake{reply: say("x")}}, Resume: stored(t, dir).ID}, dir))
	q.sees("Half of it")
	q.sees("■ stopped")
	q.sees("Another vlmchat has this conversation open")
}

func TestNoSave(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	f := &fake{reply: say("An answer.")}
	o := keptIn(Options{Setup: Setup{Engine: f}}, dir)
	o.NoSave = true
	p := open(t, o)
	p.sees("not saved")
	p.enter("What?")
	p.idle()
	p.write("a draft")
	p.ended()
	if r := f.asked()[0]; !r.Private || r.Session != "" {
		t.Errorf("the engine may keep what it is asked, as session %q", r.Session)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("there is a store")
	}
}

// A store that can't be written to is told once. The chat goes on, and all of it is
// written when that is possible again.
func TestUnsaved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := true
	o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}}, dir)
	o.Store = func() (*sessions.Store, error) {
		if broken {
			return nil, errors.New("keeping it: the disk is full")
		}
		return sessions.Open(dir)
	}
	p := open(t, o)
	p.sees("This conversation is not being saved: keeping it: the disk is full")
	p.enter("What?")
	p.idle()
	p.sees("not saved")
	if n := strings.Count(p.screen(), "disk is full"); n != 1 {
		t.Errorf("it is said %d times:\n%s", n, p.screen())
	}
	p.m.keeper.turn.Lock()
	broken = false
	p.m.keeper.turn.Unlock()
	p.enter("And now?")
	p.sees("saved again")
	p.idle()
	if strings.Contains(p.screen(), "not saved ·") {
		t.Errorf("it still says that nothing is saved:\n%s", p.screen())
	}
	p.ended()
	if got, want := tree(stored(t, dir)), []string{"1<0 user whole: What?", "2<1 assistant whole: An answer.", "3<2 user whole: And now?", "4<3 assistant whole: An answer.", "leaf 4"}; !reflect.DeepEqual(got, want) {
		t.Errorf("kept is %q, want %q", got, want)
	}
}

// What was being written comes again, with its pictures.
func TestDraftComesAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}}, dir)
	p := open(t, o)
	p.enter("/attach pictures/a.png")
	p.idle()
	p.write("Half a quest")
	p.ended()
	q := open(t, o)
	q.sees("Half a quest")
	q.sees("[a.png · 96×64]")
	q.write("ion")
	q.press(keyEnter)
	q.sees("An answer.")
	q.idle()
	q.ended()
	if got := tree(stored(t, dir))[0]; !strings.HasSuffix(got, "pictures/a.png] Half a question") {
		t.Errorf("sent was %q", got)
	}
	r := open(t, o)
	r.sees("Type a question")
	r.idle()
	r.ended()
}

// What was pasted, and what was cut out of a picture, is in no file: it comes again with the
// draft all the same, also after the process was killed, and goes when it is not wanted.
func TestDraftWithoutFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}}, dir)
	o.Clipboard = func(context.Context, clipboard.Terminal, func(string) string) (Copied, error) {
		return Copied{Pictures: []*images.Picture{testPicture("clipboard", 40, 30)}}, nil
	}
	pictures := func() int {
		files, err := filepath.Glob(filepath.Join(dir, "pictures", "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	p := open(t, o)
	p.enter("/paste")
	p.sees("[clipboard · 40×30]")
	p.enter("/crop 0,0,50%,50%")
	p.idle()
	p.write("Half a quest")
	p.until("it is kept", func() bool { return !p.m.drafting && pictures() == 2 })
	p.m.session.kept.hold.Release() // as if the process were killed here
	q := open(t, o)
	q.sees("Half a quest")
	q.idle()
	q.sees("[clipboard · 40×30]")
	if shots := q.m.attachments.shots(); len(shots) != 2 || shots[1].picture.Place != p.m.attachments[1].shot.picture.Place || shots[1].image == nil {
		t.Fatalf("the pictures are %+v:\n%s", shots, q.screen())
	}
	q.write("ion")
	q.press(keyEnter)
	q.sees("An answer.")
	q.idle()
	q.enter("/attach b.png")
	q.idle()
	q.write("x")
	q.until("another draft", func() bool { return pictures() == 3 })
	q.press(keyBackspace, keyBackspace) // the letter, and the picture
	q.until("it is gone", func() bool { return pictures() == 2 })
	q.ended()
	if c := stored(t, dir); len(c.All[0].Pictures()) != 2 || c.All[0].Pictures()[1].Width != 20 {
		t.Errorf("sent was %+v", c.All[0].Pictures())
	}
}

// Pictures that are named at the start are there once, and are not there again for who
// left without having written anything.
func TestDraftWithPicturesOfTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	with := func(pictures ...string) Options {
		o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}}, dir)
		for _, name := range pictures {
			o.Pictures = append(o.Pictures, testPicture(name, 96, 64))
		}
		return o
	}
	p := open(t, with("pictures/a.png"))
	p.idle()
	p.ended()
	p = open(t, with())
	p.idle()
	if len(p.m.attachments) > 0 {
		t.Errorf("a picture of an earlier start is attached:\n%s", p.screen())
	}
	p.ended()

	p = open(t, with("pictures/a.png"))
	p.write("Half a question")
	p.ended()
	p = open(t, with("pictures/a.png"))
	p.sees("› Half a question")
	p.idle()
	if n := len(p.m.attachments); n != 1 {
		t.Errorf("there are %d pictures:\n%s", n, p.screen())
	}
	p.ended()
}

// A session that another process removes is not written any more, and that is said.
func TestRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := &fake{reply: say("An answer.")}
	p := open(t, keptIn(Options{Setup: Setup{Engine: f}}, dir))
	p.enter("What?")
	p.idle()
	p.until("it is kept", func() bool { return stored(t, dir).All[1].State == sessions.Whole })
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first := p.m.session.id
	if err := s.Remove(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	p.enter("And now?")
	p.sees("another vlmchat has removed this")
	p.idle()
	p.sees("not saved")
	p.enter("And then?")
	p.idle()
	p.enter("/clear")
	p.until("it is saved again", func() bool { return !p.m.status.unsaved })
	p.enter("And here?")
	p.idle()
	p.ended()
	asked := f.asked()
	if last := asked[len(asked)-1]; last.Private || last.Session != stored(t, dir).ID {
		t.Errorf("after /clear it asked %+v", last)
	}
	for i, r := range asked[:len(asked)-1] {
		if i == 0 && (r.Private || r.Session != first) || i > 0 && !r.Private {
			t.Errorf("request %d is of session %q, private: %v", i+1, r.Session, r.Private)
		}
	}
	if n := len(asked); n != 4 {
		t.Errorf("the engine was asked %d times", n)
	}
}

// Pictures of a conversation that is opened are loaded when they come into view; one
// that is lost is told of in its place, and to the model in words.
func TestLatePictures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := &fake{reply: say("An answer.")}
	p := open(t, keptIn(Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("lost.png", 32, 24)}}, dir))
	p.enter("The first?")
	p.idle()
	for range 4 {
		p.enter("/attach a.png")
		p.idle()
		p.enter("What?")
		p.idle()
	}
	p.ended()
	files, err := filepath.Glob(filepath.Join(dir, "pictures", "*", "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("the pictures are %q, %v", files, err)
	}
	lost := p.m.talk.path()[0].question.shots[0].picture.SHA256
	if err := os.Remove(filepath.Join(dir, "pictures", lost[:2], lost)); err != nil {
		t.Fatal(err)
	}
	q := open(t, keptIn(Options{Setup: Setup{Engine: e}, Resume: stored(t, dir).ID}, dir))
	q.sees("-+######*=.") // the last one, in characters
	first := q.m.talk.path()[0].question.shots[0]
	if first.wanted || first.image != nil || first.lost != "" {
		t.Errorf("a picture that is not in view: %+v", first)
	}
	q.press(keyCtrlHome)
	q.sees("is lost")
	q.enter("And now?")
	q.idle()
	asked := e.asked()
	if got := turns(asked[len(asked)-1])[0]; got != "user: (Here was a picture, which is lost.) The first?" {
		t.Errorf("the model hears %q", got)
	}
	q.enter("/zoom")
	q.idle()
	q.press(keyEsc)
	q.ended()
}

// Two answers that are compared are kept as branches.
func TestKeepingCompared(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	setup := Setup{Engine: &fake{reply: say("One says this.")}}
	setup.Switch = func(context.Context, To) (Setup, error) {
		return Setup{Engine: &fake{reply: say("Another says that.")}}, nil
	}
	p := open(t, keptIn(Options{Setup: setup}, dir))
	p.sees("tiny-vlm")
	p.enter("What is this?")
	p.idle()
	p.ended()
	o := keptIn(Options{Setup: setup, Resume: stored(t, dir).ID}, dir)
	q := open(t, o)
	q.sees("One says this.")
	q.enter("/compare other")
	q.until("both are kept", func() bool {
		c := stored(t, dir)
		return len(c.All) >= 3 && c.All[2].Text() == "Another says that." && c.All[2].State == sessions.Whole && c.All[2].Parent == c.All[0].ID
	})
	q.ended()
}

// Pictures that can be found from anywhere keep their names.
func TestAbsolute(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"", "~/a.png", "https://host/a.png", "file:///home/me/a.png", "FILE:///a.png"} {
		if got := absolute(source); got != source {
			t.Errorf("%q is %q", source, got)
		}
	}
	if got := absolute("a.png"); !filepath.IsAbs(got) || filepath.Base(got) != "a.png" {
		t.Errorf("a.png is %q", got)
	}
}

// A draft has its pictures in the order of the chips, without those that its text names.
func TestDraftOfChips(t *testing.T) {
	t.Parallel()
	s := newStage(60, 16)
	s.m.session = newSession()
	s.loaded()
	s.attaches("a.png", "b.png", "c.png")
	s.send(keyAltRight, keyAltRight, keyEsc)
	var got []string
	for _, p := range s.m.unsentNow().pictures {
		got = append(got, p.source)
	}
	if want := []string{"b.png", "a.png", "c.png"}; !slices.Equal(got, want) {
		t.Errorf("the draft has %q, want %q", got, want)
	}
	s.enter("What is in d.png?")
	if d := s.m.unsentNow(); d.text != "What is in d.png?" || len(d.pictures) != 3 {
		t.Errorf("the draft is %+v", d)
	}
}
